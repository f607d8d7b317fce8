"""Does another drain hand this project over?"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.storage.file_lock import FileLock

__all__ = ["only_drain"]


@contextmanager
def only_drain(state: Path) -> Iterator[None]:
    """Keep every other drain away for the length of the block; the lock ends with its process, whatever ends that.

    Args:
        state: the project's state folder.

    Raises:
        ConfigError: another drain is there.
        StoreError: the disk could not do it.
    """
    path = state / "plazma" / "drain.lock"
    try:
        lock = FileLock.take(path, f"process {os.getpid()}")
    except OSError as error:
        rule = "the state folder belongs on a local disk with room, and to this user"
        raise StoreError(f"locking {path.name}: {error.strerror}: {rule}") from error
    if isinstance(lock, str):
        message = f"a drain of this project is at work already ({lock or 'another process'}): leave it to it"
        raise ConfigError.of("drain", "running", message)
    try:
        yield
    finally:
        lock.release()
