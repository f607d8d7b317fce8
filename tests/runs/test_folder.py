"""One process at a run; and what is left of a run goes when its time has come."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from td_line_connectors.errors import StoreError
from td_line_connectors.runs.folder import RunFolder, forget_old_runs

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY = 86_400


def test_a_run_that_another_is_at_is_refused(tmp_path: Path) -> None:
    with RunFolder(tmp_path).locked(), pytest.raises(StoreError, match="another process is at it"):
        RunFolder(tmp_path).locked().__enter__()


def test_a_run_can_be_taken_up_once_the_other_has_ended(tmp_path: Path) -> None:
    for _ in range(2):
        with RunFolder(tmp_path).locked():
            pass


def test_the_folder_of_a_run_that_never_was_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No such file"):
        RunFolder(tmp_path / "none").locked().__enter__()


def test_a_snapshot_is_forgotten_with_all_that_sqlite_keeps_beside_it(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{folder.snapshot}{suffix}").touch()

    folder.forget_snapshot()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("age", "left"), [(29, ["run"]), (31, [])])
def test_rejects_and_unfinished_snapshots_go_after_their_days(tmp_path: Path, age: int, left: list[str]) -> None:
    file = tmp_path / "run" / "01-members" / "rejects.jsonl"
    file.parent.mkdir(parents=True)
    file.touch()
    for path in (file, file.parent, tmp_path / "run"):
        os.utime(path, (NOON.timestamp() - age * DAY,) * 2)

    forget_old_runs(tmp_path, NOON, 30)

    assert [path.name for path in tmp_path.iterdir()] == left
