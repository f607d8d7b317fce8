"""A report that was written down is read back."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as some

from td_line_connectors import errors
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report import (
    PlannedSegment,
    Reason,
    ReportedError,
    RowCounts,
    SegmentSummary,
    TaskPlan,
    TaskReport,
)

TEXTS = some.text(max_size=5)
ROWS = some.integers(0, 10**9)
IDS = some.none() | ROWS | TEXTS
QUOTAS: some.SearchStrategy[dict[str, int]] = some.fixed_dictionaries(
    {"per_minute": some.integers(1, 15), "minutes": ROWS}
) | some.just({})
ERRORS = [
    ReportedError(each.kind, "Say why.", each.exit_code)
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, errors.ConnectorError)
]
"""One as each of our exceptions makes it."""

PLANS = some.builds(
    lambda quota, **known: TaskPlan(**known, **quota),
    quota=QUOTAS,
    reasons=some.lists(some.builds(Reason, example=some.none() | TEXTS), max_size=2).map(tuple),
    repeated_keys=ROWS,
    merging_rows=ROWS,
    segment=some.none()
    | some.builds(PlannedSegment, id=IDS, name=TEXTS, member_count=some.none() | ROWS, members=ROWS),
)
REPORTS = some.builds(
    TaskReport,
    task=TEXTS,
    connector=some.none() | TEXTS,
    data_object=some.none() | TEXTS,
    rows=some.builds(RowCounts, read=ROWS, written=ROWS, unsettled=ROWS),
    requests=ROWS,
    seconds=some.integers(0, 10**6).map(lambda thousandths: thousandths / 1000),
    issues=some.lists(some.builds(ValidationIssue, row=some.none() | ROWS, where=some.none()), max_size=2).map(tuple),
    rejects=some.none() | some.just(Path("runs/1/rejects.jsonl")),
    segment=some.none() | some.builds(SegmentSummary, id=IDS, name=TEXTS, member_count=some.none() | ROWS),
    warnings=some.lists(TEXTS, max_size=2).map(tuple),
    error=some.none() | some.sampled_from(ERRORS),
    plan=some.none() | PLANS,
    job_id=some.none() | TEXTS,
)


@given(report=REPORTS)
def test_a_report_is_read_back_as_it_was_written(report: TaskReport) -> None:
    assert TaskReport.from_json(report.to_json()) == report


def test_a_plan_stands_in_a_report_only_where_there_is_one() -> None:
    assert "plan" not in TaskReport(task="+a").to_json()
    assert list(TaskReport(task="+a", plan=TaskPlan()).to_json())[-1] == "plan"


def test_a_job_stands_in_a_report_only_where_there_is_one() -> None:
    assert "job_id" not in TaskReport(task="+a").to_json()
    assert TaskReport(task="+a", job_id="1234").to_json()["job_id"] == "1234"


def test_a_key_of_a_later_version_is_no_obstacle() -> None:
    assert TaskReport.from_json({**TaskReport(task="+a").to_json(), "new": 1}) == TaskReport(task="+a")


def test_a_signal_is_read_back_with_the_code_of_ctrl_c() -> None:
    stopped = ReportedError("signal", "stopped by Ctrl-C", 130)

    assert ReportedError.from_json(stopped.to_json()) == stopped
