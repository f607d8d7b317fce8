"""A file's times are found where its tasks are broken, and its workflow files where the project keeps them."""

from pathlib import Path

import pytest

from td_line_connectors.workflow.files import workflow_files
from td_line_connectors.workflow.schedule import ScheduleKind
from td_line_connectors.workflow.timing import find_timing


def test_the_times_are_found_though_the_tasks_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "a.dig").write_text("timezone: Asia/Taipei\nschedule:\n  hourly>: 30:00\n+task:\n  nonsense>: 1\n")
    timing = find_timing(tmp_path / "a.dig", "a.dig")

    assert timing is not None
    assert timing.schedule is not None
    assert (timing.timezone, timing.schedule.kind) == ("Asia/Taipei", ScheduleKind.HOURLY)


def test_a_schedule_is_remembered_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "a.dig").write_text("schedule:\n  daily>: 7:30:00\n  skip_delayed_by: 1h\n")
    timing = find_timing(tmp_path / "a.dig", "a.dig")

    assert timing is not None
    assert timing.schedule is not None
    assert timing.schedule.text == "daily>: 7:30:00, skip_delayed_by: 1h"


@pytest.mark.parametrize(
    "text",
    ["schedule:\n  daily>: 25:00:00\n", "timezone: CST\n", "a: [", "- a\n", ""],
    ids=["a bad time", "a bad zone", "no YAML", "no mapping", "nothing"],
)
def test_what_is_wrong_with_the_times_gives_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.dig").write_text(text)
    assert find_timing(tmp_path / "a.dig", "a.dig") is None


def test_workflows_lie_in_the_folder_and_those_directly_below(tmp_path: Path) -> None:
    for name in ("b.dig", "a.dig", "jobs/c.dig", ".hidden/d.dig", "jobs/deep/e.dig", "a.sql"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assert [path.relative_to(tmp_path).as_posix() for path in workflow_files(tmp_path)] == [
        "a.dig",
        "b.dig",
        "jobs/c.dig",
    ]
