"""Calls into Raw and Events tables, each event once."""

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from td_line_connectors.errors import StoreError
from td_line_connectors.storage.event_file import EventFile
from td_line_connectors.storage.open_tables import Arrival
from td_line_connectors.storage.sqlite import StatementError

__all__ = ["Arrival", "EventTables", "Files"]

_LOG = logging.getLogger(__name__)
_LOG_LIMIT: Final = 64 * 1024 * 1024


class Files(Protocol):
    """What knows where databases are: `Databases`, say."""

    def path(self, name: str, /) -> Path:
        """Give the file of an existing database.

        Raises:
            ConfigError: there is none of that name.
        """


class EventTables:
    """The embedded Raw and Events tables. For one thread at a time.

    A commit is durable (fsynced) when it returns. The tables get the columns that rows bring, up to 200, and an
    events table its unique index, on first use. What makes a file useless does not outlast its cause: the file is
    opened again by the next call.

    Args:
        databases: knows their files.
        log_limit: bytes above which a database's write-ahead log is cut, as soon as readers allow it.
    """

    def __init__(self, databases: Files, *, log_limit: int = _LOG_LIMIT) -> None:
        self._databases = databases
        self._log_limit = log_limit
        self._files: dict[str, EventFile] = {}

    def append(self, batch: Sequence[Arrival]) -> None:
        """Store calls: those of one database all together, in one transaction, or not at all.

        Raises:
            StoreError: the first one, where a database could not do it; the others have theirs all the same.
        """
        errors = []
        for database in dict.fromkeys(arrival.database for arrival in batch):
            try:
                self._file(database).write([arrival for arrival in batch if arrival.database == database])
            except StoreError as error:
                errors.append(error)
        self.upkeep()
        if errors:
            raise errors[0]

    def store(self, database: str, arrivals: Sequence[Arrival]) -> list[StoreError | None]:
        """Store every call that can be stored, in one commit.

        If the rows of one are refused, all are tried again, each by itself.

        Args:
            database: an existing database.
            arrivals: calls for it and no other.

        Returns:
            For each call what has kept it from being stored; None where it is, durably.
        """
        file = self._file(database)
        try:
            try:
                file.write(arrivals)
            except StatementError as error:
                return [error] if len(arrivals) == 1 else file.write_each(arrivals)
        except StoreError as error:
            return [error] * len(arrivals)
        return [None] * len(arrivals)

    def upkeep(self) -> None:
        """Do what can wait until calls have been answered: cut the logs that have grown too large."""
        for file in self._files.values():
            try:
                file.trim_log()
            except StoreError as error:
                _LOG.warning("%s", error)

    def close(self) -> None:
        """Close every file; safe to call twice, and they open again where another call comes."""
        for file in self._files.values():
            try:
                file.close()
            except StoreError as error:
                _LOG.warning("%s", error)

    def _file(self, database: str) -> EventFile:
        if database not in self._files:
            self._files[database] = EventFile(database, partial(self._databases.path, database), self._log_limit)
        return self._files[database]
