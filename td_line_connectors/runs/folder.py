"""Where does a run keep its files?"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

__all__ = ["RunFolder", "forget_old_runs", "new_run_id", "temporary_folder"]


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
        path: the task's own folder; it exists.
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
        """Delete the snapshot; one that is not there is fine."""
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{self.snapshot}{suffix}").unlink(missing_ok=True)


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
