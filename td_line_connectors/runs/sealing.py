"""The rows are written down and sealed before the first request."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from td_line_connectors.errors import StoreError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.runs.folder import remove_database
from td_line_connectors.runs.snapshot import SetAside, unsealed
from td_line_connectors.storage.private import sync
from td_line_connectors.storage.sqlite import Connection, guarded, open_writer

__all__ = ["SnapshotWriter"]

SCHEMA: Final = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE request (
    number INTEGER PRIMARY KEY, records INTEGER, first_row INTEGER, last_row INTEGER,
    body BLOB, record_values TEXT, record_rows TEXT
);
CREATE TABLE folded (into_row INTEGER, row INTEGER);
CREATE TABLE invalid (row INTEGER PRIMARY KEY, issues TEXT, record TEXT);
CREATE TABLE part (
    id INTEGER PRIMARY KEY, request INTEGER, low INTEGER, high INTEGER, rows INTEGER, searched INTEGER,
    state TEXT, ticket TEXT, outcome TEXT, seconds REAL, attempts INTEGER DEFAULT 0
);
"""

FIRST_PARTS: Final = """
INSERT INTO part (request, low, high, rows, searched, state)
SELECT number, 0, records,
    records + (SELECT count(*) FROM folded WHERE into_row BETWEEN first_row AND last_row), 0, 'waiting'
FROM request ORDER BY number
"""

FOLDED_TOGETHER: Final = 10_000
"""Rows folded into others that are held in memory before they are written."""


class SnapshotWriter:
    """Writes a snapshot as the rows come, under a name of its own; sealed, it takes the snapshot's name.

    Args:
        path: the snapshot to make.
        connection: the file that is written. Use `open`.

    Raises:
        StoreError: from every method, where the disk cannot take it.
    """

    def __init__(self, path: Path, connection: Connection) -> None:
        self._path = path
        self._connection = connection
        self._requests = 0
        self._folded: list[tuple[int, int]] = []

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator["SnapshotWriter"]:
        """Begin a snapshot in place of whatever is there; what was not sealed when the block ends is deleted."""
        for each in (path, unsealed(path)):
            remove_database(each)
        try:
            with closing(open_writer(unsealed(path))) as connection:
                _begin(connection)
                yield cls(path, connection)
        finally:
            with suppress(StoreError):  # it is worth nothing, and goes with its run's folder at the latest
                remove_database(unsealed(path))

    def add_request(self, body: bytes, record_values: str, record_rows: Sequence[int]) -> None:
        """Write one request.

        Args:
            body: its exact bytes.
            record_values: a JSON array that has an array of values for each of its records.
            record_rows: the number of each record's first row, ascending; at least one.
        """
        self._requests += 1
        first, last = record_rows[0], record_rows[-1]
        values = (self._requests, len(record_rows), first, last, body, record_values, _json(record_rows))
        with guarded("writing the snapshot"):
            self._connection.execute("INSERT INTO request VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def fold(self, row: int, into: int) -> None:
        """Write that a row was merged into the record whose first row is `into`."""
        self._folded.append((into, row))
        if len(self._folded) == FOLDED_TOGETHER:
            self._write_folded()

    def set_aside(self, rows: Sequence[SetAside]) -> None:
        """Write rows that we refused."""
        values = [(each.row, _issues(each), _json(each.record)) for each in rows]
        with guarded("writing the snapshot"):
            self._connection.executemany("INSERT INTO invalid VALUES (?, ?, ?)", values)

    def set_aside_record(self, first: SetAside) -> int:
        """Write a record that we refused: its first row, and with the same reasons all rows folded into that one.

        Returns:
            so many rows.
        """
        self.set_aside([first])
        self._write_folded()
        statement = "INSERT INTO invalid SELECT row, ?, ? FROM folded WHERE into_row = ?"
        with guarded("writing the snapshot"):
            folded = self._connection.execute(statement, (_issues(first), _json(first.record), first.row)).rowcount
            self._connection.execute("DELETE FROM folded WHERE into_row = ?", (first.row,))
        return 1 + folded

    @property
    def requests(self) -> int:
        """How many requests were written."""
        return self._requests

    def seal(self, facts: Mapping[str, object], *, sendable: bool = True) -> None:
        """Make the snapshot durable and declare it whole.

        Args:
            facts: what a later process must know, as JSON values; `read` and `warnings` among them.
            sendable: whether it may be sent; one that may not is only there to be reported.
        """
        self._write_folded()
        values = [(name, _json(value)) for name, value in {**facts, "sendable": sendable}.items()]
        with guarded("sealing the snapshot"):
            self._connection.execute("CREATE INDEX folded_into ON folded (into_row, row)")
            self._connection.execute(FIRST_PARTS)
            self._connection.executemany("INSERT INTO fact VALUES (?, ?)", values)
            self._connection.execute("COMMIT")
            self._connection.close()
        try:
            sync(unsealed(self._path))
            unsealed(self._path).rename(self._path)
            sync(self._path.parent)
        except OSError as error:
            raise StoreError(f"sealing the snapshot: {error.strerror}") from error

    def _write_folded(self) -> None:
        with guarded("writing the snapshot"):
            self._connection.executemany("INSERT INTO folded VALUES (?, ?)", self._folded)
        self._folded.clear()


def _begin(connection: Connection) -> None:
    with guarded("beginning the snapshot"):
        # Nothing here need survive a crash before the seal, so nothing is written twice or waited for.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE"):
            connection.execute(f"PRAGMA {pragma}")
        for statement in SCHEMA.strip().split(";\n"):
            connection.execute(statement)
        connection.execute("BEGIN")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _issues(aside: SetAside) -> str:
    return _json([_issue(each) for each in aside.issues])


def _issue(issue: ValidationIssue) -> Sequence[str]:
    return (issue.field, issue.code, issue.message)
