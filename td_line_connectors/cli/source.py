"""Which sources are there, and what came through them?"""

import time
from datetime import UTC, datetime

import click

from td_line_connectors.cli.groups import Group
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.preview import HEADINGS, Preview, cells, watch
from td_line_connectors.cli.source_handover import handover_facts, rejects, require_handed_over
from td_line_connectors.cli.source_names import find_source, source_store
from td_line_connectors.project.project import Project
from td_line_connectors.server.routes import TASK
from td_line_connectors.sources.creating import SourceFields, create_source
from td_line_connectors.sources.places import PLAZMA, Places, local_database
from td_line_connectors.sources.plazma import promises, write_account
from td_line_connectors.sources.source import Source, masked
from td_line_connectors.sources.unsending import forget_unsent
from td_line_connectors.storage.databases import Databases

__all__ = ["source"]


@click.group(cls=Group)
def source() -> None:
    """Say where LINE's calls go, and look at what came.

    A source is a webhook's URL and the two tables that its calls go into.
    """


@source.command("create")
@click.option("--name", required=True, help="For people, logs and metrics.")
@click.option("--connection", metavar="NAME", required=True, help="The connection that verifies the calls.")
@click.option("--database", metavar="DB", required=True, help="Where the tables are.")
@click.option("--raw-table", metavar="TABLE", required=True, help="Takes one row for each call.")
@click.option("--events-table", metavar="TABLE", required=True, help="Takes one row for each event.")
@click.option("--datastore", default="sqlite", show_default=True, help="Or plazma: rows go on to Treasure Data.")
@click.option("--writer", help="With plazma: ingest, which is usual, or import: files, each stored once.")
@click.option("--tags", default="", metavar="TAG,…", help="What people sort sources by.")
@click.option("--create-tables", is_flag=True, help="Make the database and the tables where they are missing.")
@click.pass_obj
def create(invocation: Invocation, /, *, tags: str, create_tables: bool, **said: str) -> None:
    """Make a source, and print its id and the webhook's URL, in full this once."""
    from td_line_connectors.plugins import default_registry  # noqa: PLC0415 - the connectors, for this command only

    project = invocation.project()
    made = create_source(
        SourceFields(**said, tags=tags.split(",")),
        project,
        default_registry(),
        store=source_store(project),
        databases=_databases(project),
        now=datetime.now(UTC),
        create_tables=create_tables,
    )
    url = _url(project, made)
    if made.datastore == PLAZMA:
        invocation.output.say(promises(made, write_account(made.connection, project, default_registry())))
    if project.base_url is None:
        invocation.output.say(f"What comes before {TASK} is not known: give base_url in td-line.yml.")
    text = (
        f"The source {made.name} is made. Its id is part of the webhook's URL; keep both to yourself.\n"
        f"id: {made.id}\nwebhook: {url}"
    )
    invocation.output.result({"id": str(made.id), "name": made.name, "path": f"{TASK}{made.id}"}, text)


@source.command("list")
@click.option("--tag", help="Only those that have it.")
@click.pass_obj
def list_sources(invocation: Invocation, tag: str | None) -> None:
    """List the sources; ids are masked."""
    found = source_store(invocation.project()).list(tag)
    headings = ("name", "id", "connection", "database", "raw table", "events table", "tags")
    rows = [
        (each.name, masked(each.id), each.connection, each.database, each.raw_table, each.events_table, _tags(each))
        for each in found
    ]
    invocation.output.listing([_facts(each) for each in found], headings, rows)


@source.command("show")
@click.argument("name")
@click.option("--show-id", is_flag=True, help="Show the id and the webhook's URL in full.")
@click.pass_obj
def show(invocation: Invocation, name: str, *, show_id: bool) -> None:
    """Show a source; its id is masked unless asked for."""
    project = invocation.project()
    found = find_source(project, name)
    facts = _facts(found, show_id=show_id) | handover_facts(project, found)
    if show_id:
        facts["url"] = _url(project, found)
    told = {**facts, "tags": _tags(found)}
    invocation.output.listing(
        facts,
        ("what", "value"),
        [(key.replace("_", " "), "" if value is None else value) for key, value in told.items()],
    )


@source.command("preview")
@click.argument("name")
@click.option("--rows", default=20, show_default=True, type=click.IntRange(1, 10_000), help="The latest so many.")
@click.option("--watch", "watched", is_flag=True, help="Follow the events as they come, until Ctrl-C.")
@click.pass_obj
def preview(invocation: Invocation, name: str, *, rows: int, watched: bool) -> None:
    """Show the latest events, the newest at the end.

    With --json: an array of objects with every column.
    """
    output, project = invocation.output, invocation.project()
    if watched and output.as_json:
        raise click.UsageError("--watch has no end, and --json prints one document: leave one of them out.")
    found = find_source(project, name)
    shown = Preview(*Places(project.state).holding(found), found.events_table)
    if watched:
        try:
            watch(output, shown, rows, time.sleep)
        except KeyboardInterrupt:  # the right end here
            return
    latest = shown.latest(rows)
    if output.as_json:
        output.document(latest)
    else:
        output.table(HEADINGS, map(cells, latest), header=True)


@source.command("unsend")
@click.argument("name")
@click.pass_obj
def unsend(invocation: Invocation, name: str) -> None:
    """Forget the messages that their senders took back, as LINE asks.

    In Events and Raw each keeps its type and its id, and nothing that it said. It may be done as often as you like, and
    while the receiver runs.
    """
    project = invocation.project()
    found = find_source(project, name)
    done = forget_unsent(Places(project.state).path(local_database(found)), found)
    invocation.output.result(
        {"taken_back": done.taken_back, "events": done.events, "calls": done.calls},
        f"{_many(done.taken_back, 'message')} taken back so far; "
        f"changed now: {_many(done.events, 'row')} of Events, {_many(done.calls, 'row')} of Raw.",
    )


source.add_command(rejects)


@source.command("delete")
@click.argument("name")
@click.option("--leave-rows", is_flag=True, help="Although some are not at Treasure Data: nobody hands them over then.")
@click.pass_obj
def delete(invocation: Invocation, name: str, *, leave_rows: bool) -> None:
    """Delete a source: LINE's calls to it are answered 404 from now on. Its tables stay."""
    project = invocation.project()
    found = find_source(project, name)
    if not leave_rows:
        require_handed_over(project, found)
    source_store(project).delete(found.id)
    tables = f"{found.database}.{found.raw_table} and {found.database}.{found.events_table}"
    invocation.output.result({"name": found.name}, f"The source {found.name} is deleted; {tables} stay as they are.")


def _databases(project: Project) -> Databases:
    return Databases(project.state / "databases")


def _url(project: Project, found: Source) -> str:
    """Give the webhook's URL; its path alone where the project does not say what comes before."""
    return f"{project.base_url or ''}{TASK}{found.id}"


def _facts(found: Source, *, show_id: bool = False) -> dict[str, object]:
    return {
        "id": str(found.id) if show_id else masked(found.id),
        "name": found.name,
        "connection": found.connection,
        "datastore": found.datastore,
        "writer": found.writer,
        "database": found.database,
        "raw_table": found.raw_table,
        "events_table": found.events_table,
        "tags": list(found.tags),
        "created_at": found.created_at.astimezone(UTC).isoformat(timespec="seconds"),
    }


def _tags(found: Source) -> str:
    return ", ".join(found.tags)


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
