"""Which tables does the history's file have, and who opens it?"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from td_line_connectors.errors import StoreError
from td_line_connectors.storage.sqlite import Connection, DamagedError, guarded, open_reader, open_writer, transaction

__all__ = ["REQUEST", "RUN", "TASK", "reading", "writing"]

FORMAT: Final = 1
"""The version of this form; a later one is not read."""

SCHEMA: Final = """
CREATE TABLE format (version INTEGER NOT NULL);
CREATE TABLE run (
    run_id TEXT PRIMARY KEY, status TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT, what TEXT NOT NULL,
    retry_of TEXT, run_order TEXT NOT NULL
);
CREATE INDEX run_started ON run (started_at);
CREATE TABLE task (
    run_id TEXT NOT NULL, number INTEGER NOT NULL, folder TEXT NOT NULL, target TEXT, report TEXT NOT NULL,
    ended INTEGER NOT NULL, PRIMARY KEY (run_id, number)
);
CREATE TABLE request (
    run_id TEXT NOT NULL, task INTEGER NOT NULL, number INTEGER NOT NULL, rows INTEGER NOT NULL, ticket TEXT,
    outcome TEXT NOT NULL, written INTEGER NOT NULL, mismatched INTEGER NOT NULL, seconds REAL,
    attempts INTEGER NOT NULL
);
CREATE INDEX request_of ON request (run_id, task);
"""

RUN: Final = "run_id, status, started_at, ended_at, what, retry_of, run_order"
TASK: Final = "run_id, number, folder, target, report, ended"
REQUEST: Final = "run_id, task, number, rows, ticket, outcome, written, mismatched, seconds, attempts"


@contextmanager
def writing(path: Path) -> Iterator[Connection]:
    """Open the history to write, for the length of the block; one that is not there is made.

    Raises:
        StoreError: if it cannot be opened, or a newer version wrote it.
    """
    with _advised(), closing(open_writer(path)) as connection:
        with guarded("opening the history"), transaction(connection):
            if not _has_tables(connection):
                for statement in SCHEMA.strip().split(";\n"):
                    connection.execute(statement)
                connection.execute("INSERT INTO format VALUES (?)", [FORMAT])
        yield connection


@contextmanager
def reading(path: Path) -> Iterator[Connection | None]:
    """Open the history as it stands at one moment, for the length of the block; None where there is none yet.

    Raises:
        StoreError: if it cannot be opened, or a newer version wrote it.
    """
    if not path.exists():
        yield None
        return
    with _advised(), closing(open_reader(path, snapshot=True)) as connection, guarded("reading the history"):
        yield connection if _has_tables(connection) else None


def _has_tables(connection: Connection) -> bool:
    """Say whether the file has a history's tables.

    Raises:
        StoreError: if a newer version of this package made them.
    """
    if not connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'format'").fetchone()[0]:
        return False
    if connection.execute("SELECT version FROM format").fetchone()[0] > FORMAT:
        raise StoreError("opening history.sqlite: a newer version of td-line has written it; use that one")
    return True


@contextmanager
def _advised() -> Iterator[None]:
    """Say what can be done about a history that is damaged."""
    try:
        yield
    except DamagedError as error:
        advice = "Moved away, it is begun anew; then past runs are not remembered, and none of them can be resumed"
        raise DamagedError(f"{error}. {advice}") from error
