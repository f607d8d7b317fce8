"""A file is there whole, or as it was before."""

from pathlib import Path
from typing import BinaryIO

import pytest

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.storage.whole_file import new_file, whole_file


class _StoppedError(Exception):
    """What comes between."""


def write_half(file: BinaryIO) -> None:
    file.write(b"half")
    raise _StoppedError


def test_a_file_takes_the_place_of_an_older_one_at_one_stroke(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_text("older")

    with whole_file(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "older"
    assert path.read_text() == "new"
    assert [*tmp_path.iterdir()] == [path]


def test_a_file_that_was_not_finished_leaves_the_older_one_and_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_text("older")

    with pytest.raises(_StoppedError), whole_file(path) as file:
        write_half(file)
    assert path.read_text() == "older"
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_file_has_the_mode_that_was_asked_for(tmp_path: Path, mode: int) -> None:
    with whole_file(tmp_path / "report", mode=mode):
        pass

    assert (tmp_path / "report").stat().st_mode & 0o777 == mode


def test_a_full_disk_and_a_missing_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"^writing report: No space left"), whole_file(tmp_path / "report"):
        raise OSError(28, "No space left on device")
    with pytest.raises(StoreError, match=r"^writing report: No such file"), whole_file(tmp_path / "no" / "report"):
        pass
    assert [*tmp_path.iterdir()] == []


def test_a_new_file_takes_nobodys_place(tmp_path: Path) -> None:
    path = tmp_path / "mended.csv"
    path.write_text("work of hours")

    with pytest.raises(ConfigError, match="is there already, and is not overwritten"), new_file(path):
        pass
    assert path.read_text() == "work of hours"


def test_a_new_file_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(_StoppedError), new_file(tmp_path / "new") as file:
        write_half(file)
    assert [*tmp_path.iterdir()] == []

    with pytest.raises(StoreError, match=r"^writing new: No such file"), new_file(tmp_path / "no" / "new"):
        pass
