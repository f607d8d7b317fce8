"""What plays the far side in a rehearsal?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from td_line_connectors.cli.groups import Group
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.output import Output
from td_line_connectors.errors import ConfigError
from td_line_connectors.settings.text import read_text
from td_line_connectors.testing.emulation.emulator import Emulator
from td_line_connectors.testing.emulation.fault_text import parse_fault
from td_line_connectors.testing.emulation.faults import WireFault
from td_line_connectors.testing.maac.faults import Fault
from td_line_connectors.testing.maac.regions import REGIONS
from td_line_connectors.testing.maac.server import DEFAULT_TOKEN, MaacEmulator
from td_line_connectors.testing.treasure_data.faults import TreasureDataFault
from td_line_connectors.testing.treasure_data.server import DEFAULT_API_KEY, DEFAULT_WRITE_KEY, TreasureDataEmulator

__all__ = ["emulate"]

POSITIVE: Final = click.FloatRange(min=0, min_open=True)
Option = Callable[[Callable[..., Any]], Callable[..., Any]]

HOST: Final = click.option("--host", default="127.0.0.1", show_default=True, help="The IPv4 address to listen on.")
TIME_SCALE: Final = click.option(
    "--time-scale", default=1.0, show_default=True, type=POSITIVE, help="So many times faster than life."
)


@click.group(cls=Group)
def emulate() -> None:
    """Play a far side, for rehearsals."""


def _port(default: int) -> Option:
    port = click.IntRange(0, 65_535)
    return click.option("--port", default=default, show_default=True, type=port, help="0 takes a free one.")


def _fault(fault_type: type[WireFault], example: str) -> Option:
    def read(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[WireFault, ...]:
        try:
            return tuple(parse_fault(text, fault_type) for text in texts)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error

    metavar = "KIND[:OPERATION][:NAME=VALUE]…"
    described = f"How a call fails, such as {example}. Repeatable."
    return click.option("--fault", "faults", multiple=True, metavar=metavar, callback=read, help=described)


@emulate.command()
@HOST
@_port(8080)
@click.option("--token", default=DEFAULT_TOKEN, show_default=True, help="Opens the account; a made-up one will do.")
@click.option("--region", default="tw", show_default=True, type=click.Choice(tuple(REGIONS)))
@TIME_SCALE
@click.option("--task-seconds", default=0.5, show_default=True, type=click.FloatRange(0), help="One import's length.")
@_fault(Fault, "rate_limited:member_import:times=2:retry_after=1")
@click.option("--blocked", metavar="FILE", help="Keys of people who have blocked the account, one a line.")
@click.pass_obj
def maac(  # noqa: PLR0913 - one argument for each option
    invocation: Invocation,
    *,
    host: str,
    port: int,
    token: str,
    region: str,
    time_scale: float,
    task_seconds: float,
    faults: tuple[WireFault, ...],
    blocked: str | None,
) -> None:
    """Play Crescendo Lab's MAAC, until Ctrl-C.

    Prints the URL for `endpoint:` and the token for `api_token:`.
    """
    people = _keys(blocked) if blocked else ()
    emulator = MaacEmulator(
        token=token, host=host, port=port, faults=faults, time_scale=time_scale, task_seconds=task_seconds
    )
    emulator.add_account(token, region=region, blocked=people)

    def introduce() -> None:
        text = f"MAAC is emulated at {emulator.url}\nendpoint: {emulator.url}\napi_token: {emulator.token}"
        invocation.output.result({"url": emulator.url, "token": emulator.token}, text)

    _serve(emulator, invocation.output, f"{host}:{port}", introduce)
    invocation.output.say(f"Ended after {len(emulator.calls):,} calls; limits not kept: {len(emulator.violations):,}.")


def _keys(file: str) -> list[str]:
    lines = read_text(Path(file), file).splitlines()
    return [line.strip() for line in lines if line.strip()]


@emulate.command()
@HOST
@_port(8081)
@click.option("--api-key", default=DEFAULT_API_KEY, show_default=True, help="A master key; a made-up one will do.")
@click.option("--write-key", default=DEFAULT_WRITE_KEY, show_default=True, help="A write-only key, made-up as well.")
@click.option("--table", "tables", multiple=True, metavar="DATABASE.TABLE", help="A table that is there. Repeatable.")
@TIME_SCALE
@click.option("--job-seconds", default=0.5, show_default=True, type=click.FloatRange(0), help="One job's length.")
@_fault(TreasureDataFault, "record_errors:ingest:records=0,3:error=InvalidPropertyValueError")
@click.pass_obj
def treasure_data(  # noqa: PLR0913 - one argument for each option
    invocation: Invocation,
    *,
    host: str,
    port: int,
    api_key: str,
    write_key: str,
    tables: tuple[str, ...],
    time_scale: float,
    job_seconds: float,
    faults: tuple[WireFault, ...],
) -> None:
    """Play Treasure Data, its ingestion, import and API hosts in one, until Ctrl-C.

    Prints the URL for `endpoint:`, `ingest_endpoint:` and `import_endpoint:`, and the keys.
    """
    emulator = TreasureDataEmulator(
        api_key=api_key,
        write_key=write_key,
        host=host,
        port=port,
        faults=faults,
        time_scale=time_scale,
        job_seconds=job_seconds,
    )
    for table in tables:
        _add_table(emulator, table)

    def introduce() -> None:
        lines = [f"Treasure Data is emulated at {emulator.url}"]
        lines += [f"{name}: {emulator.url}" for name in ("endpoint", "ingest_endpoint", "import_endpoint")]
        lines += [f"api_key: {emulator.api_key}", f"td_api_key: {emulator.write_key}"]
        document = {"url": emulator.url, "api_key": emulator.api_key, "write_key": emulator.write_key}
        invocation.output.result(document, "\n".join(lines))

    _serve(emulator, invocation.output, f"{host}:{port}", introduce)
    taken = sum(delivery.taken for delivery in emulator.deliveries)
    invocation.output.say(
        f"Ended after {len(emulator.calls):,} calls; records taken: {taken:,}; "
        f"limits not kept: {len(emulator.violations):,}."
    )


def _add_table(emulator: TreasureDataEmulator, text: str) -> None:
    database, _, name = text.partition(".")
    try:
        emulator.add_tables(database, name)
    except ValueError as error:
        raise click.BadParameter(f"«{text}» is not DATABASE.TABLE: {error}", param_hint="--table") from error


def _serve(emulator: Emulator, output: Output, address: str, introduce: Callable[[], None]) -> None:
    """Serve until a signal comes, which is the right end here."""
    try:
        emulator.start()
    except OSError as error:
        message = f"listening on {address}: {error.strerror or 'no such address'}; choose others with --host and --port"
        raise ConfigError.of("port", "address", message) from error
    except ModuleNotFoundError as error:
        raise ConfigError.of(error.name or "msgpack", "extra", str(error)) from error
    try:
        introduce()
        output.flush()
        output.say("Ctrl-C ends it.")
        emulator.serve_forever()
    except KeyboardInterrupt:
        return
    finally:
        emulator.stop()
