"""Where does a run keep its files?"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from td_line_connectors.errors import StoreError

__all__ = ["RunFolder", "forget_old_runs", "new_run_id", "remove_database", "temporary_folder"]


def new_run_id(now: datetime, random: Callable[[], float]) -> str:
    """Give a name for a run that sorts by time: `20260131T073000-4f09c2`, in UTC."""
    return f"{now:%Y%m%dT%H%M%S}-{int(random() * 16**6):06x}"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give a private folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="td-line-") as name:
        yield Path(name)


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one task of one run.

    Attributes:
        path: the task's own folder.
    """

    path: Path

    @property
    def snapshot(self) -> Path:
        """The rows as they will be sent, and the journal of what was sent."""
        return self.path / "snapshot.sqlite"

    @property
    def rejects(self) -> Path:
        """The rows set aside, with their reasons."""
        return self.path / "rejects.jsonl"

    def forget_snapshot(self) -> None:
        """Delete the snapshot; one that is not there is fine.

        Raises:
            StoreError: if it is there and stays there.
        """
        remove_database(self.snapshot)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process and thread away from the run for the length of the block.

        Raises:
            StoreError: if there is no such folder, or another is at the run.
        """
        handle = _lock(self.path)
        try:
            yield
        finally:
            os.close(handle)  # and with it the lock, as it would be if the process died


def _lock(folder: Path) -> int:
    """Lock a folder and give the handle that holds the lock until it is closed."""
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException:
            os.close(handle)
            raise
    except BlockingIOError as error:
        raise StoreError(f"opening the run {folder.name}: another process is at it; wait until it has ended") from error
    except OSError as error:
        raise StoreError(f"opening the run {folder.name}: {error.strerror}") from error
    return handle


def remove_database(path: Path) -> None:
    """Delete a database file and what SQLite keeps beside it; none there is fine.

    Raises:
        StoreError: if one is there and stays there.
    """
    try:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"deleting {path.name}: {error.strerror}; delete it by hand, it holds rows") from error


def forget_old_runs(runs: Path, now: datetime, keep_days: int) -> None:
    """Delete the rejects and unfinished snapshots of runs that are older than they may be kept.

    Args:
        runs: the folder of all runs' folders.
        now: the present moment, aware of its zone.
        keep_days: days for which rows that were not sent may lie on the disk.
    """
    oldest = now.timestamp() - keep_days * 86_400
    for folder in runs.iterdir():
        try:
            if folder.is_dir() and _last_change(folder) < oldest:
                shutil.rmtree(folder)
        except OSError:  # another process is at it, or it is not ours: the next run tries again
            continue


def _last_change(folder: Path) -> float:
    """Give the moment, in epoch seconds, at which anything in a folder was written last."""
    return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
