"""What is handed over, and what is not?

It stands in the same file as the rows, so that a copy of the file is whole: a table's rows rise by number, and those
up to `through` are dealt with. Rows that must not be stored twice are sealed before they are sent: until they are dealt
with nobody changes them, so that they are the same rows under the same id, however often they are sent.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from td_line_connectors.errors import StoreError
from td_line_connectors.storage.names import TableName, quoted
from td_line_connectors.storage.sqlite import Connection, guarded, open_writer, transaction
from td_line_connectors.storage.tables import ROW_NUMBER, columns_of
from td_line_connectors.treasure_data.records import RecordFault, column_names

__all__ = ["REJECTS", "STATE", "NumberedRow", "Queue", "Seal", "State"]

STATE: Final = '"drain state"'
REJECTS: Final = '"drain rejects"'
"""Our own tables; no table of rows has a space in its name."""

MAKE: Final = (
    f"""
    CREATE TABLE IF NOT EXISTS {STATE} (
        queue TEXT PRIMARY KEY, through INTEGER NOT NULL DEFAULT 0, edits INTEGER NOT NULL DEFAULT 0,
        sealed_last INTEGER, sealed_id TEXT, trouble TEXT, troubled_at INTEGER
    )
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {REJECTS} (
        queue TEXT NOT NULL, number INTEGER NOT NULL, error TEXT NOT NULL, description TEXT NOT NULL,
        rejected_at INTEGER NOT NULL, PRIMARY KEY (queue, number)
    )
    """,
)
PROTECT: Final = (
    f"""
    CREATE TRIGGER IF NOT EXISTS "drain keeps {{table}}" BEFORE UPDATE ON "{{table}}" WHEN old.{ROW_NUMBER} <= (
        SELECT sealed_last FROM {STATE} WHERE queue = '{{table}}' AND through < old.{ROW_NUMBER}
    ) BEGIN SELECT RAISE(IGNORE); END
    """,  # noqa: S608 - our own, and the name of a table
    f"""
    CREATE TRIGGER IF NOT EXISTS "drain counts {{table}}" AFTER UPDATE ON "{{table}}" BEGIN
        UPDATE {STATE} SET edits = edits + 1 WHERE queue = '{{table}}';
    END
    """,  # noqa: S608 - the same
)
"""Other processes change rows that wait, as people take messages back: none that is sealed, and none unnoticed that is
about to be."""

ROWS_DELETED_TOGETHER: Final = 500
"""A receiver's calls wait meanwhile."""

NumberedRow = tuple[int, Mapping[str, object]]
"""A row's number, and its values by column, without NULLs."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Rows that are sent together or not at all, written down before the first attempt.

    Attributes:
        last: the number of the last row; the first one comes after `through`.
        unique_id: what these rows are sent under, each time.
    """

    last: int
    unique_id: str


@dataclass(frozen=True, slots=True)
class State:
    """How far a table is handed over.

    Attributes:
        through: the number of the last row that is dealt with.
        seal: the rows under way; None: none are sealed.
        trouble: why nothing is taken at the moment; None: nothing is wrong.
        edits: how often rows of the table were changed so far.
    """

    through: int
    seal: Seal | None
    trouble: str | None
    edits: int


