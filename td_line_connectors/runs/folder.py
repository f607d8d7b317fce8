"""Where does a run keep its files?"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from td_line_connectors.errors import StoreError

__all__ = ["RunFolder", "new_run_id", "private_folder", "temporary_folder"]


def new_run_id(now: datetime, random: Callable[[], float]) -> str:
    """Give a name for a run that sorts by time: `20260131T073000-4f09c2`, in UTC."""
    return f"{now:%Y%m%dT%H%M%S}-{int(random() * 16**6):06x}"


def private_folder(path: Path) -> Path:
    """Make `path`, readable by its owner alone whatever the umask, and give it back.

    Raises:
        StoreError: if it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise StoreError(f"making the folder {path}: {error.strerror}") from error
    return path


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

    def forget(self) -> None:
        """Delete the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
