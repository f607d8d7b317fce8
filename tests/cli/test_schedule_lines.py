"""Every event of a scheduler has its words, and its JSON."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from td_line_connectors.cli.output import Output
from td_line_connectors.cli.schedule_lines import ScheduleLines
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.scheduling.agenda import Why
from td_line_connectors.scheduling.child import Launch
from td_line_connectors.scheduling.events import (
    ClockWentBack,
    Event,
    Firmness,
    SessionBegan,
    SessionCut,
    SessionEnded,
    SessionLeftOut,
    SessionsMissed,
    Stopping,
    Trouble,
    WorkflowBroken,
    WorkflowDropped,
    WorkflowOff,
    WorkflowOn,
    WorkflowScheduled,
)
from td_line_connectors.scheduling.standing import Off, OffBecause

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SESSION = datetime(2026, 11, 21, tzinfo=ZoneInfo("Asia/Taipei"))
RUN = "20261121T120000-4f09c2"
AT = "2026-11-21T00:00:00+08:00"
RERUN = f"`td-line run a.dig --session {AT}` runs it"
ENABLE = "`td-line schedule --enable a.dig` switches it on"
SINCE = "a.dig: switched off since 2026-11-21T12:00:00Z"
ISSUE = ValidationIssue("schedule", "time", "must be a time", where="a.dig:2:3")
ENDED = SessionEnded(
    "a.dig", SESSION, RUN, 4, 71.84, {"read": 1200, "written": 0, "invalid": 18}, "it is away\nfar", True
)

WORDS: list[tuple[Event, list[str]]] = [
    (
        WorkflowScheduled("a.dig", "daily>: 07:30:00", "Asia/Taipei", SESSION, SESSION + timedelta(hours=7.5)),
        ["a.dig: daily>: 07:30:00 (Asia/Taipei), next at 2026-11-21T07:30:00+08:00, session 2026-11-21T00:00:00+08:00"],
    ),
    (
        WorkflowScheduled("a.dig", "cron>: 0 0 30 2 *", "UTC", None, None),
        ["a.dig: cron>: 0 0 30 2 * (UTC), which means no moment from now on"],
    ),
    (
        WorkflowBroken("a.dig", [ISSUE], scheduled=True),
        [
            "a.dig: something is wrong with the file; until it is mended, its sessions end with exit code 2",
            "a.dig: a.dig:2:3: schedule: must be a time",
        ],
    ),
    (
        WorkflowBroken("a.dig", [], scheduled=False),
        ["a.dig: something is wrong with the file; until it is mended, it is not scheduled"],
    ),
    (WorkflowDropped("a.dig"), ["a.dig: no longer scheduled"]),
    (
        WorkflowOff("a.dig", Off(NOON, OffBecause.REFUSED)),
        [f"{SINCE}: 5 sessions running ended with exit code 2; mend it, and {ENABLE}"],
    ),
    (
        WorkflowOff("a.dig", Off(NOON, OffBecause.ASKED)),
        [f"{SINCE}: as somebody asked; {ENABLE}"],
    ),
    (WorkflowOn("a.dig"), ["a.dig: switched on"]),
    (SessionBegan("a.dig", SESSION, RUN), [f"a.dig: session 2026-11-21T00:00:00+08:00 began: run {RUN}"]),
    (
        ENDED,
        [
            "a.dig: session 2026-11-21T00:00:00+08:00 ended with exit code 4 after 71.8 s, rows 1,200 read, 18 invalid",
            "a.dig: error: it is away",
            "a.dig: error: far",
            f"a.dig: `td-line resume {RUN}` goes on with it",
        ],
    ),
    (
        SessionEnded("a.dig", SESSION, RUN, 0, None, None, None, resumable=False),
        ["a.dig: session 2026-11-21T00:00:00+08:00 ended with exit code 0"],
    ),
    (
        SessionCut("a.dig", SESSION, RUN, resumable=True),
        [f"a.dig: session 2026-11-21T00:00:00+08:00 was cut off: `td-line resume {RUN}` goes on with it"],
    ),
    (
        SessionCut("a.dig", SESSION, RUN, resumable=False),
        [f"a.dig: session {AT} was cut off before it sent anything: {RERUN}"],
    ),
    (
        SessionsMissed("a.dig", 1001, [SESSION]),
        [
            "a.dig: sessions missed before 2026-11-21T00:00:00+08:00: 1,000",
            f"a.dig: session {AT} missed: {RERUN}",
        ],
    ),
    (
        SessionLeftOut("a.dig", SESSION, Why.OVERTIME),
        ["a.dig: session 2026-11-21T00:00:00+08:00 left out, as its schedule's `skip_on_overtime` says"],
    ),
    (
        ClockWentBack(timedelta(minutes=5)),
        ["the clock was set back by 5 min; sessions that have begun do not begin again"],
    ),
    (Stopping((), Firmness.WAIT), ["ending: no further session begins"]),
    (
        Stopping(("a.dig", "b.dig"), Firmness.WAIT),
        ["ending: no further session begins, waiting for a.dig, b.dig; once more ends them at once"],
    ),
    (
        Stopping(("a.dig",), Firmness.END),
        ["ending: no further session begins, and a.dig are ended at once; each can be resumed; once more kills them"],
    ),
    (
        Stopping(("a.dig",), Firmness.KILL),
        ["ending: no further session begins, and a.dig are killed; each can be resumed"],
    ),
    (
        SessionLeftOut("my\nfile.dig", SESSION, Why.DELAYED),
        ["my\\nfile.dig: session 2026-11-21T00:00:00+08:00 left out, as its schedule's `skip_delayed_by` says"],
    ),
    (
        SessionsMissed("my file.dig", 1, [SESSION]),
        [f"my file.dig: session {AT} missed: `td-line run 'my file.dig' --session {AT}` runs it"],
    ),
    (Trouble("writing the schedule down: no room"), ["writing the schedule down: no room; trying again"]),
]


def lines(form: str) -> tuple[ScheduleLines, io.StringIO]:
    err = io.StringIO()
    return ScheduleLines(Output(out=io.StringIO(), err=err), form, lambda: NOON), err


@pytest.mark.parametrize(("event", "words"), WORDS, ids=[type(event).__name__ for event, _ in WORDS])
def test_each_event_has_its_words(event: Event, words: list[str]) -> None:
    told, err = lines("text")
    told(event)
    assert err.getvalue().splitlines() == [f"2026-11-21T12:00:00Z {line}" for line in words]


@pytest.mark.parametrize("event", [event for event, _ in WORDS], ids=[type(event).__name__ for event, _ in WORDS])
def test_each_event_is_one_object_on_one_line(event: Event) -> None:
    told, err = lines("json")
    told(event)
    found = json.loads(err.getvalue())
    assert err.getvalue().count("\n") == 1
    assert (found["time"], list(found)[:2]) == ("2026-11-21T12:00:00Z", ["time", "event"])


def test_an_end_has_all_its_facts_in_json() -> None:
    told, err = lines("json")
    told(ENDED)
    assert json.loads(err.getvalue()) == {
        "time": "2026-11-21T12:00:00Z",
        "event": "session_ended",
        "workflow": "a.dig",
        "session": "2026-11-21T00:00:00+08:00",
        "run_id": RUN,
        "exit_code": 4,
        "seconds": 71.84,
        "rows": {"read": 1200, "written": 0, "invalid": 18},
        "error": "it is away\nfar",
        "resumable": True,
    }


def test_sessions_are_counted() -> None:
    told, _ = lines("text")
    for event, _words in WORDS:
        told(event)
    assert told.sessions == {"began": 1, "exit_4": 1, "exit_0": 1, "cut": 2, "missed": 1002, "left_out": 2}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("2026-11-21T12:00:00Z task +a began", "2026-11-21T12:00:00Z a.dig: task +a began"),
        ("Traceback \x1b[31m", "2026-11-21T12:00:00Z a.dig: Traceback \\x1b[31m"),
        ("", "2026-11-21T12:00:00Z a.dig: "),
    ],
    ids=["a log line", "another line", "an empty one"],
)
def test_what_a_session_says_bears_its_workflows_name(line: str, shown: str) -> None:
    told, err = lines("text")
    told.hear(Launch("a.dig", Path("a.dig"), SESSION, RUN), line)
    assert err.getvalue() == f"{shown}\n"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('{"time": "2026-11-21T11:59:59Z", "event": "x"}', {"time": "2026-11-21T11:59:59Z", "event": "x"}),
        ("Traceback", {"time": "2026-11-21T12:00:00Z", "event": "output", "message": "Traceback"}),
    ],
    ids=["an object", "another line"],
)
def test_what_a_session_says_is_an_object_in_json(line: str, found: dict[str, str]) -> None:
    told, err = lines("json")
    told.hear(Launch("a.dig", Path("a.dig"), SESSION, RUN), line)
    assert json.loads(err.getvalue()) == {**found, "workflow": "a.dig", "session": SESSION.isoformat(), "run_id": RUN}
