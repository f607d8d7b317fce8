"""Rows of a result into a table: all or none."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Final

from td_line_connectors.rows import Result
from td_line_connectors.storage.names import TableName, column_names, quoted
from td_line_connectors.storage.sqlite import Connection, guarded, transaction
from td_line_connectors.storage.tables import add_columns, require_table

__all__ = ["append", "storable"]

Storable = str | bytes | int | float | None

_ROWS_AT_A_TIME: Final = 10_000
_LARGEST: Final = 2**63 - 1
_SMALLEST: Final = -(2**63)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def append(
    connection: Connection, table: TableName, result: Result, on_progress: Callable[[int], None] | None = None
) -> int:
    """Append a result's rows to a table, adding the columns it has not got. Any error: nothing is in.

    The rows go into a temporary table first. So a slow source, a pipe say, does not keep other writers (the
    receiver, above all) waiting, and bad input is found before the first lock.

    Args:
        connection: a writer.
        table: an existing table.
        result: what is appended. It is read to its end and not closed.
        on_progress: told the number of rows read so far, now and then.

    Returns:
        How many rows were appended.

    Raises:
        ConfigError: the table does not exist, or a column's name cannot be one.
        StoreError: the disk or the database could not take them.
    """
    columns = column_names(result.columns, f"the header of what goes into {table}")
    with guarded(f"importing into {table}"):
        require_table(connection, table)
        count = _stage(connection, len(columns), result, on_progress or _tell_nobody)
        with transaction(connection):
            require_table(connection, table)
            add_columns(connection, table, columns)
            into = f"{quoted(table)} ({', '.join(map(quoted, columns))})"
            connection.execute(f"INSERT INTO main.{into} SELECT * FROM temp.incoming")  # noqa: S608 - quoted
        connection.execute("DROP TABLE temp.incoming")
    return count


def _tell_nobody(_rows: int) -> None:
    """Take progress that nobody asked for."""


def _stage(connection: Connection, width: int, result: Result, on_progress: Callable[[int], None]) -> int:
    connection.execute("DROP TABLE IF EXISTS temp.incoming")
    connection.execute(f"CREATE TEMP TABLE incoming ({', '.join(f'c{number}' for number in range(width))})")
    insert = f"INSERT INTO temp.incoming VALUES ({', '.join('?' * width)})"  # noqa: S608 - question marks only
    rows = iter(result.rows)
    count = 0
    while chunk := [_storable_row(row) for row in islice(rows, _ROWS_AT_A_TIME)]:
        connection.execute("BEGIN")
        connection.executemany(insert, chunk)
        connection.execute("COMMIT")
        count += len(chunk)
        on_progress(count)
    return count


def _storable_row(values: Sequence[object]) -> Sequence[object]:
    # Nearly every cell of a CSV file is ASCII text: the shortcut saves half of the conversion's time.
    return [value if value.__class__ is str and value.isascii() else storable(value) for value in values]


def storable(value: object) -> Storable:  # noqa: PLR0911 - a table of types: one return each
    r"""Give the form in which SQLite keeps a value (design: «Values» of the Events table, and dates as ISO text).

    Args:
        value: text, number, boolean, bytes, date, list, mapping … of a file, an event or an Arrow batch.

    Returns:
        Text as text, lone surrogates as `\uXXXX`; integers within 64 bits and floats as numbers; larger integers and
        decimals as text; `true`/`false`; NULL for None, NaN and NaT; ISO text for dates and times; compact JSON
        text for lists and mappings; bytes as they are; whatever else as its text.
    """
    match value:
        case None | bytes():
            return value
        case str():
            return _text(value)
        case bool():
            return "true" if value else "false"
        case int():
            return value if _SMALLEST <= value <= _LARGEST else str(value)
        case list() | tuple() | dict():
            return _text(json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":")))
        case _ if value != value:  # noqa: PLR0124 - NaN and NaT are what differs from itself
            return None
        case float():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return _text(str(value))


def _text(value: str) -> str:
    if value.isascii() or not _SURROGATE.search(value):
        return value
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def _plain(value: object) -> object:
    """Give what JSON can say of a nested value."""
    match value:
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case None | str() | bool() | int():
            return value
        case float():
            return value if value - value == 0 else None  # neither NaN nor infinite: JSON knows neither
        case bytes():
            return value.decode("utf-8", "replace")
        case _:
            return storable(value)
