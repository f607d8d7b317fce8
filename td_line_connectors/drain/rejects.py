"""Which rows of a source were set aside, and how are they handed over again?"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from td_line_connectors.drain.queue import REJECTS
from td_line_connectors.drain.targets import tables_of
from td_line_connectors.sources.places import Places, local_database
from td_line_connectors.sources.source import Source
from td_line_connectors.storage.names import TableName, quoted
from td_line_connectors.storage.sqlite import Connection, guarded, open_reader, open_writer, transaction
from td_line_connectors.storage.tables import ROW_NUMBER, table_names

__all__ = ["Reject", "hand_over_again", "rejects_of"]

ROWS_A_TRANSACTION: Final = 500
"""A receiver's calls wait meanwhile."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that is not at Treasure Data.

    Attributes:
        table: the one it is for.
        error: the error's name.
        description: more about it, as Treasure Data or we said it; it may repeat what is in the row.
        rejected_at: when that was, in seconds since 1970.
        record: its values by column, without NULLs.
    """

    table: str
    error: str
    description: str
    rejected_at: int
    record: dict[str, object]


def rejects_of(source: Source, places: Places) -> Iterator[Reject]:
    """Give the rows that were set aside, in the order in which they came.

    Args:
        source: one whose datastore is Plazma.
        places: of the project's sources.

    Raises:
        ConfigError: the file is not there.
        StoreError: it cannot be read.
    """
    path = places.path(local_database(source))
    with closing(open_reader(path)) as reader, guarded(f"reading {path.name}"):
        if REJECTS.strip('"') not in table_names(reader):
            return
        for table in tables_of(source):
            sql = (
                f"SELECT error, description, rejected_at, kept.* FROM {REJECTS} JOIN {quoted(table)} AS kept "  # noqa: S608 - quoted
                f"ON kept.{ROW_NUMBER} = number WHERE queue = ? ORDER BY number"
            )
            cursor = reader.execute(sql, (table,))
            names = [each[0] for each in cursor.description[3:]]
            while found := cursor.fetchone():
                error, description, rejected_at, *values = found
                record = {name: value for name, value in zip(names, values, strict=True) if value is not None}
                del record[ROW_NUMBER]
                yield Reject(table, error, description, rejected_at, record)


def hand_over_again(source: Source, places: Places) -> int:
    """Put the rows that were set aside at the end of those that wait; the drain takes them from there.

    Args:
        source: one whose datastore is Plazma.
        places: of the project's sources.

    Returns:
        how many.

    Raises:
        ConfigError: the file is not there.
        StoreError: it cannot be written to; some may be at the end already.
    """
    path = places.path(local_database(source))
    return sum(_moved(path, table) for table in tables_of(source))


def _moved(path: Path, table: TableName) -> int:
    moved = 0
    with closing(open_writer(path, create=False)) as writer, guarded(f"handing over rows of {table} again"):
        if REJECTS.strip('"') not in table_names(writer):
            return 0
        while numbers := writer.execute(
            f"SELECT number FROM {REJECTS} WHERE queue = ? ORDER BY number LIMIT {ROWS_A_TRANSACTION}",  # noqa: S608 - our own
            (table,),
        ).fetchall():
            with transaction(writer):
                for (number,) in numbers:
                    moved += _to_the_end(writer, table, number)
    return moved


def _to_the_end(writer: Connection, table: TableName, number: int) -> int:
    """Give a row the next number, which no other row has had or will have."""
    [[last]] = writer.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchall()
    writer.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (last + 1, table))
    sql = f"UPDATE {quoted(table)} SET {ROW_NUMBER} = ? WHERE {ROW_NUMBER} = ?"  # noqa: S608 - quoted
    moved = writer.execute(sql, (last + 1, number)).rowcount
    writer.execute(f"DELETE FROM {REJECTS} WHERE queue = ? AND number = ?", (table, number))  # noqa: S608 - our own
    return moved
