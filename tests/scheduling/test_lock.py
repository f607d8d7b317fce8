"""A project has one scheduler."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.scheduling.lock import only_scheduler


def test_a_second_scheduler_is_refused_and_the_first_one_named(tmp_path: Path) -> None:
    with only_scheduler(tmp_path / "lock"):  # noqa: SIM117 - the second is inside the first
        with pytest.raises(ConfigError, match=f"process {os.getpid()}"), only_scheduler(tmp_path / "lock"):
            pass


def test_after_the_first_has_ended_the_next_may_begin(tmp_path: Path) -> None:
    for _ in range(2):
        with only_scheduler(tmp_path / "lock"):
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, signal\n"
        "from td_line_connectors.scheduling.lock import only_scheduler\n"
        f"with only_scheduler(pathlib.Path({str(tmp_path / 'lock')!r})):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    with only_scheduler(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_the_lock_is_private(tmp_path: Path) -> None:
    with only_scheduler(tmp_path / "state" / "lock"):
        assert (tmp_path / "state" / "lock").stat().st_mode & 0o777 == 0o600


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(StoreError, match="locking lock"), only_scheduler(tmp_path / "lock"):
        pass
