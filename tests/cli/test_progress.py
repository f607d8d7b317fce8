"""Whoever watches a run sees rows, rate, time left, and what is waited for."""

import io
import json
from datetime import UTC, datetime

import pytest

from td_line_connectors.cli.log_lines import LogLines
from td_line_connectors.cli.output import Output
from td_line_connectors.cli.pace import Pace, duration
from td_line_connectors.cli.progress import drawing, watching
from td_line_connectors.engine.events import (
    Event,
    JobSeen,
    RequestSettled,
    RowsRead,
    RunBegan,
    TaskBegan,
    Waiting,
    unobserved,
)
from td_line_connectors.report import RowCounts
from td_line_connectors.runs.history import RequestRecord

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
QUOTA = "the account's quota of 15 calls in 60 s is used up"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds, as a test sets them."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def settled(request: int, of: int, rows: int, total: int = 100_000, seconds: float = 2.0) -> RequestSettled:
    return judged(request, of, rows, total, seconds, "accepted")


def judged(request: int, of: int, rows: int, total: int, seconds: float, outcome: str) -> RequestSettled:
    record = RequestRecord(
        number=request,
        rows=1_000,
        ticket='{"task": 7}',
        outcome=outcome,
        written=1_000,
        mismatched=0,
        seconds=seconds,
        attempts=1,
    )
    return RequestSettled(record, of, rows, total, RowCounts(total, rows))


def pace_after(*events: tuple[float, Event]) -> Pace:
    pace = Pace(0.0)
    for at, event in events:
        pace.observe(event, at)
    return pace


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0 s"), (0.4, "0 s"), (41, "41 s"), (99, "99 s"), (100, "2 min"), (3600, "60 min"), (7500, "2 h 05 min")],
)
def test_a_duration_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("pace", "at", "said", "done"),
    [
        (pace_after(), 1, "reading", None),
        (pace_after((2, RowsRead(4_000, None))), 2, "reading: 4,000 rows · 2,000 rows/s", None),
        (pace_after((2, RowsRead(4_000, 8_000))), 4, "reading: 4,000 of 8,000 rows · 1,000 rows/s", 0.5),
        (pace_after((2, RowsRead(100_000, None, last=True))), 3, "sending: 100,000 rows read", None),
        (
            pace_after((10, settled(1, 10, 10_000))),
            10,
            "sending: 10,000 of 100,000 rows · about 18 s left",
            0.1,
        ),
        (
            pace_after((10, settled(1, 10, 10_000)), (14, settled(2, 10, 20_000))),
            14,
            "sending: 20,000 of 100,000 rows · 2,500 rows/s · about 24 s left",
            0.2,
        ),
        (
            pace_after((10, settled(7, 10, 70_000)), (14, settled(8, 10, 80_000))),
            14,
            "sending: 80,000 of 100,000 rows · 2,500 rows/s · about 6 s left",
            0.8,
        ),
        (pace_after((10, settled(1, 1, 100_000))), 11, "sending: 100,000 of 100,000 rows", 1.0),
        (pace_after((1, TaskBegan("+a", 1, 1)), (3, RowsRead(10, None))), 3, "reading: 10 rows · 5 rows/s", None),
        (
            pace_after((1, settled(1, 1, 5)), (2, TaskBegan("+b", 2, 3)), (4, RowsRead(10, None))),
            4,
            "+b (2 of 3) · reading: 10 rows · 5 rows/s",
            None,
        ),
        (pace_after((50, JobSeen("1234", "running", 41.0, is_news=False))), 55, "job 1234: running · 46 s", None),
        (
            pace_after((50, JobSeen("1234", "success", 41.0, is_news=True)), (52, RowsRead(4_000, 8_000))),
            52,
            "reading: 4,000 of 8,000 rows · 2,000 rows/s",
            0.5,
        ),
        (pace_after((1, JobSeen("1", "success", 1.0, is_news=True)), (2, TaskBegan("+b", 1, 1))), 3, "reading", None),
    ],
    ids=[
        "nothing yet", "reading", "reading of so many", "all read", "the first request", "the second", "resumed",
        "all sent", "the one task", "the next task", "a job", "a job's rows", "no job any more",
    ],
)  # fmt: skip
def test_the_sentence_says_rows_rate_and_time_left(pace: Pace, at: float, said: str, done: float | None) -> None:
    assert pace.sentence(at) == said
    assert pace.done() == done


def test_a_wait_is_counted_down_and_ends() -> None:
    pace = pace_after((100, Waiting(41.0, QUOTA)))

    assert [pace.waiting(at) for at in (100, 140.5, 141)] == [f"waiting 41 s: {QUOTA}", f"waiting 0 s: {QUOTA}", None]


