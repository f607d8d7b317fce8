"""What does a query find in the tables?

SQL is SQLite's, with Presto's `json_extract_scalar` for paths such as `$.events[0].type`; a table of another database
is `database.table`. Only reading is allowed. A value that SQLite has no type for is text: an array or object is
JSON text, a boolean `true` or `false`. What a query of a real account says otherwise is told beforehand.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, Final

from td_line_connectors.testing.treasure_data.results import Found
from td_line_connectors.testing.treasure_data.tables import Table, Tables

__all__ = ["QueryFailedError", "run_sql"]

_READING: Final = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
_PATH: Final = re.compile(r"\$(\.\w+|\[[0-9]{1,9}\])*")
_STEP: Final = re.compile(r"\.(\w+)|\[([0-9]+)\]")


class QueryFailedError(Exception):
    """A query has no result; the text is the engine's own."""


def run_sql(sql: str, database: str, tables: Tables) -> Found:
    """Run one SELECT.

    Args:
        sql: the query.
        database: where tables without a database are looked for.
        tables: all there are. They are copied as they stand now, those alone whose names are in the query.

    Raises:
        QueryFailedError: the query is wrong, or does more than read. It may also come while the rows are read.
    """
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    try:
        _copy_tables(connection, sql, database, tables)
        connection.create_function("json_extract_scalar", 2, _json_extract_scalar, deterministic=True)
        connection.set_authorizer(_only_reading)
        cursor = connection.execute(sql)
    except (sqlite3.Error, sqlite3.Warning) as error:
        connection.close()
        raise QueryFailedError(str(error)) from error
    if cursor.description is None:
        connection.close()
        raise QueryFailedError("the query is empty")
    return Found(_rows(connection, cursor), [column[0] for column in cursor.description])


def _rows(connection: sqlite3.Connection, cursor: sqlite3.Cursor) -> Iterator[Sequence[object]]:
    with closing(connection):
        try:
            yield from cursor
        except sqlite3.Error as error:
            raise QueryFailedError(str(error)) from error


def _only_reading(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _copy_tables(connection: sqlite3.Connection, sql: str, default: str, tables: Tables) -> None:
    words = {word.lower() for word in re.findall(r"\w+", sql)}
    attached = set()
    with tables.lock:
        wanted = [
            (database.name, table)
            for database, table in tables.all()
            if table.name in words and (database.name == default or database.name in words)
        ]
        for database, table in sorted(wanted, key=lambda each: each[0] != default):  # the first attached is the default
            if database not in attached:
                connection.execute(f"ATTACH ':memory:' AS {_quoted(database)}")
                attached.add(database)
            _copy(connection, database, table)


def _copy(connection: sqlite3.Connection, database: str, table: Table) -> None:
    place = f"{_quoted(database)}.{_quoted(table.name)}"
    columns = list(table.columns)
    connection.execute(f"CREATE TABLE {place} ({', '.join(map(_quoted, columns))})")
    marks = ", ".join("?" * len(columns))
    rows = ([_value(row.get(column)) for column in columns] for row in table.rows)
    connection.execute("BEGIN")
    connection.executemany(f"INSERT INTO {place} VALUES ({marks})", rows)  # noqa: S608 - quoted names only
    connection.execute("COMMIT")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _value(value: object) -> object:
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, int) and value >= 1 << 63:
        return str(value)
    return value


def _json_extract_scalar(text: object, path: object) -> str | None:
    """Give the scalar at a path, as text; None for what is not there or is none.

    Raises:
        ValueError: the path has more in it than names and places, which the query shall not pass over.
    """
    if not _PATH.fullmatch(str(path)):
        raise ValueError("only $.name and [0] can be read")
    try:
        found: Any = json.loads(str(text))
        for name, place in _STEP.findall(str(path)):
            found = found[name] if name else found[int(place)]
    except (ValueError, LookupError, TypeError):
        return None
    if found is None or isinstance(found, list | dict):
        return None
    return found if isinstance(found, str) else json.dumps(found)
