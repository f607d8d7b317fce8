"""The rows as they will be sent."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import Any

from td_line_connectors.errors import StoreError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.storage.sqlite import Connection, guarded, open_writer

__all__ = ["SetAside", "Snapshot", "unsealed"]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that we refused, as the rejects show it.

    Attributes:
        row: its number.
        issues: everything that is wrong with it.
        record: the row as the query gave it, as JSON values.
    """

    row: int
    issues: Sequence[ValidationIssue]
    record: Mapping[str, object]


def unsealed(path: Path) -> Path:
    """Give the name that a snapshot has until it is sealed."""
    return path.with_suffix(".unsealed")


class Snapshot:
    """A sealed snapshot, to be read.

    A record goes by the number of its first row; the rows merged into it later are folded into that one.

    Args:
        connection: the opened file. Use `open`.

    Raises:
        StoreError: from every method, where the disk cannot do it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path, *, sendable: bool = True) -> "Snapshot":
        """Open a snapshot.

        Args:
            path: its file.
            sendable: whether it must be one that may be sent.

        Raises:
            StoreError: if there is none, it was never sealed, it may not be sent, or it cannot be opened.
        """
        if not path.exists():
            ended = "the run ended before its snapshot was sealed; nothing was sent: run it again"
            gone = "there is no snapshot: every row is settled, or none was ever sealed"
            raise StoreError(f"opening {path.name}: {ended if unsealed(path).exists() else gone}")
        snapshot = cls(open_writer(path, create=False))
        try:
            if sendable:
                snapshot._require_sendable(path.name)
        except BaseException:
            snapshot.close()
            raise
        return snapshot

    def _require_sendable(self, name: str) -> None:
        if not self.is_sendable():
            raise StoreError(f"opening {name}: its rows may not be sent, and none was: mend them and run it anew")

    @property
    def connection(self) -> Connection:
        """The file, for the journal kept in it."""
        return self._connection

    def fact(self, name: str) -> object:
        """Give what was sealed under `name`; None if nothing was."""
        with guarded("reading the snapshot"):
            found = self._connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return json.loads(found[0]) if found else None

    def is_sendable(self) -> bool:
        """Say whether its rows may be sent."""
        return self.fact("sendable") is True

    def forbid(self) -> None:
        """Declare that its rows may not be sent; none of them may have been."""
        with guarded("writing the snapshot"):
            self._connection.execute("UPDATE fact SET value = 'false' WHERE name = 'sendable'")

    def rows_read(self) -> int:
        """Give the number of rows that were read from the result."""
        return int(str(self.fact("read")))

    def warnings(self) -> list[str]:
        """Give what the reading of the rows warned of."""
        known = self.fact("warnings")
        return [str(each) for each in known] if isinstance(known, list) else []

    def requests(self) -> int:
        """Count the requests."""
        return self._count("request")

    def count_records(self) -> int:
        """Count the records of all requests."""
        with guarded("reading the snapshot"):
            return int(self._connection.execute("SELECT coalesce(sum(records), 0) FROM request").fetchone()[0])

    def count_merging(self) -> tuple[int, int]:
        """Count the records into which rows were merged, and those rows."""
        with guarded("reading the snapshot"):
            records, rows = self._connection.execute("SELECT count(DISTINCT into_row), count(*) FROM folded").fetchone()
        return int(records), int(rows)

    def body(self, request: int) -> bytes:
        """Give the exact bytes of a request."""
        return bytes(self._of(request, "body"))

    def record_values(self, request: int, low: int, high: int) -> list[list[object]]:
        """Give the values of a request's records from `low` up to, not including, `high`."""
        values: list[list[object]] = json.loads(self._of(request, "record_values"))
        return values[low:high]

    def record_rows(self, request: int, low: int, high: int) -> list[int]:
        """Give the number of the first row of each of these records, ascending."""
        rows: list[int] = json.loads(self._of(request, "record_rows"))
        return rows[low:high]

    def rows_behind(self, request: int, low: int, high: int) -> Iterator[tuple[int, int]]:
        """Give each row behind these records as its record's first row and its own number, record by record."""
        firsts = self.record_rows(request, low, high)
        return merge(zip(firsts, firsts, strict=True), self._folded(firsts[0], firsts[-1]))

    def count_rows_behind(self, request: int, low: int, high: int) -> int:
        """Count the rows behind these records."""
        firsts = self.record_rows(request, low, high)
        return len(firsts) + self._count("folded WHERE into_row BETWEEN ? AND ?", (firsts[0], firsts[-1]))

    def invalid_rows(self) -> int:
        """Count the rows that we refused."""
        return self._count("invalid")

    def invalid(self, most: int | None = None) -> Iterator[SetAside]:
        """Give the rows that we refused, in order, at most `most` of them."""
        statement = "SELECT row, issues, record FROM invalid ORDER BY row LIMIT ?"
        for row, issues, record in self._stream(statement, (-1 if most is None else most,)):
            known = [ValidationIssue(name, code, text, row) for name, code, text in json.loads(issues)]
            yield SetAside(row, known, json.loads(record))

    def close(self) -> None:
        """Let go of the file; safe to call twice."""
        self._connection.close()

    def _folded(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        statement = "SELECT into_row, row FROM folded WHERE into_row BETWEEN ? AND ? ORDER BY into_row, row"
        return self._stream(statement, (first, last))

    def _stream(self, statement: str, parameters: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        with guarded("reading the snapshot"):
            cursor = self._connection.execute(statement, parameters)
            while found := cursor.fetchmany(500):
                yield from found

    def _count(self, what: str, parameters: Sequence[int] = ()) -> int:
        with guarded("reading the snapshot"):
            return int(self._connection.execute(f"SELECT count(*) FROM {what}", parameters).fetchone()[0])  # noqa: S608 - our own words

    def _of(self, request: int, column: str) -> Any:  # noqa: ANN401 - the callers know what they wrote
        with guarded("reading the snapshot"):
            statement = f"SELECT {column} FROM request WHERE number = ?"  # noqa: S608 - a column's name of our own
            return self._connection.execute(statement, (request,)).fetchone()[0]
