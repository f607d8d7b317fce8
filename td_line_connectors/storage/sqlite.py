"""The door of sqlite3: connections, transactions, errors."""

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.storage.interrupts import let_signals_in, what_ended_it
from td_line_connectors.storage.private import make_private_file

__all__ = [
    "Connection",
    "Cursor",
    "DamagedError",
    "PassingError",
    "StatementError",
    "guarded",
    "guarded_query",
    "open_reader",
    "open_writer",
    "transaction",
]


class PassingError(StoreError):
    """The disk is full, or another process is writing: the same connection will do once that is over."""


class DamagedError(StoreError):
    """The file is no database, or not a whole one any more."""


class StatementError(StoreError):
    """A statement or its values were refused; the file and the disk are well, and others may succeed."""


class Cursor(Protocol):
    """What we use of a cursor."""

    @property
    def description(self) -> Any:  # noqa: ANN401 - DB-API: tuples whose first item is the column's name, or None
        """The columns of the answer, as DB-API gives them."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""

    def fetchone(self) -> Any:  # noqa: ANN401 - a row's values have the types that the table holds
        """Give the next row, or None."""

    def fetchmany(self, size: int | None = 1, /) -> list[Any]:
        """Give up to `size` further rows."""

    def fetchall(self) -> list[Any]:
        """Give all further rows."""

    def __iter__(self) -> Iterator[Any]:
        """Give the further rows one by one, which is quicker than to ask for each."""

    def close(self) -> None:
        """Let go of the statement."""


class Connection(Protocol):
    """What we use of a connection. Open to any thread, but to one at a time."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = (), /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        """Run one statement for each row of parameters."""

    def close(self) -> None:
        """Close; safe to call twice."""


_BUSY_WAIT: Final = 5.0
_OPERATIONS_BETWEEN_SIGNALS: Final = 1_000_000
_WRITER: Final = (
    "synchronous=FULL",
    "secure_delete=ON",  # else pages that were divided keep texts in their free places, out of reach when deleted later
    "journal_size_limit=67108864",
    "cache_size=-16384",
    "trusted_schema=OFF",
)
_READER: Final = ("query_only=ON", "cache_size=-16384", "trusted_schema=OFF")
_READING: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})

_ROWS_VALUE: Final = re.compile(r"(JSON path error near|bad JSON path:).*", re.DOTALL)
"""The messages of SQLite that repeat a value: https://sqlite.org/src/file/src/json.c, jsonBadPathError."""

