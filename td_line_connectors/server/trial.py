"""Would the store take a call now?"""

import shutil
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

from td_line_connectors.errors import StoreError
from td_line_connectors.storage.events import Files
from td_line_connectors.storage.sqlite import Connection, guarded, open_writer, transaction

__all__ = ["try_databases"]

WAIT: Final = 0.5
"""Seconds to wait for another writer; a commit of calls takes far less."""

ROOM: Final = 16 * 1024 * 1024
"""Bytes that must be free on a database's disk: a commit of calls takes a few megabytes, and the trial itself nothing
where SQLite's log has room left."""


def try_databases(databases: Files, names: Iterable[str], room: int = ROOM) -> None:
    """Make a durable write to each database that changes nothing, and see whether there is room for more.

    Args:
        databases: knows their files.
        names: of those that are tried.
        room: bytes that must be free on the disk of each.

    Raises:
        ConfigError: there is no such database.
        StoreError: it cannot be written to, or its disk has less than `room` bytes left.
    """
    for name in sorted(names):
        path = databases.path(name)
        with closing(open_writer(path, create=False, wait=WAIT)) as connection:
            _write_nothing(connection, name)
        _look_for_room(path, name, room)


def _write_nothing(connection: Connection, name: str) -> None:
    with guarded(f"trying to write to {name}"), transaction(connection):
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        connection.execute(f"PRAGMA user_version = {version}")  # the same one, but a page is written for it


def _look_for_room(path: Path, name: str, room: int) -> None:
    try:
        free = shutil.disk_usage(path).free
    except OSError as error:
        raise StoreError(f"looking for room for {name}: {error.strerror}") from error
    if free < room:
        raise StoreError(f"{name}: its disk has {free:,} bytes left, and calls need {room:,}; make room")
