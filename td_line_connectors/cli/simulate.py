"""What plays LINE in a rehearsal?"""

from collections.abc import Iterable
from random import Random
from typing import Final

import click

from td_line_connectors.cli.groups import Group
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.secrets import read_secret
from td_line_connectors.connectors.line_oa.connector import PLUGIN as LINE_OA
from td_line_connectors.errors import ConfigError
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.blocks import Block, judge
from td_line_connectors.project.project import Project
from td_line_connectors.schema.parameters import Place
from td_line_connectors.sources.connecting import connect_input
from td_line_connectors.testing.line.calls import SignedCall, signed_call
from td_line_connectors.testing.line.events import EventFactory
from td_line_connectors.testing.line.payloads import EVENT_TYPES
from td_line_connectors.testing.line.sending import PATIENCE, Tally, send_calls
from td_line_connectors.testing.line.traffic import traffic

__all__ = ["simulate"]

ACCEPTED: Final = 0
UNREACHABLE: Final = 4
REFUSED: Final = 5

HINTS: Final = {
    401: "Is this the secret of the source's connection?",
    404: "Does the URL end with /v1/task/ and the id that `source create` printed?",
    503: "The receiver cannot store anything: its log says why.",
}


@click.group(cls=Group)
def simulate() -> None:
    """Play a far side that calls, for rehearsals."""


def _types(_context: click.Context, _parameter: click.Parameter, text: str | None) -> tuple[str, ...]:
    wanted = tuple(each.strip() for each in (text or ",".join(EVENT_TYPES)).split(",") if each.strip())
    if unknown := [each for each in wanted if each not in EVENT_TYPES]:
        raise click.BadParameter(f"«{unknown[0]}» is no type of event; there are {', '.join(EVENT_TYPES)}")
    return wanted or EVENT_TYPES


@simulate.command()
@click.option("--url", required=True, help="The webhook's URL, /v1/task/ and the source's id included.")
@click.option("--connection", metavar="NAME", help="Sign with this connection's channel secret, the first one.")
@click.option("--secret-stdin", is_flag=True, help="Sign with a secret read from standard input, or asked for.")
@click.option("--count", default=100, show_default=True, type=click.IntRange(min=1), help="Different calls.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), help="Calls a second; without it: as fast as may be.")
@click.option("--types", metavar="TYPE,…", callback=_types, help="Types of events, taken in turn; all without it.")
@click.option("--events-per-call", default=1, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--connections", default=4, show_default=True, type=click.IntRange(1, 1_000), help="Calls under way.")
@click.option("--redeliver", is_flag=True, help="Send each call a second time, as a redelivery with the same ids.")
@click.option("--verify", is_flag=True, help="Only send what the console's Verify button sends: no events.")
@click.option("--seed", type=int, help="The same seed makes the same people and texts.")
@click.pass_obj
def line(  # noqa: PLR0913 - one argument for each option
    invocation: Invocation,
    *,
    url: str,
    connection: str | None,
    secret_stdin: bool,
    count: int,
    rate: float | None,
    types: tuple[str, ...],
    events_per_call: int,
    connections: int,
    redeliver: bool,
    verify: bool,
    seed: int | None,
) -> int:
    """Play LINE: send signed webhook calls, and count the answers.

    Ends with 0 if all were accepted, 4 if some got no answer or 5xx, and 5 if some were refused.
    """
    secret = _secret(invocation, connection, secret_stdin=secret_stdin)
    if verify:
        calls: Iterable[SignedCall] = [signed_call([], secret)]
    else:
        factory = EventFactory(Random(seed))  # noqa: S311 - made-up people
        calls = traffic(factory, secret, calls=count, types=types, events_per_call=events_per_call, redeliver=redeliver)
    try:
        tally = send_calls(url, calls, connections=connections, rate=rate, patience=PATIENCE)
    except ValueError as error:
        raise ConfigError.of("url", "url", str(error)) from error
    _tell(invocation, tally)
    return _code(tally)


def _secret(invocation: Invocation, connection: str | None, *, secret_stdin: bool) -> str:
    """Give the secret to sign with.

    Raises:
        click.UsageError: if it is not said, or said twice, where it comes from.
        ConfigError: if the connection has none.
    """
    if (connection is None) is not secret_stdin:
        raise click.UsageError("Say where the secret comes from: either --connection NAME or --secret-stdin.")
    if connection is None:
        return read_secret(invocation.stdin)
    return _channel_secret(invocation.project(), connection)


def _channel_secret(project: Project, name: str) -> str:
    """Give the first channel secret of a connection.

    Raises:
        ConfigError: if there is no such connection, something in it is wrong, or it is none of LINE's.
    """
    plugin, _ = connect_input(name, project, default_registry())
    if plugin is not LINE_OA:
        message = f"«{name}» is a connection of type {plugin.name}; only {LINE_OA.name} has a channel secret"
        raise ConfigError.of("connection", "type", message)
    block = Block(project.connections[name].without("type"), Place.EITHER)
    config = LINE_OA.parameters.parse(judge(LINE_OA.parameters, [block], project.secrets).values)
    return config.channel_secret[0].reveal()


def _tell(invocation: Invocation, tally: Tally) -> None:
    output = invocation.output
    if output.as_json:
        output.document(
            {
                "calls": tally.calls,
                "accepted": tally.accepted,
                "statuses": {str(status): count for status, count in tally.statuses.items()},
                "unanswered": dict(tally.unanswered),
                "seconds": round(tally.seconds, 3),
                "slowest": round(tally.slowest, 3),
            }
        )
        return
    pace = tally.calls / max(tally.seconds, 1e-9)
    output.write(
        f"{tally.calls:,} call{'' if tally.calls == 1 else 's'} in {tally.seconds:.1f} s, {pace:,.0f} a second; "
        f"accepted: {tally.accepted:,}; the slowest answer took {tally.slowest * 1000:,.0f} ms\n"
    )
    rows: list[tuple[object, int]] = [*tally.statuses.items(), *tally.unanswered.items()]
    output.table(("answer", "calls"), rows, header=True)
    for status in tally.statuses:
        if status in HINTS:
            output.say(f"{status}: {HINTS[status]}")


def _code(tally: Tally) -> int:
    if tally.accepted == tally.calls:
        return ACCEPTED
    return UNREACHABLE if tally.unanswered or any(status >= 500 for status in tally.statuses) else REFUSED
