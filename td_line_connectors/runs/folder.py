"""Where does a run keep its files?"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Final

from td_line_connectors.errors import StoreError
from td_line_connectors.runs.holding import hold

__all__ = ["RunFolder", "forget_old_runs", "forget_run", "new_run_id", "remove_database", "temporary_folder"]

DOOMED: Final = ".deleted-"
"""What the name of a folder begins with that is being deleted."""


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
        with hold(self.path):
            yield


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
        with suppress(OSError, StoreError):  # another process is at it, or it is not ours: the next run tries again
            if folder.is_dir() and (folder.name.startswith(DOOMED) or _is_unchanged_since(oldest, folder)):
                forget_run(folder)


def forget_run(folder: Path) -> None:
    """Delete a run's folder: at one stroke, so that no later look can take a half of it for the whole.

    Raises:
        StoreError: if another process is at it.
        OSError: if something in it cannot be deleted.
    """
    with hold(folder):
        doomed = folder if folder.name.startswith(DOOMED) else folder.with_name(f"{DOOMED}{folder.name}")
        folder.rename(doomed)
        shutil.rmtree(doomed)


def _is_unchanged_since(moment: float, folder: Path) -> bool:
    """Say whether nothing in a folder was written after a moment, in epoch seconds; what was ends the look."""
    return all(path.stat().st_mtime < moment for path in chain([folder], folder.rglob("*")))
