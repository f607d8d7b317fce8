"""What plays the far side in a rehearsal?"""

from pathlib import Path

import click

from td_line_connectors.cli.groups import Group
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.output import Output
from td_line_connectors.errors import ConfigError
from td_line_connectors.settings.text import read_text
from td_line_connectors.testing.maac.fault_text import parse_fault
from td_line_connectors.testing.maac.faults import Fault
from td_line_connectors.testing.maac.regions import REGIONS
from td_line_connectors.testing.maac.server import DEFAULT_TOKEN, MaacEmulator

__all__ = ["emulate"]

POSITIVE = click.FloatRange(min=0, min_open=True)


@click.group(cls=Group)
def emulate() -> None:
    """Play a far side, for rehearsals."""


def _faults(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[Fault, ...]:
    try:
        return tuple(map(parse_fault, texts))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@emulate.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The IPv4 address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65_535), help="0 takes a free one.")
@click.option("--token", default=DEFAULT_TOKEN, show_default=True, help="Opens the account; a made-up one will do.")
@click.option("--region", default="tw", show_default=True, type=click.Choice(tuple(REGIONS)))
@click.option("--time-scale", default=1.0, show_default=True, type=POSITIVE, help="So many times faster than life.")
@click.option("--task-seconds", default=0.5, show_default=True, type=click.FloatRange(0), help="One import's length.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="KIND[:OPERATION][:NAME=VALUE]…",
    callback=_faults,
    help="How a call fails, such as rate_limited:member_import:times=2:retry_after=1. Repeatable.",
)
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
    faults: tuple[Fault, ...],
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
    _serve(emulator, invocation.output, f"{host}:{port}")


def _keys(file: str) -> list[str]:
    lines = read_text(Path(file), file).splitlines()
    return [line.strip() for line in lines if line.strip()]


def _serve(emulator: MaacEmulator, output: Output, address: str) -> None:
    """Serve until a signal comes, which is the right end here."""
    try:
        emulator.start()
    except OSError as error:
        message = f"listening on {address}: {error.strerror or 'no such address'}; choose others with --host and --port"
        raise ConfigError.of("port", "address", message) from error
    try:
        text = f"MAAC is emulated at {emulator.url}\nendpoint: {emulator.url}\napi_token: {emulator.token}"
        output.result({"url": emulator.url, "token": emulator.token}, text)
        output.flush()
        output.say("Ctrl-C ends it.")
        emulator.serve_forever()
    except KeyboardInterrupt:
        output.say(f"Ended after {len(emulator.calls):,} calls; limits not kept: {len(emulator.violations):,}.")
    finally:
        emulator.stop()