class Queue:
    """The rows of one table that go on to Treasure Data. For one thread at a time.

    Every method raises StoreError where the disk cannot do it.

    Args:
        path: the file.
        table: a numbered table in it.
        power_proof: whether each change is on disk when its method returns; else a power failure may undo the last
            ones, and rows are sent again.
    """

    def __init__(self, path: Path, table: TableName, *, power_proof: bool) -> None:
        self._path = path
        self._table = table
        self._power_proof = power_proof
        self._connection: Connection | None = None
        self._inode = 0

    def state(self) -> State:
        """Tell how far it has come."""
        [(through, last, unique_id, trouble, edits)] = self._read(
            f"SELECT through, sealed_last, sealed_id, trouble, edits FROM {STATE} WHERE queue = ?",  # noqa: S608 - our own
            (self._table,),
        )
        return State(through, None if last is None else Seal(last, unique_id), trouble, edits)

    def is_replaced(self) -> bool:
        """Say whether another file has taken the place of the one that was read last."""
        return self._found() != self._inode

    def rows(self, after: int, until: int | None = None) -> Iterator[NumberedRow]:
        """Give rows in their order, as they stand at this moment.

        Args:
            after: a row's number.
            until: the number of the last one; None: all there are.
        """
        sql = f"SELECT * FROM {quoted(self._table)} WHERE {ROW_NUMBER} > ? AND {ROW_NUMBER} <= ? ORDER BY {ROW_NUMBER}"  # noqa: S608 - a quoted name
        with guarded(f"reading {self._table}"):
            cursor = self._opened().execute(sql, (after, 2**63 - 1 if until is None else until))
            names = column_names(each[0] for each in cursor.description)
            try:
                for row in cursor:
                    record = {name: value for name, value in zip(names, row, strict=True) if value is not None}
                    yield record.pop(ROW_NUMBER), record
            finally:
                cursor.close()

    def seal(self, seal: Seal, edits: int) -> bool:
        """Write down which rows are about to be sent; from now on nobody changes them.

        Args:
            seal: the rows.
            edits: of the state as it was before they were read.

        Returns:
            whether it is done; not where a row was changed meanwhile.
        """
        return self._change("sealed_last = ?, sealed_id = ?", seal.last, seal.unique_id, edits=edits)

    def unseal(self) -> None:
        """Forget the seal: the rows were refused as they were sent, and none of them is stored."""
        self._change("sealed_last = NULL, sealed_id = NULL")

    def settle(self, last: int, rejects: Mapping[int, RecordFault], now: int) -> None:
        """Write down that the rows up to one are dealt with.

        Args:
            last: the number of that row.
            rejects: those of them that are not at Treasure Data, by number.
            now: seconds since 1970.
        """
        values = [(self._table, number, each.name, each.description, now) for number, each in rejects.items()]
        changes = "through = ?, sealed_last = NULL, sealed_id = NULL, trouble = NULL, troubled_at = NULL"
        self._change(changes, last, rejects=values)

    def note_trouble(self, trouble: str, now: int) -> None:
        """Write down why nothing is taken; a trouble that lasts keeps the moment of its beginning."""
        self._change("troubled_at = coalesce(troubled_at, ?), trouble = ?", now, trouble)

    def trim(self, before: int, after: int) -> int | None:
        """Delete some of the rows that were handed over long ago; those that were set aside stay.

        Args:
            before: seconds since 1970; younger rows stay.
            after: the number of the last row that was looked at.

        Returns:
            the number of the last row that was looked at; None: the others are too young.
        """
        through = self.state().through
        if "time" not in columns_of(self._opened(), self._table):
            return None
        old = f"SELECT {ROW_NUMBER}, time FROM {quoted(self._table)} WHERE {ROW_NUMBER} > ? AND {ROW_NUMBER} <= ?"  # noqa: S608 - a quoted name
        found = self._read(f"{old} ORDER BY {ROW_NUMBER} LIMIT {ROWS_DELETED_TOGETHER}", (after, through))
        last = None
        for number, time in found:
            if not isinstance(time, int) or time >= before:
                break
            last = number
        if last is not None:
            connection = self._opened()
            with guarded(f"deleting from {self._table}"), transaction(connection):
                connection.execute(
                    f"DELETE FROM {quoted(self._table)} WHERE {ROW_NUMBER} > ? AND {ROW_NUMBER} <= ? AND {ROW_NUMBER} "  # noqa: S608 - quoted
                    f"NOT IN (SELECT number FROM {REJECTS} WHERE queue = ?)",
                    (after, last, self._table),
                )
        return last

    def close(self) -> None:
        """Close the file; safe to call twice, and it opens again where it is needed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(StoreError), guarded(f"closing {self._path.name}"):
                connection.close()

    def _change(
        self, changes: str, *values: object, rejects: Sequence[Sequence[object]] = (), edits: int | None = None
    ) -> bool:
        """Change the state; not where `edits` are more by now."""
        connection = self._opened()
        sql = f"UPDATE {STATE} SET {changes} WHERE queue = ? AND edits = coalesce(?, edits)"  # noqa: S608 - our own
        with guarded(f"writing down what of {self._table} is handed over"), transaction(connection):
            changed = connection.execute(sql, (*values, self._table, edits)).rowcount
            if rejects:
                connection.executemany(f"INSERT OR REPLACE INTO {REJECTS} VALUES (?, ?, ?, ?, ?)", rejects)  # noqa: S608 - our own
        return changed > 0

    def _read(self, sql: str, values: Sequence[object]) -> list[Any]:
        with guarded(f"reading {self._table}"):
            return self._opened().execute(sql, values).fetchall()

    def _opened(self) -> Connection:
        """Give the connection, a new one where another file has taken the place of the one that was open."""
        inode = self._found()
        if inode != self._inode:
            self.close()
        if self._connection is None:
            connection = open_writer(self._path, create=False)
            try:
                with guarded(f"opening {self._path.name}"):
                    if not self._power_proof:
                        connection.execute("PRAGMA synchronous = NORMAL")
                    self._make(connection)
            except BaseException:
                connection.close()
                raise
            self._connection, self._inode = connection, inode
        return self._connection

    def _found(self) -> int:
        try:
            return os.stat(self._path).st_ino  # noqa: PTH116 - a Path costs as much again
        except OSError as error:
            raise StoreError(f"opening {self._path.name}: {error.strerror}; put the file back") from error

    def _make(self, connection: Connection) -> None:
        """Make what is missing of the queue's own."""
        with transaction(connection):
            for statement in (*MAKE, *PROTECT):
                connection.execute(statement.format(table=self._table))
            connection.execute(f"INSERT OR IGNORE INTO {STATE} (queue) VALUES (?)", (self._table,))  # noqa: S608 - our own
