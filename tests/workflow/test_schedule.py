"""A schedule is read in every form, or what is wrong with it is named."""

from datetime import date

import pytest

from td_line_connectors.issues import ValidationIssue
from td_line_connectors.settings.document import read_document
from td_line_connectors.workflow.cron import parse_cron
from td_line_connectors.workflow.schedule import Schedule, ScheduleKind, read_schedule


def read(text: str) -> tuple[Schedule | None, list[ValidationIssue]]:
    issues: list[ValidationIssue] = []
    node = read_document(text, "wf.dig").root.items["schedule"]
    return read_schedule(node, issues), issues


FORMS = [
    ("hourly>: 30:00", Schedule(kind=ScheduleKind.HOURLY, after=1800)),
    ("daily>: 07:30:00", Schedule(kind=ScheduleKind.DAILY, after=27000)),
    ("daily>: '7:30:05'", Schedule(kind=ScheduleKind.DAILY, after=27005)),
    ("weekly>: Sun,09:00:00", Schedule(kind=ScheduleKind.WEEKLY, weekday=0, after=32400)),
    ("weekly>: 7, 09:00:00", Schedule(kind=ScheduleKind.WEEKLY, weekday=0, after=32400)),
    ("monthly>: 31,00:00:01", Schedule(kind=ScheduleKind.MONTHLY, day=31, after=1)),
    ("minutes_interval>: 5", Schedule(kind=ScheduleKind.MINUTES_INTERVAL, minutes=5)),
    ("cron>: 42 4 1 * *", Schedule(kind=ScheduleKind.CRON, cron=parse_cron("42 4 1 * *"))),
    ('cron>: "@daily"', Schedule(kind=ScheduleKind.CRON, cron=parse_cron("@daily"))),
    ("cron>: '* * * * *'\n  delay: 90", Schedule(kind=ScheduleKind.CRON, cron=parse_cron("* * * * *"), after=90)),
    (
        "hourly>: 00:00\n  start: 2026-11-01\n  end: 2026-11-30\n  skip_on_overtime: true\n  skip_delayed_by: 1h 30m",
        Schedule(
            kind=ScheduleKind.HOURLY,
            start=date(2026, 11, 1),
            end=date(2026, 11, 30),
            skip_on_overtime=True,
            skip_delayed_by=5400,
        ),
    ),
]


@pytest.mark.parametrize(("block", "schedule"), FORMS, ids=[form[0].splitlines()[0] for form in FORMS])
def test_every_form_is_read(block: str, schedule: Schedule) -> None:
    assert read(f"schedule:\n  {block}") == (schedule, [])


def test_a_shorthand_may_stand_alone() -> None:
    assert read('schedule: "@hourly"') == (Schedule(kind=ScheduleKind.CRON, cron=parse_cron("@hourly")), [])


@pytest.mark.parametrize(
    ("block", "where", "word"),
    [
        ("daily>: 07:30", "wf.dig:2:11", "HH:MM:SS"),
        ("daily>: 24:00:00", "wf.dig:2:11", "clock"),
        ("daily>: 07:30:60", "wf.dig:2:11", "clock"),
        ("hourly>: 07:30:00", "wf.dig:2:12", "MM:SS"),
        ("weekly>: 09:00:00", "wf.dig:2:12", "Sun to Sat"),
        ("weekly>: 8,09:00:00", "wf.dig:2:12", "Sun to Sat"),
        ("monthly>: 32,09:00:00", "wf.dig:2:13", "1 to 31"),
        ("minutes_interval>: 60", "wf.dig:2:22", "whole number"),
        ("cron>: 1 2 3", "wf.dig:2:10", "five fields"),
        ("daily>: # noon", "wf.dig:2:3", "put it in quotes"),
        ("daily>: [a]", "wf.dig:2:3", "must be a text"),
        ("dayly>: 07:30:00", "wf.dig:1:1", "exactly one"),
        ("daily>: 07:30:00\n  hourly>: 00:00", "wf.dig:1:1", "exactly one"),
        ("daily>: 07:30:00\n  strat: 2026-01-01", "wf.dig:3:3", "Did you mean «start»?"),
        ("daily>: 07:30:00\n  start: 2026-02-30", "wf.dig:3:10", "YYYY-MM-DD"),
        ("daily>: 07:30:00\n  start: 20260201", "wf.dig:3:10", "YYYY-MM-DD"),
        ("daily>: 07:30:00\n  start: 2026-02-02\n  end: 2026-02-01", "wf.dig:4:8", "before"),
        ("daily>: 07:30:00\n  delay: 3", "wf.dig:3:3", "only"),
        ("daily>: 07:30:00\n  skip_on_overtime: yes", "wf.dig:3:21", "true or false"),
        ("daily>: 07:30:00\n  skip_delayed_by: 30", "wf.dig:3:20", "unit"),
        ("daily>: 07:30:00\n  skip_delayed_by: ''", "wf.dig:3:20", "unit"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(block: str, where: str, word: str) -> None:
    schedule, issues = read(f"schedule:\n  {block}")
    assert schedule is None
    assert issues[0].where == where
    assert word in issues[0].message


@pytest.mark.parametrize("text", ["schedule:", "schedule: 07:30:00", "schedule: [a]", 'schedule: "@weekly"'])
def test_a_schedule_that_is_no_block_is_refused(text: str) -> None:
    schedule, issues = read(text)
    assert schedule is None
    assert len(issues) == 1


def test_everything_wrong_is_reported_at_once() -> None:
    assert len(read("schedule:\n  daily>: x\n  start: y\n  end: z\n  other: 1")[1]) == 4
