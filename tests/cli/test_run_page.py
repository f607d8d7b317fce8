"""A run's page says what the report says, can be mailed, and stays small."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from td_line_connectors.cli.run_page import run_page
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report import (
    PlannedSegment,
    Reason,
    ReportedError,
    RowCounts,
    RunStatus,
    SegmentSummary,
    TaskPlan,
    TaskReport,
)
from td_line_connectors.runs.history import RequestRecord, RunRecord, TaskRecord
from td_line_connectors.testing import MaacEmulator
from tests.cli.batches import write_batches
from tests.cli.conftest import TdLine
from tests.cli.test_markup import read

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
REASON = Reason(field="email", code="email", message="must be an e-mail address", rows=1_200, row=42, example=None)
REPORT = TaskReport(
    task="+members",
    connector="line_via_crescendo",
    data_object="members",
    rows=RowCounts(read=4_000, written=3_000, invalid=1_000),
    requests=3,
    seconds=12.5,
    issues=(ValidationIssue("email", "email", "must be an e-mail address", 42),),
    warnings=("these columns are not known: phone",),
)


def request(number: int, *, outcome: str = "accepted", seconds: float | None = 2.0) -> RequestRecord:
    return RequestRecord(
        number=number,
        rows=1_000,
        ticket=f'{{"task": {number}}}',
        outcome=outcome,
        written=990,
        mismatched=10,
        seconds=seconds,
        attempts=1,
    )


def run(report: TaskReport = REPORT, requests: Sequence[RequestRecord] = (), **facts: object) -> RunRecord:
    record = RunRecord(
        run_id="20261121T120000-4f09c2",
        status=RunStatus.SUCCESS,
        started_at=NOON,
        ended_at=NOON + timedelta(seconds=14),
        what="campaign.dig",
        retry_of=None,
        tasks=(TaskRecord(number=1, report=report, requests=tuple(requests)),),
    )
    return replace(record, **facts)  # type: ignore[arg-type]  # a test's own facts


def lines(record: RunRecord, reasons: Mapping[int, Sequence[Reason]] | None = None) -> list[str]:
    """Give the page's texts, those of a table's row together."""
    html = run_page(record, reasons or {})
    html = re.sub(r"</t[dh]><t[dh][^>]*>", " | ", html.partition("</style>")[2])
    return [each.strip() for each in read(re.sub(r"<svg.*?</svg>", "", html)).texts if each.strip()]


def test_the_page_says_what_was_run_and_how_it_ended() -> None:
    shown = lines(run(retry_of="20261120T120000-000000"))

    assert shown[:5] == [
        "campaign.dig",
        "Run 20261121T120000-4f09c2: done",
        "Began 2026-11-21 12:00:00 UTC.",
        "Ended 2026-11-21 12:00:14 UTC, 14.0 seconds later.",
        "Sends the rejects of run 20261120T120000-000000 again.",
    ]
    assert "+members → line_via_crescendo, members" in shown
    assert "Rows read: 4,000. Requests: 3. Seconds: 12.5." in shown


def test_each_outcome_has_its_number_its_share_and_its_bar() -> None:
    html = run_page(run(), {})

    assert {"written | 3,000 | 75.0 % |", "invalid | 1,000 | 25.0 % |"} <= set(lines(run()))
    assert re.findall(r'<rect class="(\w+)" x="0" y="0" width="([0-9.]+)"', html)[:3] == [
        ("written", "75.00"),
        ("mismatched", "0.00"),
        ("invalid", "25.00"),
    ]


def test_reasons_are_counted_where_the_rejects_are_still_there() -> None:
    shown = lines(run(), {1: [REASON]})

    assert "1,200 | email | email | must be an e-mail address | 42" in shown
    assert "row 42: email: must be an e-mail address" not in shown
    assert "row 42: email: must be an e-mail address" in lines(run())


def test_warnings_errors_and_the_segment_are_told() -> None:
    report = replace(
        REPORT,
        segment=SegmentSummary(7, "VIP", 1_200),
        error=ReportedError("unreachable", "POST /x: 503\ngave up after 6 tries", 4),
    )
    shown = lines(run(report, status=RunStatus.ERROR))

    assert {
        "Run 20261121T120000-4f09c2: ended early",
        "segment «VIP» (id 7): 1,200 members",
        "warning: these columns are not known: phone",
        "error: POST /x: 503",
        "error: gave up after 6 tries",
    } <= set(shown)


def test_a_plan_says_what_would_be_done() -> None:
    planned = PlannedSegment(id=7, name="VIP", member_count=1_200, members=950)
    report = replace(REPORT, plan=TaskPlan(reasons=(REASON,), segment=planned))
    shown = lines(run(report, status=RunStatus.PLANNED))

    assert "Run 20261121T120000-4f09c2: planned; nothing was sent" in shown
    assert any("would be replaced: 1,200 → 950 members" in each for each in shown)
    assert "1,200 | email | email | must be an e-mail address | 42" in shown


def test_the_rate_is_drawn_as_wide_as_a_request_lasted_and_as_high_as_it_was_fast() -> None:
    html = run_page(run(requests=[request(1, seconds=1.0), request(2, seconds=3.0)]), {})

    assert re.findall(r'<rect y="([0-9.]+)" height="([0-9.]+)" x="([0-9.]+)" width="([0-9.]+)"', html) == [
        ("0.00", "160.00", "0.00", "180.00"),
        ("106.67", "53.33", "180.00", "540.00"),
    ]
    assert "Rows a second over 4.0 seconds of sending; 1,000 at most." in html


def test_a_request_that_stands_open_or_was_split_draws_no_rows() -> None:
    requests = [request(1, outcome="split"), request(1), request(2, outcome="open", seconds=None)]
    html = run_page(run(requests=requests), {})

    assert re.findall(r'<rect y="[0-9.]+" height="([0-9.]+)"', html) == ["0.00", "160.00"]
    assert "<svg" not in run_page(run(requests=[request(1, seconds=None)]), {}).partition("Request by request")[2]


def test_each_request_has_a_line() -> None:
    assert "7 | 1,000 | task 7 | rejected | 990 | 10 | 2.0 | 1" in lines(run(requests=[request(7, outcome="rejected")]))


def test_very_many_requests_are_summed_up_and_the_odd_ones_shown() -> None:
    requests = [request(number, outcome="rejected" if number == 4_000 else "accepted") for number in range(1, 5_001)]
    html, shown = run_page(run(requests=requests), {}), lines(run(requests=requests))

    assert "4,000 | 1,000 | task 4000 | rejected | 990 | 10 | 2.0 | 1" in shown
    assert "- | 4,700,000 | 4,700 further requests | - | 4,653,000 | 47,000 | 9,400.0 | 4,700" in shown
    assert len(html) < 100_000


def test_very_many_reasons_are_summed_up() -> None:
    reasons = [replace(REASON, field=f"f{number}", rows=1) for number in range(60)]

    assert "10 | 10 further reasons | - | - | -" in lines(run(), {1: reasons})


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    reader = read(run_page(run(requests=[request(1)]), {1: [REASON]}))
    names = {name for name, _ in reader.attributes}

    assert not {"script", "link", "img", "iframe", "object", "a", "form"} & set(reader.tags)
    assert not {"src", "href", "style"} & names
    assert not [name for name in names if name.startswith("on")]


@pytest.fixture
def batches(folder: Path, maac: MaacEmulator, td_line: TdLine) -> Path:
    write_batches(folder, maac)
    assert td_line("run", "campaign.dig").code == 0
    return folder


def test_the_page_of_a_run_is_written_for_this_user_alone(batches: Path, td_line: TdLine) -> None:
    ended = td_line("runs", "show", "latest", "--html", "report.html", "--json")
    page = batches / "report.html"

    assert (ended.code, ended.json["html"]) == (0, "report.html")
    assert oct(page.stat().st_mode & 0o777) == "0o600"
    assert "<td>line_uid</td>" in page.read_text()


def test_an_earlier_report_gives_way_and_nothing_else_does(batches: Path, td_line: TdLine) -> None:
    (batches / "mine.html").write_text("<html>my own</html>")
    (batches / "folder").mkdir()

    assert [td_line("runs", "show", "--html", "report.html").code for _ in range(2)] == [0, 0]
    for name in ("mine.html", "folder", ".."):
        ended = td_line("runs", "show", "--html", name)
        assert (ended.code, "is no report of td-line" in ended.err) == (2, True)
    assert (batches / "mine.html").read_text() == "<html>my own</html>"


def test_a_page_that_cannot_be_written_is_told(batches: Path, td_line: TdLine) -> None:
    ended = td_line("runs", "show", "--html", "nowhere/report.html")

    assert (ended.code, ended.err) == (1, "writing report.html: No such file or directory\n")
