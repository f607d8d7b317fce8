"""Who else is at this file?

A lock of the operating system (`flock`) says so, and the file says in words who holds it. The lock ends with its
process, however that ends, and at once.
"""

import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import FileIO
from pathlib import Path
from typing import Final
from weakref import WeakSet

from td_line_connectors.storage.private import make_private_file

__all__ = ["FileLock"]

LONGEST: Final = 400
"""Bytes of a holder's words that are kept and read."""


@dataclass(slots=True, eq=False, weakref_slot=True)
class FileLock:
    """An exclusive lock, among threads as among processes. Use `take`.

    Attributes:
        file: the open file; the lock is its.
    """

    file: FileIO

    @classmethod
    def take(cls, path: Path, words: str) -> "FileLock | str":
        """Lock a file, which is made (0600) where it is missing, and write into it who we are. Does not wait.

        Args:
            path: the file. It must never be deleted or replaced while anybody may lock it.
            words: who we are; one line.

        Returns:
            the lock; else the words of whoever has it, empty where they are not known.

        Raises:
            OSError: if the file cannot be opened, or the file system knows no locks.
            StoreError: if it cannot be made.
        """
        file = _opened(path)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with file:
                return os.pread(file.fileno(), LONGEST, 0).decode(errors="replace")
        except BaseException:
            file.close()
            raise
        lock = cls(file)
        _leave_locks_to_the_parent()
        _taken.add(lock)
        lock._say(words)
        return lock

    def release(self) -> None:
        """Let go. Safe to call twice, and in a child of `fork`, where the lock is the parent's."""
        if not self.file.closed:
            self._say("")
            fcntl.flock(self.file, fcntl.LOCK_UN)  # closing alone would leave it to a child that is just being made
            self.file.close()

    def _say(self, words: str) -> None:
        """Write who has the lock. The words are for people: a full disk costs them and not the lock."""
        with suppress(OSError):
            self.file.truncate(0)
            os.pwrite(self.file.fileno(), words.encode(errors="replace")[:LONGEST], 0)


_taken: "WeakSet[FileLock]" = WeakSet()


def _opened(path: Path) -> FileIO:
    try:
        return FileIO(path, "r+")
    except FileNotFoundError:
        make_private_file(path)
        return FileIO(path, "r+")


@cache
def _leave_locks_to_the_parent() -> None:
    """See to it that a child of `fork` neither holds a lock after its parent's death nor ends it before."""
    os.register_at_fork(after_in_child=_close_all)


def _close_all() -> None:
    for lock in list(_taken):
        lock.file.close()
