"""What does a source need whose rows go on to Treasure Data?"""

from collections.abc import Iterator
from typing import Final

from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.schema.parameters import nearest
from td_line_connectors.sources.connecting import input_settings
from td_line_connectors.sources.places import Places
from td_line_connectors.sources.source import Source
from td_line_connectors.treasure_data.account import ACCOUNT, WRITERS, WriteAccount
from td_line_connectors.treasure_data.packing import require_msgpack

__all__ = ["faults_of_plazma", "make_queue", "promises", "write_account"]

CANNOT: Final = "a write-only key can neither look for nor make a table there"


def write_account(connection: str, project: Project, registry: Registry) -> WriteAccount:
    """Give the account of Treasure Data that a connection's sources write to.

    Args:
        connection: its name.
        project: where it stands, and its secrets.
        registry: the connectors there are.

    Raises:
        ConfigError: the connection is wrong, or says too little.
    """
    plugin, values = input_settings(connection, project, registry)
    if "td_api_key" not in {each.name for each in plugin.parameters}:
        message = (
            f"connections of type {plugin.name} have no td_api_key, so their sources cannot go on to Treasure Data"
        )
        raise ConfigError.of("connection", "not_applicable", message)
    try:
        return ACCOUNT.parse({each.name: values[each.name] for each in ACCOUNT if each.name in values})
    except ConfigError as error:
        raise ConfigError(
            [ValidationIssue("connection", each.code, f"«{connection}»: {each}") for each in error.issues]
        ) from error


def faults_of_plazma(
    connection: str, writer: str | None, project: Project, registry: Registry, *, create_tables: bool
) -> Iterator[ValidationIssue]:
    """Say what keeps a source from being one whose datastore is Plazma. The connection's own faults are told elsewhere.

    Args:
        connection: the name that was said.
        writer: the one that was said; None: the usual one.
        project: whose connections count.
        registry: the connectors there are.
        create_tables: whether tables that are missing shall be made.
    """
    try:
        input_settings(connection, project, registry)
    except ConfigError:
        return
    try:
        write_account(connection, project, registry)
    except ConfigError as error:
        yield from error.issues
    if writer and writer not in WRITERS:
        yield ValidationIssue("writer", "choice", f"must be one of: {', '.join(WRITERS)}.{nearest(writer, WRITERS)}")
    if writer == "import":
        try:
            require_msgpack()
        except ConfigError as error:
            yield from error.issues
    if create_tables:
        message = f"has no effect at Treasure Data, as {CANNOT}: make them in its console, and leave this out"
        yield ValidationIssue("create_tables", "not_applicable", message)


def make_queue(places: Places, source: Source) -> None:
    """Make the tables of a source's rows that are on their way.

    Raises:
        ConfigError: they are there already.
        StoreError: the disk could not do it.
    """
    databases, name = places.holding(source)
    databases.create(name)
    for table in (source.raw_table, source.events_table):
        databases.create_table(name, table, numbered=True)


def promises(source: Source, account: WriteAccount) -> str:
    """Say before the first event what cannot be said after it."""
    return (
        f"Rows go on to Treasure Data, region {account.region} ({account.host(source.writer or WRITERS[0])}).\n"
        f"It cannot be checked with a write-only key: make sure that the database {source.database} and its tables "
        f"{source.raw_table} and {source.events_table} exist there, and that the key may write to them."
    )
