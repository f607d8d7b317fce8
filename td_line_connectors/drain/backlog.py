"""How far behind is a source?"""

from contextlib import closing
from dataclasses import dataclass
from typing import Final

from td_line_connectors.drain.queue import REJECTS, STATE
from td_line_connectors.drain.targets import tables_of
from td_line_connectors.errors import ConnectorError
from td_line_connectors.sources.places import Places, local_database
from td_line_connectors.sources.source import Source
from td_line_connectors.storage.names import TableName, quoted
from td_line_connectors.storage.sqlite import Connection, guarded, open_reader
from td_line_connectors.storage.tables import ROW_NUMBER, columns_of, table_names

__all__ = ["Backlog", "backlog_of"]

COUNTED: Final = 10_000
"""Rows that are counted one by one; of more, repeats that LINE sent may be counted too."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What of a source is not at Treasure Data.

    Attributes:
        pending: rows that wait.
        lag: for how many seconds the oldest of them has waited.
        rejected: rows that were set aside.
        troubles: why nothing is taken, a sentence for each table that is concerned.
    """

    pending: int = 0
    lag: float = 0.0
    rejected: int = 0
    troubles: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say it in words, as far as there is something to say."""
        words = []
        if self.pending:
            words.append(f"rows that wait for Treasure Data: {self.pending:,}, the oldest for {self.lag:,.0f} s")
        if self.rejected:
            words.append(f"rows set aside: {self.rejected:,}")
        return "; ".join([*words, *self.troubles])


def backlog_of(source: Source, places: Places, now: float) -> Backlog:
    """Look how far behind a source is; it may be handed over meanwhile.

    Args:
        source: one whose datastore is Plazma.
        places: of the project's sources.
        now: seconds since 1970.

    Returns:
        what was found; where the file cannot be read, that is the trouble.
    """
    try:
        path = places.path(local_database(source))
        with closing(open_reader(path)) as reader, guarded(f"reading {path.name}"):
            found = [_of_table(reader, table, now) for table in tables_of(source)]
            rejected = _rejected(reader)
    except ConnectorError as error:
        return Backlog(troubles=(str(error),))
    troubles = tuple(dict.fromkeys(trouble for each in found for trouble in each.troubles))
    return Backlog(sum(each.pending for each in found), max(each.lag for each in found), rejected, troubles)


def _of_table(reader: Connection, table: TableName, now: float) -> Backlog:
    through, trouble = _state(reader, table)
    counted = f"SELECT count(*) FROM (SELECT 1 FROM {quoted(table)} WHERE {ROW_NUMBER} > ? LIMIT {COUNTED})"  # noqa: S608 - quoted
    pending = int(reader.execute(counted, (through,)).fetchone()[0])
    if pending == COUNTED:
        last = int(reader.execute(f"SELECT max({ROW_NUMBER}) FROM {quoted(table)}").fetchone()[0])  # noqa: S608 - quoted
        pending = last - through
    lag = 0.0
    if pending and "time" in columns_of(reader, table):
        oldest = f"SELECT time FROM {quoted(table)} WHERE {ROW_NUMBER} > ? ORDER BY {ROW_NUMBER} LIMIT 1"  # noqa: S608 - quoted
        time = reader.execute(oldest, (through,)).fetchone()
        lag = max(0.0, now - time[0]) if time and isinstance(time[0], int) else 0.0
    return Backlog(pending, lag, 0, (trouble,) if trouble else ())


def _state(reader: Connection, table: TableName) -> tuple[int, str | None]:
    if STATE.strip('"') not in table_names(reader):  # no drain has looked at it yet
        return 0, None
    found = reader.execute(f"SELECT through, trouble FROM {STATE} WHERE queue = ?", (table,)).fetchone()  # noqa: S608 - our own
    return (int(found[0]), found[1]) if found else (0, None)


def _rejected(reader: Connection) -> int:
    if REJECTS.strip('"') not in table_names(reader):
        return 0
    return int(reader.execute(f"SELECT count(*) FROM {REJECTS}").fetchone()[0])  # noqa: S608 - our own
