"""Prometheus is told how runs stand, and nothing of whom."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from td_line_connectors.errors import StoreError
from td_line_connectors.report import ReportedError, RowCounts, RunStatus, TaskReport
from td_line_connectors.runs.exposition import Family, exposition
from td_line_connectors.runs.figures import figures_of, write_figures
from td_line_connectors.runs.history_store import History
from td_line_connectors.runs.holding import hold
from td_line_connectors.runs.recording import Recording

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DONE = TaskReport(task="+members", rows=RowCounts(read=10, written=9, invalid=1), seconds=2.5)
FAILED = replace(
    DONE, rows=RowCounts(read=10, invalid=1, unsettled=9), error=ReportedError("unreachable", "503", 4), seconds=1.0
)


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "state")


def record(
    history: History,
    hours: float,
    status: RunStatus,
    *reports: TaskReport,
    what: str = "campaign.dig",
    retry_of: str | None = None,
) -> str:
    """Record a run of an hour that began so many hours after noon; give its id."""
    run_id, began = f"run-{hours}", NOON + timedelta(hours=hours)
    with Recording.open(history.path, run_id) as recording:
        recording.run_began(began, what, {}, retry_of)
        for number, report in enumerate(reports, start=1):
            recording.task_began(number, f"{number:02}", None, TaskReport(task=report.task))
            recording.task_ended(number, report, [])
        if status is not RunStatus.RUNNING:
            recording.run_ended(began + timedelta(hours=1), status)
    return run_id


def read(figures: bytes) -> Mapping[str, float]:
    """Read the figures as Prometheus does: name and labels, the project's aside → value."""
    found = {}
    for family in text_string_to_metric_families(figures.decode()):
        assert (family.type, family.documentation != "") == ("gauge", True)
        for sample in family.samples:
            assert sample.labels.pop("project") == "shop"
            labels = " ".join(sample.labels.values())
            found[f"{sample.name.removeprefix('td_line_run_')} {labels}".strip()] = sample.value
    return found


def figures(history: History) -> Mapping[str, float]:
    return read(figures_of(history, "shop"))


def test_the_last_run_is_told_with_its_rows_and_times(history: History) -> None:
    record(history, 0, RunStatus.SUCCESS, DONE, DONE)
    shown = figures(history)

    assert shown["last_start_timestamp_seconds campaign.dig"] == NOON.timestamp()
    assert shown["last_end_timestamp_seconds campaign.dig"] == NOON.timestamp() + 3600
    assert shown["last_duration_seconds campaign.dig"] == 5.0
    assert shown["last_succeeded campaign.dig"] == 1
    assert [shown[f"last_rows campaign.dig {each}"] for each in ("written", "invalid", "unsettled")] == [18, 2, 0]


def test_a_failure_leaves_the_time_of_the_last_success(history: History) -> None:
    record(history, 0, RunStatus.SUCCESS, DONE)
    record(history, 5, RunStatus.ERROR, DONE, FAILED)
    shown = figures(history)

    assert shown["last_succeeded campaign.dig"] == 0
    assert shown["last_end_timestamp_seconds campaign.dig"] == NOON.timestamp() + 6 * 3600
    assert shown["last_success_timestamp_seconds campaign.dig"] == NOON.timestamp() + 3600
    assert shown["last_rows campaign.dig unsettled"] == 9


def test_what_never_succeeded_has_a_time_that_is_long_past(history: History) -> None:
    record(history, 0, RunStatus.ERROR, FAILED)

    assert figures(history)["last_success_timestamp_seconds campaign.dig"] == 0


def test_runs_and_rows_that_are_remembered_are_counted(history: History) -> None:
    for hours in (0, 1):
        record(history, hours, RunStatus.SUCCESS, DONE)
    record(history, 2, RunStatus.ERROR, FAILED)
    record(history, 3, RunStatus.SUCCESS, DONE, what="members.csv")
    shown = figures(history)

    assert shown["remembered campaign.dig success"] == 2
    assert shown["remembered campaign.dig error unreachable"] == 1
    assert shown["remembered members.csv success"] == 1
    assert shown["remembered_rows campaign.dig written"] == 18
    assert shown["remembered_rows campaign.dig unsettled"] == 9


def test_a_plan_is_no_run(history: History) -> None:
    record(history, 0, RunStatus.PLANNED, DONE)

    assert figures(history) == {}


def test_all_retries_are_one_series(history: History) -> None:
    for hours in (0, 1):
        record(history, hours, RunStatus.SUCCESS, DONE, what=f"rejects of run-{hours}", retry_of=f"run-{hours}")

    assert figures(history)["remembered rejects success"] == 2


def test_a_run_that_goes_on_is_counted_and_a_dead_one_is_interrupted(history: History) -> None:
    for hours in (0, 1):
        run_id = record(history, hours, RunStatus.RUNNING, FAILED)
        history.folder(run_id).mkdir(parents=True)
    with hold(history.folder("run-1")):
        shown = figures(history)

    assert shown["remembered campaign.dig running unreachable"] == 1
    assert shown["remembered campaign.dig interrupted unreachable"] == 1
    assert shown["last_start_timestamp_seconds campaign.dig"] == NOON.timestamp()
    assert shown["last_end_timestamp_seconds campaign.dig"] == 0


def test_no_name_can_forge_a_figure() -> None:
    name = 'x"} 1\nforged 1\\'
    [family] = text_string_to_metric_families(
        exposition([Family("td_line_run_last_rows", "Rows.", [({"what": name}, 1)])]).decode()
    )

    assert [sample.labels for sample in family.samples] == [{"what": name}]


def test_the_file_is_written_whole_and_may_be_read_by_the_collector(tmp_path: Path, history: History) -> None:
    record(history, 0, RunStatus.SUCCESS, DONE)
    write_figures(tmp_path / "td-line.prom", history, "shop")

    assert read((tmp_path / "td-line.prom").read_bytes()) == figures(history)
    assert oct((tmp_path / "td-line.prom").stat().st_mode & 0o777) == "0o644"
    assert [each.name for each in tmp_path.glob("*.*")] == ["td-line.prom"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, history: History) -> None:
    record(history, 0, RunStatus.SUCCESS, DONE)

    with pytest.raises(StoreError, match=r"^writing td-line\.prom: No such file"):
        write_figures(tmp_path / "nowhere" / "td-line.prom", history, "shop")


def test_every_name_is_documented(history: History) -> None:
    record(history, 0, RunStatus.SUCCESS, DONE)
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "watch.md").read_text(encoding="utf-8")
    names = {family.name for family in text_string_to_metric_families(figures_of(history, "shop").decode())}

    assert set(re.findall(r"`(td_line_run_\w+)`", page)) == names
