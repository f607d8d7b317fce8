"""Tables that grow: make them, list them, add columns."""

from collections.abc import Sequence
from typing import Final

from td_line_connectors.errors import ConfigError
from td_line_connectors.storage.names import MAX_COLUMNS, TableName, quoted, unknown_name
from td_line_connectors.storage.sqlite import Connection

__all__ = [
    "NO_COLUMNS_YET",
    "ROW_NUMBER",
    "add_columns",
    "columns_of",
    "create_table",
    "require_table",
    "table_names",
]

NO_COLUMNS_YET: Final = "no_columns_yet"
"""SQLite has no table without columns: this one stands in, and the first real column takes its place by renaming."""

ROW_NUMBER: Final = "td_line_row"
"""The column of a numbered table: rises with every row, and no number is given twice, whatever is deleted."""


def create_table(connection: Connection, table: TableName, *, numbered: bool = False) -> None:
    """Make a table that has no columns of its own yet.

    Args:
        connection: a writer.
        table: its name.
        numbered: whether its rows are numbered, in the column `ROW_NUMBER`.

    Raises:
        ConfigError: a table or view of that name exists.
    """
    if table in _names(connection, "table", "view"):
        rule = "exists already; import into it, or choose another name"
        raise ConfigError.of("table", "exists", f"{table!r} {rule}")
    columns = f"{ROW_NUMBER} INTEGER PRIMARY KEY AUTOINCREMENT" if numbered else NO_COLUMNS_YET
    connection.execute(f"CREATE TABLE {quoted(table)} ({columns})")


def table_names(connection: Connection) -> tuple[str, ...]:
    """List the tables, sorted; SQLite's own are left out."""
    return _names(connection, "table")


def _names(connection: Connection, *kinds: str) -> tuple[str, ...]:
    places = ", ".join("?" * len(kinds))
    sql = f"SELECT name FROM sqlite_schema WHERE type IN ({places}) ORDER BY name"  # noqa: S608 - question marks only
    names = [name for (name,) in connection.execute(sql, kinds).fetchall()]
    return tuple(name for name in names if not name.lower().startswith("sqlite_"))


def columns_of(connection: Connection, table: TableName) -> tuple[str, ...]:
    """List the columns of a table as they were written; none where it has no columns of its own yet."""
    # Not PRAGMA table_info: a reader's authorizer refuses it.
    description = connection.execute(f"SELECT * FROM {quoted(table)} LIMIT 0").description  # noqa: S608 - quoted
    columns = tuple(each[0] for each in description)
    return () if columns == (NO_COLUMNS_YET,) else columns


def require_table(connection: Connection, table: TableName) -> None:
    """Do nothing if the table exists.

    Raises:
        ConfigError: it does not; the message names the known ones and the nearest.
    """
    known = table_names(connection)
    if table not in known:
        raise unknown_name("table", table, known, "`table create` makes one")


def add_columns(connection: Connection, table: TableName, columns: Sequence[str]) -> None:
    """Add the columns that the table has not got, case aside, without a declared type. Call it in a transaction.

    Args:
        connection: a writer.
        table: an existing table.
        columns: names that `column_names` has accepted.

    Raises:
        ConfigError: the table would have more than `MAX_COLUMNS`.
    """
    present = columns_of(connection, table)
    taken = {name.lower() for name in present}
    missing = [name for name in columns if name.lower() not in taken]
    if len(present) + len(missing) > MAX_COLUMNS:
        rule = f"would have more than {MAX_COLUMNS:,} columns; use another table"
        raise ConfigError.of("table", "columns", f"{table!r} {rule}")
    if missing and not present:
        first = missing.pop(0)
        if first != NO_COLUMNS_YET:
            connection.execute(f"ALTER TABLE {quoted(table)} RENAME COLUMN {NO_COLUMNS_YET} TO {quoted(first)}")
    for name in missing:
        connection.execute(f"ALTER TABLE {quoted(table)} ADD COLUMN {quoted(name)}")