_SENTENCES: Final = {
    sqlite3.SQLITE_FULL: "the disk is full; make room and do it again. What was stored is safe",
    sqlite3.SQLITE_BUSY: "another process is writing to it; do it again in a moment",
    sqlite3.SQLITE_LOCKED: "another process is writing to it; do it again in a moment",
    sqlite3.SQLITE_NOMEM: "there is not enough memory; end other processes and do it again",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; take it from a backup, or use .recover of the sqlite3 tool",
    sqlite3.SQLITE_NOTADB: "the file is no SQLite database, or is damaged; move it away or take it from a backup",
    sqlite3.SQLITE_READONLY: "this user may only read it; give the right to write to the file and its folder",
    sqlite3.SQLITE_PERM: "this user may not open it; give the right to the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; is the file there, and may this user read it and its folder?",
    sqlite3.SQLITE_IOERR: "the disk reports an error; is it full, read-only or failing?",
}
_PASSING: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM})
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def open_writer(path: Path, *, create: bool = True, wait: float = _BUSY_WAIT) -> Connection:
    """Open a database to read and write: WAL, every commit durable (`synchronous=FULL`), explicit transactions.

    A new file has mode 0600 and new folders 0700, whatever the umask. Text comes out decoded with replacement. What is
    deleted or changed is overwritten.

    Args:
        path: the file.
        create: make the file, and the folders above it, where they are missing.
        wait: seconds to wait for another writer's transaction to end.

    Raises:
        StoreError: the file cannot be made, opened or written to, is damaged, or another process keeps it busy.
    """
    if create:
        make_private_file(path)
    # SQLite would open it to read, and make a log as unwritable as the file, which stays when the file is mended.
    if _may(path, os.F_OK) and not _may(path, os.W_OK):
        raise StoreError(f"opening {path.name}: {_SENTENCES[sqlite3.SQLITE_READONLY]}")
    with guarded(f"opening {path.name}"):
        connection = _connect(path, "rw", wait)
        try:
            _configure(connection, _WRITER)
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                _switch_to_wal(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def open_reader(path: Path, *, snapshot: bool = False, wait: float = _BUSY_WAIT) -> Connection:
    """Open a database to read only. Writes, ATTACH and PRAGMA are refused by an authorizer.

    Args:
        path: the file; it must exist.
        snapshot: let every statement see the database as it stands now. Keep such a connection short: while it
            is open, the writer's log cannot shrink.
        wait: seconds to wait for a lock.

    Raises:
        StoreError: the file cannot be opened or is damaged.
    """
    with guarded(f"opening {path.name}"):
        connection = _connect(path, "ro", wait)
        try:
            _configure(connection, _READER)
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if snapshot:
                connection.execute("BEGIN")
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            connection.set_authorizer(_authorize)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Do everything inside or nothing of it. Takes the write lock at once; sqlite3's errors pass through."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # after a full disk SQLite has rolled back by itself
            connection.execute("ROLLBACK")
        raise


@contextmanager
def guarded(doing: str) -> Iterator[None]:
    """Turn sqlite3's errors into ours, around statements of our own.

    Args:
        doing: what is being done, as a message begins: `writing the snapshot`.

    Raises:
        PassingError: the disk is full or the database is busy.
        DamagedError: the file is no database, or not a whole one any more.
        StatementError: the statement or its values were refused.
        StoreError: the disk or the database could not do it.
        BaseException: a signal stopped the statement; what its handler raised, a KeyboardInterrupt as a rule.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(doing, error) from error


@contextmanager
def guarded_query(doing: str) -> Iterator[None]:
    """Turn sqlite3's errors into ours, around a statement that a person wrote.

    Raises:
        ConfigError: the statement is wrong, does more than read, or is more than one.
        StoreError: the disk or the database could not do it.
        BaseException: a signal stopped the statement; what its handler raised, a KeyboardInterrupt as a rule.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = _primary_code(error)
        if code == sqlite3.SQLITE_AUTH or "not authorized" in str(error):
            rule = "a query may only read: writing, ATTACH, PRAGMA and transactions are refused"
            raise ConfigError.of("query", "read_only", f"{doing}: {rule}") from error
        if code in _SENTENCES or code == sqlite3.SQLITE_INTERRUPT:
            raise _translated(doing, error) from error
        message = _ROWS_VALUE.sub(r"\1 … (a row's value, which is not shown)", str(error))
        shown = error if message == str(error) else None  # a traceback would repeat the value
        raise ConfigError.of("query", "sql", f"{doing}: {message}") from shown
    except ValueError as error:
        rule = "the SQL has a character that is no text (NUL or a surrogate); take it out"
        raise ConfigError.of("query", "sql", f"{doing}: {rule}") from error


def _translated(doing: str, error: sqlite3.Error) -> BaseException:
    code = _primary_code(error)
    # Nothing but a signal interrupts. And a signal while the authorizer judges a statement of ours looks like a denial.
    if code in {sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_AUTH}:
        return what_ended_it()
    if code not in _SENTENCES:
        return StatementError(f"{doing}: {error}")
    kind = PassingError if code in _PASSING else DamagedError if code in _DAMAGED else StoreError
    return kind(f"{doing}: {_SENTENCES[code]}")


def _primary_code(error: sqlite3.Error) -> int:
    """Give SQLite's primary result code; 1 (SQLITE_ERROR) where Python itself raised the error."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _may(path: Path, what: int) -> bool:
    return os.access(path, what, effective_ids=os.access in os.supports_effective_ids)


def _connect(path: Path, mode: str, wait: float) -> sqlite3.Connection:
    uri = f"file:{quote(os.fsencode(path.absolute()))}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=wait, isolation_level=None, check_same_thread=False)
    connection.text_factory = _decode
    connection.set_progress_handler(let_signals_in().__next__, _OPERATIONS_BETWEEN_SIGNALS)
    return connection


def _decode(data: bytes) -> str:
    try:
        return data.decode()  # called for every text cell: without arguments it is a third faster
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def _configure(connection: sqlite3.Connection, pragmas: Iterable[str]) -> None:
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def _switch_to_wal(connection: sqlite3.Connection, path: Path) -> None:
    """Switch a new file to WAL; of two processes that do so at once, one waits behind the other's lock."""
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("COMMIT")
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        raise StoreError(f"opening {path.name}: the file system cannot share memory (WAL); keep it on a local disk")


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, _by: str | None) -> int:
    """Allow what reads. The arguments' meaning depends on the action: https://sqlite.org/c3ref/c_alter_table.html."""
    if action in _READING:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and second != "load_extension":
        return sqlite3.SQLITE_OK
    # Declaring json_each and its like for the connection looks like this; a person's own UPDATE of the schema is
    # refused by SQLite itself.
    if action == sqlite3.SQLITE_UPDATE and first in {"sqlite_master", "sqlite_schema"}:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY
