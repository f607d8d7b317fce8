"""Which tables go on to Treasure Data, and where there?"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from td_line_connectors.errors import ConfigError
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.sources.places import PLAZMA, Places, local_database
from td_line_connectors.sources.plazma import write_account
from td_line_connectors.sources.source import Source
from td_line_connectors.sources.store import SourceStore
from td_line_connectors.storage.names import TableName, table_name
from td_line_connectors.treasure_data.account import WriteAccount
from td_line_connectors.treasure_data.packing import require_msgpack

__all__ = ["Target", "drained_sources", "tables_of", "targets_of"]


@dataclass(frozen=True, slots=True)
class Target:
    """One table.

    Attributes:
        source: the name of the source that fills it.
        path: the file in which its rows wait.
        database: of Treasure Data.
        table: there as here.
        writer: how rows are written.
        account: whose database it is.
    """

    source: str
    path: Path
    database: str
    table: TableName
    writer: str
    account: WriteAccount = field(repr=False)

    def __str__(self) -> str:
        return f"source {self.source}, {self.database}.{self.table}"


def drained_sources(project: Project) -> list[Source]:
    """Give the sources whose datastore is Plazma, by name.

    Raises:
        StoreError: the sources cannot be read.
    """
    sources = SourceStore(project.state / "sources.sqlite").list()
    return [source for source in sources if source.datastore == PLAZMA]


def tables_of(source: Source) -> tuple[TableName, TableName]:
    """Give a source's tables: of calls, and of events."""
    return table_name(source.raw_table), table_name(source.events_table)


def targets_of(source: Source, project: Project, registry: Registry) -> Iterator[Target]:
    """Give a source's tables, as its connection says at this moment.

    Raises:
        ConfigError: its connection cannot be used, its file is not there, or its writer's package is not installed.
    """
    if source.writer == "import":
        require_msgpack()
    account = write_account(source.connection, project, registry)
    path = Places(project.state).path(local_database(source))
    if source.writer is None:
        raise ConfigError.of("writer", "required", f"the source {source.name} has none; make it anew")
    for table in tables_of(source):
        yield Target(source.name, path, source.database, table, source.writer, account)
