"""Is anybody at this run?

A lock on a folder says so. It ends with the process that holds it, however that ends, and at once.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from td_line_connectors.errors import StoreError

__all__ = ["hold", "is_held"]

LOOKS: Final = 5
PAUSE: Final = 0.02
"""Seconds between two looks: somebody who only asks `is_held` is gone by the next."""


@contextmanager
def hold(folder: Path, *, sleep: Callable[[float], None] | None = None) -> Iterator[None]:
    """Keep every other process and thread away from a run's folder for the length of the block.

    Args:
        folder: the run's, or one of its tasks'.
        sleep: waits so many seconds; None where nobody asks `is_held` of this folder.

    Raises:
        StoreError: if there is no such folder, or another is at it.
    """
    handle = _opened(folder)
    try:
        for look in range(1, LOOKS + 1):
            if _locked(handle, fcntl.LOCK_EX, folder):
                break
            if look == LOOKS or sleep is None:
                raise StoreError(f"opening the run {folder.name}: another process is at it; wait until it has ended")
            sleep(PAUSE)
        yield
    finally:
        os.close(handle)  # and with it the lock, as it would be if the process died


def is_held(folder: Path) -> bool:
    """Say whether somebody holds a folder. One that is not there is held by nobody.

    Raises:
        StoreError: if that cannot be learnt.
    """
    if not folder.exists():
        return False
    handle = _opened(folder)
    try:
        return not _locked(handle, fcntl.LOCK_SH, folder)
    finally:
        os.close(handle)


def _opened(folder: Path) -> int:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise StoreError(f"opening the run {folder.name}: {error.strerror}") from error


def _locked(handle: int, how: int, folder: Path) -> bool:
    """Take the lock; say whether it was free."""
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        rule = "the file system knows no locks; keep the state folder on a local disk"
        raise StoreError(f"locking the run {folder.name}: {error.strerror}: {rule}") from error
    return True
