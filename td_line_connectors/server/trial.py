"""Would the store take a call now?"""

from collections.abc import Iterable
from contextlib import closing
from typing import Final

from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.sqlite import Connection, guarded, open_writer, transaction

__all__ = ["try_databases"]

WAIT: Final = 0.5
"""Seconds to wait for another writer; a commit of calls takes far less."""


def try_databases(databases: Databases, names: Iterable[str]) -> None:
    """Make a durable write to each database that changes nothing.

    Raises:
        ConfigError: there is no such database.
        StoreError: it cannot be written to.
    """
    for name in sorted(names):
        with closing(open_writer(databases.path(name), create=False, wait=WAIT)) as connection:
            _write_nothing(connection, name)


def _write_nothing(connection: Connection, name: str) -> None:
    with guarded(f"trying to write to {name}"), transaction(connection):
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        connection.execute(f"PRAGMA user_version = {version}")  # the same one, but a page is written for it
