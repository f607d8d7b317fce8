"""The embedded databases of a project."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from td_line_connectors.errors import ConfigError
from td_line_connectors.rows import Result
from td_line_connectors.storage import tables
from td_line_connectors.storage.importing import append
from td_line_connectors.storage.names import DatabaseName, TableName, database_name, table_name, unknown_name
from td_line_connectors.storage.sqlite import (
    Connection,
    Cursor,
    guarded,
    guarded_query,
    open_reader,
    open_writer,
    transaction,
)

__all__ = ["Databases"]

_ROWS_AT_A_TIME: Final = 1000
_UNKNOWN_TABLE: Final = re.compile(r"no such table: (?:main\.)?(?P<table>.+)")
_UNKNOWN_COLUMN: Final = re.compile(r"no such column: ")


@dataclass(frozen=True, slots=True)
class Databases:
    """The databases in one folder, each a SQLite file that any SQLite tool can read.

    Attributes:
        folder: `<state>/databases`; made with the first database.
    """

    folder: Path

    def create(self, name: str) -> None:
        """Make an empty database.

        Raises:
            ConfigError: the name breaks the rule, or the database exists.
            StoreError: the disk could not do it.
        """
        path = self._file(database_name(name))
        if path.exists():
            raise ConfigError.of("database", "exists", f"{name!r} exists already; use it, or choose another name")
        open_writer(path).close()

    def names(self) -> tuple[str, ...]:
        """List the databases, sorted."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.sqlite")))

    def path(self, name: str) -> Path:
        """Give the file of an existing database.

        Raises:
            ConfigError: the name breaks the rule, or there is no such database; the message names the known ones.
        """
        path = self._file(database_name(name))
        if not path.exists():
            raise unknown_name("database", name, self.names(), "`db create` makes one")
        return path

    def _file(self, name: DatabaseName) -> Path:
        return self.folder / f"{name}.sqlite"

    def create_table(self, database: str, table: str, *, numbered: bool = False) -> None:
        """Make a table that has no columns of its own yet; the first import or event gives it some.

        Args:
            database: an existing database.
            table: its name.
            numbered: whether its rows are numbered, as `tables.ROW_NUMBER` says.

        Raises:
            ConfigError: a name breaks the rule, the database is unknown, or the table exists.
            StoreError: the disk or the database could not do it.
        """
        name = table_name(table)
        connection = open_writer(self.path(database), create=False)
        try:
            with guarded(f"making the table {name}"), transaction(connection):
                tables.create_table(connection, name, numbered=numbered)
        finally:
            connection.close()

    def tables(self, database: str) -> tuple[str, ...]:
        """List a database's tables, sorted.

        Raises:
            ConfigError: the database is unknown.
            StoreError: its file cannot be read.
        """
        connection = open_reader(self.path(database))
        try:
            with guarded(f"listing the tables of {database}"):
                return tables.table_names(connection)
        finally:
            connection.close()

    def columns(self, database: str, table: str) -> tuple[str, ...]:
        """List a table's columns; none where it has no columns of its own yet.

        Raises:
            ConfigError: the database or the table is unknown.
            StoreError: the file cannot be read.
        """
        name = table_name(table)
        connection = open_reader(self.path(database))
        try:
            with guarded(f"reading the columns of {name}"):
                tables.require_table(connection, name)
                return tables.columns_of(connection, name)
        finally:
            connection.close()

    def import_rows(
        self, database: str, table: str, result: Result, *, on_progress: Callable[[int], None] | None = None
    ) -> int:
        """Append a result's rows to a table, adding the columns it has not got. All rows or none.

        Args:
            database: an existing database.
            table: an existing table.
            result: what is appended; closed whatever happens.
            on_progress: told the number of rows read so far, now and then.

        Returns:
            How many rows were appended.

        Raises:
            ConfigError: the database or the table is unknown, or a column's name cannot be one.
            DataError: the result's own, for bad rows.
            StoreError: the disk or the database could not take them.
        """
        try:
            name: TableName = table_name(table)
            connection = open_writer(self.path(database), create=False)
            try:
                return append(connection, name, result, on_progress)
            finally:
                connection.close()
        finally:
            result.close()

    def query(self, database: str, sql: str) -> Result:
        """Run one statement that reads, and stream its rows.

        The rows are those of the moment of the call, whatever other processes write meanwhile. Text that is not
        UTF-8 comes with replacement characters, so that no stored message makes a query fail.

        Args:
            database: an existing database.
            sql: one SELECT (or WITH, VALUES, EXPLAIN).

        Raises:
            ConfigError: the database or a table is unknown; the SQL is wrong, does more than read or has no columns.
            StoreError: the file cannot be read. May also come while the rows are read.
        """
        connection = open_reader(self.path(database))
        try:
            cursor = _execute(connection, database, sql)
        except BaseException:
            connection.close()
            raise
        columns = tuple(each[0] for each in cursor.description)
        return Result(columns, _stream(connection, cursor, database), close=connection.close)


def _execute(connection: Connection, database: str, sql: str) -> Cursor:
    try:
        with guarded_query(f"querying {database}"):
            cursor = connection.execute(sql)
    except ConfigError as error:
        raise _with_hint(error, connection, sql) from error.__cause__
    if cursor.description is None:
        raise ConfigError.of("query", "no_columns", "the SQL gives no columns; it must be one SELECT")
    return cursor


def _with_hint(error: ConfigError, connection: Connection, sql: str) -> ConfigError:
    """Say more where SQLite's own words leave a person alone."""
    message = error.issues[0].message
    if found := _UNKNOWN_TABLE.search(message):
        return unknown_name("table", found["table"], tables.table_names(connection), "`table create` makes one")
    if _UNKNOWN_COLUMN.search(message):
        empty = [
            name
            for name in tables.table_names(connection)
            if name in sql.lower() and not tables.columns_of(connection, TableName(name))
        ]
        if empty:
            hint = f"{message}; {', '.join(empty)} has no columns yet: import rows into it first"
            return ConfigError.of("query", "sql", hint)
    return error


def _stream(connection: Connection, cursor: Cursor, database: str) -> Iterator[tuple[object, ...]]:
    try:
        while True:
            with guarded_query(f"querying {database}"):
                rows = cursor.fetchmany(_ROWS_AT_A_TIME)
            if not rows:
                return
            yield from rows
    finally:
        connection.close()
