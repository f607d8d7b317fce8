"""Where are the sources written down?"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.sources.source import Source
from td_line_connectors.storage.sqlite import (
    Connection,
    StatementError,
    guarded,
    open_reader,
    open_writer,
    transaction,
)

__all__ = ["SourceStore"]

_COLUMNS: Final = "id, name, connection, datastore, writer, database, raw_table, events_table, tags, created_at"
_TABLE: Final = """
CREATE TABLE source (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, connection TEXT NOT NULL, datastore TEXT NOT NULL, writer TEXT,
    database TEXT NOT NULL, raw_table TEXT NOT NULL, events_table TEXT NOT NULL, tags TEXT NOT NULL,
    created_at TEXT NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class SourceStore:
    """The sources of a project, in a file that only its user may read. Safe for threads and processes.

    Attributes:
        path: `<state>/sources.sqlite`; made with the first source.
    """

    path: Path

    def create(self, source: Source) -> None:
        """Add a source.

        Raises:
            ConfigError: the name is taken.
            StoreError: the disk could not do it.
        """
        connection = open_writer(self.path)
        try:
            with guarded("writing the source down"), transaction(connection):
                _ensure_table(connection)
                places = ", ".join("?" * len(_COLUMNS.split(",")))
                connection.execute(f"INSERT INTO source ({_COLUMNS}) VALUES ({places})", _row(source))  # noqa: S608 - our own columns
                _count_change(connection)
        except StatementError as error:
            if "source.name" not in str(error):
                raise
            raise ConfigError.of("name", "exists", "another source has this name; choose another") from error
        finally:
            connection.close()

    def find(self, source_id: UUID) -> Source | None:
        """Give the source of that id, if there is one."""
        return next((source for source in self.list() if source.id == source_id), None)

    def named(self, name: str) -> Source | None:
        """Give the source of that name, if there is one."""
        return next((source for source in self.list() if source.name == name), None)

    def list(self, tag: str | None = None) -> Sequence[Source]:
        """Give the sources, by name.

        Args:
            tag: only those that have this tag.

        Raises:
            StoreError: the file cannot be read.
        """
        rows = self._read(f"SELECT {_COLUMNS} FROM source ORDER BY name")  # noqa: S608 - our own columns
        sources = [_source(row) for row in rows]
        return [source for source in sources if tag is None or tag in source.tags]

    def delete(self, source_id: UUID) -> bool:
        """Forget a source; its tables stay.

        Returns:
            Whether there was one.

        Raises:
            StoreError: the disk could not do it.
        """
        if not self._exists():
            return False
        connection = open_writer(self.path, create=False)
        try:
            with guarded("deleting the source"), transaction(connection):
                _ensure_table(connection)
                gone = connection.execute("DELETE FROM source WHERE id = ?", (str(source_id),)).rowcount
                _count_change(connection)
        finally:
            connection.close()
        return gone > 0

    def version(self) -> int:
        """Give a number that is another one after every change; 0 where there was never a source.

        Raises:
            StoreError: the file cannot be read.
        """
        return int(next(iter(self._read("SELECT changes FROM version")), (0,))[0])

    def _exists(self) -> bool:
        try:
            return self.path.exists()
        except OSError as error:  # a folder that this user may not look into, say: not the same as no sources
            raise StoreError(f"opening {self.path.name}: {error.strerror or type(error).__name__}") from error

    def _read(self, sql: str) -> Sequence[Sequence[Any]]:
        if not self._exists():
            return []
        connection = open_reader(self.path)
        try:
            with guarded("reading the sources"):
                return connection.execute(sql).fetchall()
        except StatementError as error:
            if "no such table" in str(error):  # made a moment ago, by a process that has not written yet
                return []
            raise
        finally:
            connection.close()


def _ensure_table(connection: Connection) -> None:
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'source'").fetchone() is None:
        connection.execute(_TABLE)
        connection.execute("CREATE TABLE version (changes INTEGER NOT NULL)")
        # Not from 1: a file that takes the place of a deleted one must not look as if nothing had changed.
        connection.execute("INSERT INTO version VALUES (?)", (secrets.randbelow(2**62) + 1,))


def _count_change(connection: Connection) -> None:
    connection.execute("UPDATE version SET changes = changes + 1")


def _row(source: Source) -> Sequence[object]:
    tags = json.dumps(source.tags, ensure_ascii=False)
    created_at = source.created_at.isoformat()
    tables = (source.database, source.raw_table, source.events_table)
    return (str(source.id), source.name, source.connection, source.datastore, source.writer, *tables, tags, created_at)


def _source(row: Sequence[Any]) -> Source:
    source_id, name, connection, datastore, writer, database, raw_table, events_table, tags, created_at = row
    return Source(
        id=UUID(source_id),
        name=name,
        connection=connection,
        datastore=datastore,
        writer=writer,
        database=database,
        raw_table=raw_table,
        events_table=events_table,
        tags=tuple(json.loads(tags)),
        created_at=datetime.fromisoformat(created_at),
    )
