"""The rows as they will be sent, sealed before the first request."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from td_line_connectors.errors import StoreError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.storage.sqlite import Connection, guarded, open_writer, transaction

__all__ = ["Request", "SetAside", "Snapshot", "SnapshotWriter"]

RowNumbers = Sequence[int | list[int]]
"""For each record of a request the number of its row, or the numbers of the rows merged into it."""

SCHEMA: Final = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE request (
    number INTEGER PRIMARY KEY, records INTEGER, rows INTEGER, body BLOB, record_values TEXT, row_numbers TEXT
);
CREATE TABLE invalid (row INTEGER PRIMARY KEY, issues TEXT, record TEXT);
CREATE TABLE part (
    id INTEGER PRIMARY KEY, request INTEGER, low INTEGER, high INTEGER, rows INTEGER, searched INTEGER,
    state TEXT, ticket TEXT, outcome TEXT, seconds REAL
);
"""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was cut.

    Attributes:
        number: its place among the requests, from 1.
        records: how many records it carries.
        rows: how many rows were folded into them.
    """

    number: int
    records: int
    rows: int


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


class SnapshotWriter:
    """Writes a snapshot as the rows come; unsealed, it is worth nothing and is begun anew.

    Args:
        path: the file to make; whatever is there is replaced.

    Raises:
        StoreError: from every method, where the disk cannot take it.
    """

    def __init__(self, path: Path) -> None:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        self._path = path
        self._requests = 0
        self._connection = open_writer(path)
        with guarded("beginning the snapshot"):
            # Nothing here need survive a crash before the seal, so nothing is written twice or waited for.
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE"):
                self._connection.execute(f"PRAGMA {pragma}")
            for statement in SCHEMA.strip().split(";\n"):
                self._connection.execute(statement)
            self._connection.execute("BEGIN")

    def add_request(self, body: bytes, records: int, record_values: str, row_numbers: RowNumbers) -> None:
        """Write one request.

        Args:
            body: its exact bytes.
            records: how many records it carries.
            record_values: a JSON array that has an array of values for each of them.
            row_numbers: the rows behind each of them.
        """
        self._requests += 1
        rows = sum(len(each) if isinstance(each, list) else 1 for each in row_numbers)
        values = (self._requests, records, rows, body, record_values, _json(row_numbers))
        with guarded("writing the snapshot"):
            self._connection.execute("INSERT INTO request VALUES (?, ?, ?, ?, ?, ?)", values)

    def add_invalid(self, rows: Sequence[SetAside]) -> None:
        """Write rows that we refused."""
        if not rows:
            return
        values = [(each.row, _json([_issue_json(issue) for issue in each.issues]), _json(each.record)) for each in rows]
        with guarded("writing the snapshot"):
            self._connection.executemany("INSERT INTO invalid VALUES (?, ?, ?)", values)

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
        with guarded("sealing the snapshot"):
            self._connection.execute("COMMIT")
            self._connection.close()
        _sync(self._path)
        with closing(open_writer(self._path)) as connection, guarded("sealing the snapshot"), transaction(connection):
            connection.execute(
                "INSERT INTO part (request, low, high, rows, searched, state)"
                " SELECT number, 0, records, rows, 0, 'waiting' FROM request ORDER BY number"
            )
            values = [(name, _json(value)) for name, value in {**facts, "sealed": sendable}.items()]
            connection.executemany("INSERT INTO fact VALUES (?, ?)", values)

    def close(self) -> None:
        """Let go of the file; safe to call twice and after `seal`."""
        self._connection.close()


class Snapshot:
    """A sealed snapshot, to be read.

    Args:
        connection: the opened file. Use `open`.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path, *, sealed: bool = True) -> "Snapshot":
        """Open a snapshot.

        Args:
            path: its file.
            sealed: whether it must be sealed and sendable.

        Raises:
            StoreError: if there is none, or it was never sealed.
        """
        if not path.exists():
            raise StoreError(
                f"opening {path.name}: there is no snapshot: every row is settled, or none was ever sealed"
            )
        unsealed = f"opening {path.name}: the run ended before its snapshot was sealed; nothing was sent: run it again"
        try:
            snapshot = cls(open_writer(path, create=False))
        except StoreError as error:  # killed while its pages were being written
            raise StoreError(unsealed) from error
        if snapshot._is_sealed() or not sealed:
            return snapshot
        snapshot.close()
        raise StoreError(unsealed)

    @property
    def connection(self) -> Connection:
        """The file, for the journal kept in it."""
        return self._connection

    def fact(self, name: str) -> object:
        """Give what was sealed under `name`; None if nothing was."""
        with guarded("reading the snapshot"):
            found = self._connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return json.loads(found[0]) if found else None

    def _is_sealed(self) -> bool:
        try:
            return self.fact("sealed") is True
        except StoreError:  # killed before its tables were there
            return False

    def warnings(self) -> list[str]:
        """Give what the reading of the rows warned of."""
        known = self.fact("warnings")
        return [str(each) for each in known] if isinstance(known, list) else []

    def requests(self) -> list[Request]:
        """Give all requests, in order, without their bodies."""
        with guarded("reading the snapshot"):
            found = self._connection.execute("SELECT number, records, rows FROM request ORDER BY number").fetchall()
        return [Request(*each) for each in found]

    def body(self, number: int) -> bytes:
        """Give the exact bytes of a request."""
        with guarded("reading the snapshot"):
            found = self._connection.execute("SELECT body FROM request WHERE number = ?", (number,)).fetchone()
        return bytes(found[0])

    def record_values(self, number: int) -> list[list[object]]:
        """Give the values of each record of a request."""
        values: list[list[object]] = self._json_column(number, "record_values")
        return values

    def row_numbers(self, number: int) -> list[list[int]]:
        """Give the numbers of the rows behind each record of a request."""
        return [each if isinstance(each, list) else [each] for each in self._json_column(number, "row_numbers")]

    def invalid_rows(self) -> int:
        """Count the rows that we refused."""
        with guarded("reading the snapshot"):
            return int(self._connection.execute("SELECT count(*) FROM invalid").fetchone()[0])

    def invalid(self, most: int | None = None) -> Iterator[SetAside]:
        """Give the rows that we refused, in order, at most `most` of them."""
        with guarded("reading the snapshot"):
            statement = "SELECT row, issues, record FROM invalid ORDER BY row LIMIT ?"
            cursor = self._connection.execute(statement, (-1 if most is None else most,))
            while found := cursor.fetchmany(500):
                for row, issues, record in found:
                    known = [ValidationIssue(name, code, text, row) for name, code, text in json.loads(issues)]
                    yield SetAside(row, known, json.loads(record))

    def close(self) -> None:
        """Let go of the file; safe to call twice."""
        self._connection.close()

    def _json_column(self, number: int, column: str) -> Any:  # noqa: ANN401 - the callers know what they wrote
        with guarded("reading the snapshot"):
            statement = f"SELECT {column} FROM request WHERE number = ?"  # noqa: S608 - a column's name of our own
            found = self._connection.execute(statement, (number,)).fetchone()
        return json.loads(found[0])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _issue_json(issue: ValidationIssue) -> list[str]:
    return [issue.field, issue.code, issue.message]


def _sync(path: Path) -> None:
    """Wait until the file and its folder's entry are on the disk."""
    try:
        for each in (path, path.parent):
            descriptor = os.open(each, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    except OSError as error:
        raise StoreError(f"sealing the snapshot: {error.strerror}") from error