def test_a_wait_is_over_when_something_else_happens() -> None:
    assert pace_after((1, Waiting(41.0, QUOTA)), (2, settled(1, 2, 3))).waiting(2) is None


def test_a_terminal_shows_a_bar_the_sentence_and_the_wait_and_is_clean_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    terminal, clock = Terminal(), Clock()

    with drawing(Output(err=terminal), clock) as observer:
        clock.seconds = 10.0
        observer(settled(1, 10, 10_000))
        observer(Waiting(41.0, f"{QUOTA}\x1b[31m"))

    shown = terminal.getvalue()
    assert "sending: 10,000 of 100,000 rows · about 18 s left" in shown
    assert f"waiting 41 s: {QUOTA}\\x1b[31m" in shown
    assert "━" in shown
    assert shown.endswith("\x1b[2K")


def test_nothing_is_shown_where_nobody_watches() -> None:
    pipe = io.StringIO()

    with watching(Output(err=pipe)) as observer:
        assert observer is unobserved
    assert pipe.getvalue() == ""


def test_a_terminal_is_watched_by_a_bar_and_a_log_format_by_lines() -> None:
    with watching(Output(err=Terminal())) as observer:
        assert not isinstance(observer, LogLines)
    for stream in (Terminal(), io.StringIO()):
        with watching(Output(err=stream), "json") as observer:
            assert isinstance(observer, LogLines)


EVENTS = (
    TaskBegan("+a", 1, 2),
    JobSeen("1234", "running", 41.26, is_news=True),
    JobSeen("1234", "running", 51.26, is_news=False),
    RowsRead(2_000, None),
    RowsRead(3_000, None, last=True),
    Waiting(1.0, "a short look"),
    Waiting(41.26, QUOTA),
    settled(1, 2, 2_000, 3_000, 2.0009),
    judged(2, 2, 3_000, 3_000, 1.0, "rejected"),
)


def log(form: str) -> str:
    stream = io.StringIO()
    with watching(Output(err=stream), form, now=lambda: NOON) as observer:
        for event in EVENTS:
            observer(event)
    return stream.getvalue()


def test_a_log_in_text_has_a_line_for_each_step_worth_one() -> None:
    assert log("text").splitlines() == [
        "2026-11-21T12:00:00Z task +a began, 1 of 2",
        "2026-11-21T12:00:00Z job 1234: running after 41 s",
        "2026-11-21T12:00:00Z 3,000 rows read",
        f"2026-11-21T12:00:00Z waiting 41 s: {QUOTA}",
        "2026-11-21T12:00:00Z request 1 of 2 accepted after 2.0 s; 2,000 of 3,000 rows settled",
        "2026-11-21T12:00:00Z request 2 of 2 refused after 1.0 s; 3,000 of 3,000 rows settled",
    ]


def test_a_log_in_json_has_an_object_a_line() -> None:
    lines = [json.loads(line) for line in log("json").splitlines()]

    assert [line["event"] for line in lines] == [
        "task_began",
        "job_seen",
        "rows_read",
        "waiting",
        "request_settled",
        "request_settled",
    ]
    assert {line["time"] for line in lines} == {"2026-11-21T12:00:00Z"}
    assert lines[1] == {
        "time": "2026-11-21T12:00:00Z",
        "event": "job_seen",
        "task": "+a",
        "job_id": "1234",
        "status": "running",
        "seconds": 41.26,
    }
    assert lines[3] == {
        "time": "2026-11-21T12:00:00Z",
        "event": "waiting",
        "task": "+a",
        "seconds": 41.26,
        "reason": QUOTA,
    }
    assert lines[4] == {
        "time": "2026-11-21T12:00:00Z",
        "event": "request_settled",
        "task": "+a",
        "request": 1,
        "of": 2,
        "rows": 1_000,
        "ticket": {"task": 7},
        "outcome": "accepted",
        "written": 1_000,
        "mismatched": 0,
        "seconds": 2.001,
        "attempts": 1,
        "rows_settled": 2_000,
        "rows_total": 3_000,
    }
    assert [line["outcome"] for line in lines[4:]] == ["accepted", "rejected"]


def test_every_line_of_a_run_names_the_run_once_it_is_known() -> None:
    stream = io.StringIO()
    with watching(Output(err=stream), "json", now=lambda: NOON) as observer:
        for event in (RunBegan("20261121T120000-4f09c2"), TaskBegan("+a", 1, 1), settled(1, 1, 1_000)):
            observer(event)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]

    assert {line["run_id"] for line in lines} == {"20261121T120000-4f09c2"}
    assert (lines[2]["request"], lines[2]["outcome"], lines[2]["attempts"]) == (1, "accepted", 1)
