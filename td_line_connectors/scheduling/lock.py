"""Does another scheduler run this project?"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.storage.private import make_private_file

__all__ = ["only_scheduler"]


@contextmanager
def only_scheduler(path: Path) -> Iterator[None]:
    """Keep every other scheduler away for the length of the block; the lock ends with its process, whatever ends that.

    Args:
        path: `<state>/schedule.lock`, made where it is missing; it holds the process's number, for people.

    Raises:
        ConfigError: another scheduler is there.
        StoreError: the disk could not do it.
    """
    make_private_file(path)
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError as error:
        raise _unlocked(path, error) from error
    try:
        _lock(handle, path)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError as error:
        process = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
        message = f"a scheduler of this project is running already (process {process}): end it first, or leave it to it"
        raise ConfigError.of("schedule", "running", message) from error
    except OSError as error:
        raise _unlocked(path, error) from error


def _unlocked(path: Path, error: OSError) -> StoreError:
    rule = "the state folder belongs on a local disk with room, and to this user"
    return StoreError(f"locking {path.name}: {error.strerror}: {rule}")
