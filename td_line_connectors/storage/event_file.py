"""One database file that takes calls."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.storage.open_tables import Arrival, OpenTables
from td_line_connectors.storage.sqlite import (
    Connection,
    PassingError,
    StatementError,
    guarded,
    open_writer,
    transaction,
)

__all__ = ["EventFile"]

_WAIT: Final = 0.5
"""Seconds for which a commit waits for another process's transaction; calls must be answered within 1.5."""

_SHORT_WAIT: Final = 0.05
"""The same where the last commit has waited in vain: other databases share the thread."""

_TRIM_WAIT: Final = 0.1
"""Seconds for which readers are waited for when the log has grown too large."""

_PAGES_BETWEEN_CHECKPOINTS: Final = 4000


class EventFile:
    """An open database. For one thread; opened with the first call, and again after whatever made it useless.

    Args:
        name: the database's name, for messages.
        find: gives its file; may raise ConfigError where there is none.
        log_limit: bytes above which the write-ahead log is cut.
    """

    def __init__(self, name: str, find: Callable[[], Path], log_limit: int) -> None:
        self._name = name
        self._find = find
        self._log_limit = log_limit
        self._trim_at = log_limit
        self._log_size = 0
        self._path: Path | None = None
        self._place: tuple[int, ...] = ()
        self._wait = _WAIT
        self._connection: Connection | None = None
        self._tables: OpenTables | None = None

    def write(self, arrivals: Sequence[Arrival]) -> None:
        """Store all of the calls, durably, or none.

        Raises:
            StatementError: some call's rows or tables are to blame.
            StoreError: the file or the disk is.
        """
        with self._writing() as tables:
            tables.insert(arrivals)

    def write_each(self, arrivals: Sequence[Arrival]) -> list[StoreError | None]:
        """Store every call that can be stored, durably, in one commit.

        Returns:
            For each call what was wrong with its rows or tables; None where it is stored.

        Raises:
            StoreError: none is stored.
        """
        with self._writing() as tables:
            return [tables.try_insert(arrival) for arrival in arrivals]

    def trim_log(self) -> None:
        """Cut the write-ahead log if it has grown too large because readers kept it.

        Raises:
            StoreError: the disk could not do it; nothing is lost.
        """
        if self._connection is None or self._log_size <= self._trim_at:
            return
        self._trim_at = self._log_size * 5 // 4  # if readers keep it: not again with every commit
        with guarded(f"cutting the log of {self._name}"):
            _set_wait(self._connection, _TRIM_WAIT)
            try:
                kept = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                _set_wait(self._connection, self._wait)
        if not kept:
            self._log_size, self._trim_at = 0, self._log_limit

    def close(self) -> None:
        """Close the file; safe to call twice."""
        connection, self._connection, self._tables = self._connection, None, None
        if connection is not None:
            with guarded(f"closing {self._name}"):
                connection.close()

    @contextmanager
    def _writing(self) -> Iterator[OpenTables]:
        """Do what is inside in one durable transaction, or nothing of it."""
        try:
            connection, tables = self._open()
            with guarded(f"storing into {self._name}"), transaction(connection):
                tables.notice_changes()
                yield tables
            self._check_place()
        except (StatementError, PassingError) as error:
            if self._tables is not None:
                self._tables.forget()
            self._be_patient(_SHORT_WAIT if isinstance(error, PassingError) else _WAIT)
            raise
        except BaseException:
            with suppress(StoreError):  # the next call opens the file again
                self.close()
            raise
        self._be_patient(_WAIT)

    def _open(self) -> tuple[Connection, OpenTables]:
        if self._connection is None or self._tables is None:
            try:
                self._path = self._find()
            except ConfigError as error:
                raise StoreError(f"storing into {self._name}: {error}") from error
            except OSError as error:
                rule = "give this user the right to its folder"
                raise StoreError(f"storing into {self._name}: {error.strerror}; {rule}") from error
            self._connection = connection = open_writer(self._path, create=False, wait=self._wait)
            with guarded(f"opening {self._path.name}"):
                connection.execute(f"PRAGMA journal_size_limit = {self._log_limit}")
                connection.execute(f"PRAGMA wal_autocheckpoint = {_PAGES_BETWEEN_CHECKPOINTS}")
            self._place = ()
            self._tables = OpenTables(connection, self._name)
        return self._connection, self._tables

    def _check_place(self) -> None:
        """Make sure that what was written is where the next reader will look for it.

        Raises:
            StoreError: the file or its log was deleted, replaced or emptied while we wrote to it.
        """
        assert self._path is not None
        try:
            file, log = os.stat(self._path), os.stat(f"{self._path}-wal")  # noqa: PTH116 - a Path costs as much again
            place = (file.st_dev, file.st_ino, log.st_ino) if file.st_size else ()
        except OSError:
            place = ()
        if not place or place != (self._place or place):
            rule = "the file was deleted, replaced or emptied while it was in use; put it back"
            raise StoreError(f"storing into {self._name}: {rule}")
        self._place, self._log_size = place, log.st_size
        if self._log_size <= self._log_limit:
            self._trim_at = self._log_limit

    def _be_patient(self, wait: float) -> None:
        """Wait so long for other processes from now on."""
        if wait != self._wait:
            self._wait = wait
            if self._connection is not None:
                _set_wait(self._connection, wait)


def _set_wait(connection: Connection, seconds: float) -> None:
    connection.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")  # touches no file: it cannot fail
