"""What of a source is not at Treasure Data?"""

import time
from dataclasses import asdict
from datetime import UTC, datetime

import click

from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.source_names import find_source
from td_line_connectors.drain.backlog import backlog_of
from td_line_connectors.drain.rejects import hand_over_again, rejects_of
from td_line_connectors.errors import ConfigError
from td_line_connectors.project.project import Project
from td_line_connectors.sources.places import PLAZMA, Places
from td_line_connectors.sources.source import Source

__all__ = ["handover_facts", "rejects", "require_handed_over"]


def handover_facts(project: Project, source: Source) -> dict[str, object]:
    """Give what is known of the rows on their way to Treasure Data; nothing where none goes there."""
    if source.datastore != PLAZMA:
        return {}
    backlog = backlog_of(source, Places(project.state), time.time())
    return {
        "pending_rows": backlog.pending,
        "lag_seconds": round(backlog.lag),
        "rejected_rows": backlog.rejected,
        "trouble": "; ".join(backlog.troubles) or None,
    }


def require_handed_over(project: Project, source: Source) -> None:
    """Do nothing if every row of a source is where it belongs.

    Raises:
        ConfigError: some are not at Treasure Data, and nobody would hand them over without the source.
    """
    if source.datastore == PLAZMA:
        backlog = backlog_of(source, Places(project.state), time.time())
        if backlog.pending or backlog.rejected:
            cure = "`td-line drain --once` hands over what waits; --leave-rows deletes the source all the same"
            raise ConfigError.of("source", "pending", f"«{source.name}»: {backlog}; {cure}")


@click.command("rejects", cls=Command)
@click.argument("name")
@click.option("--again", is_flag=True, help="Let the drain hand them over once more.")
@click.pass_obj
def rejects(invocation: Invocation, name: str, *, again: bool) -> None:
    """Show the rows that Treasure Data refused, each with its reason.

    With --json: an array of objects, the rows themselves among them.
    """
    output, project = invocation.output, invocation.project()
    found, places = find_source(project, name), Places(project.state)
    if found.datastore != PLAZMA:
        raise ConfigError.of(
            "source", "datastore", f"«{name}» does not go on to Treasure Data, so nothing is set aside"
        )
    if again:
        moved = hand_over_again(found, places)
        text = f"Rows of {name} that wait again: {moved:,}. A running `serve` or `td-line drain` hands them over."
        output.result({"name": name, "rows": moved}, text)
    elif output.as_json:
        output.document([asdict(each) for each in rejects_of(found, places)])
    else:
        lines = (
            (each.table, _moment(each.rejected_at), each.error, each.description) for each in rejects_of(found, places)
        )
        output.table(("table", "set aside", "error", "description"), lines, header=True)


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
