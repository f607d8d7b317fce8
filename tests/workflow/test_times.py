"""Sessions have the times that the workflow engine gives them, through every change of the clocks."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import DAILY, rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from td_line_connectors.workflow.cron import parse_cron
from td_line_connectors.workflow.schedule import Schedule, ScheduleKind
from td_line_connectors.workflow.times import sessions_after

NEW_YORK, TAIPEI = ZoneInfo("America/New_York"), ZoneInfo("Asia/Taipei")
AT_HALF_PAST_TWO = Schedule(kind=ScheduleKind.DAILY, after=9000)
CRON_AT_HALF_PAST_TWO = Schedule(kind=ScheduleKind.CRON, cron=parse_cron("30 2 * * *"))
HOURLY = Schedule(kind=ScheduleKind.HOURLY, after=600)
ON_THE_31ST = Schedule(kind=ScheduleKind.MONTHLY, day=31, after=9000)


def cron(text: str) -> Schedule:
    return Schedule(kind=ScheduleKind.CRON, cron=parse_cron(text))


def sessions(schedule: Schedule, zone: tzinfo, after: str, number: int) -> list[str]:
    """Give `session → run` of the next sessions, both as the zone's clocks show them."""
    moment = datetime.fromisoformat(after).replace(tzinfo=zone)
    found = islice(sessions_after(schedule, zone, moment), number)
    return [f"{each.session.astimezone(zone):%m-%dT%H:%M%z} → {each.run.astimezone(zone):%H:%M%z}" for each in found]


CHANGES = [
    (
        AT_HALF_PAST_TWO,
        "2027-03-13T12:00",
        ["03-14T00:00-0500 → 03:00-0400", "03-15T00:00-0400 → 02:30-0400"],
    ),
    (
        AT_HALF_PAST_TWO,
        "2027-11-06T12:00",
        ["11-07T00:00-0400 → 02:30-0500", "11-08T00:00-0500 → 02:30-0500"],
    ),
    (
        Schedule(kind=ScheduleKind.DAILY, after=5400),
        "2027-11-06T12:00",
        ["11-07T00:00-0400 → 01:30-0400", "11-08T00:00-0500 → 01:30-0500"],
    ),
    (
        CRON_AT_HALF_PAST_TWO,
        "2027-03-13T12:00",
        ["03-14T03:00-0400 → 03:00-0400", "03-15T02:30-0400 → 02:30-0400"],
    ),
    (
        cron("0,15,30 2,3 * * *"),
        "2027-03-14T00:00",
        ["03-14T03:00-0400 → 03:00-0400", "03-14T03:15-0400 → 03:15-0400", "03-14T03:30-0400 → 03:30-0400"],
    ),
    (
        cron("30 1 * * *"),
        "2027-11-06T12:00",
        ["11-07T01:30-0400 → 01:30-0400", "11-08T01:30-0500 → 01:30-0500"],
    ),
    (
        HOURLY,
        "2027-03-14T00:30",
        ["03-14T01:00-0500 → 01:10-0500", "03-14T03:00-0400 → 03:10-0400"],
    ),
    (
        HOURLY,
        "2027-11-07T00:30",
        ["11-07T01:00-0400 → 01:10-0400", "11-07T01:00-0500 → 01:10-0500", "11-07T02:00-0500 → 02:10-0500"],
    ),
    (
        Schedule(kind=ScheduleKind.MINUTES_INTERVAL, minutes=40),
        "2027-03-14T01:30",
        ["03-14T01:40-0500 → 01:40-0500", "03-14T03:00-0400 → 03:00-0400"],
    ),
    (
        ON_THE_31ST,
        "2027-03-01T12:00",
        ["03-31T00:00-0400 → 02:30-0400", "05-31T00:00-0400 → 02:30-0400"],
    ),
]


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    CHANGES,
    ids=[
        "daily in the gap",
        "daily after the hour that comes twice",
        "daily in the hour that comes twice",
        "cron in the gap",
        "cron in the gap and after it",
        "cron in the hour that comes twice",
        "hourly over the gap",
        "hourly through the hour that comes twice",
        "interval over the gap",
        "monthly on the 31st",
    ],
)
def test_new_york_through_both_changes_of_2027(schedule: Schedule, after: str, expected: Sequence[str]) -> None:
    assert sessions(schedule, NEW_YORK, after, len(expected)) == expected


@pytest.mark.parametrize(
    ("schedule", "per_day"),
    [(AT_HALF_PAST_TWO, 1), (CRON_AT_HALF_PAST_TWO, 1), (HOURLY, 24)],
    ids=["daily", "cron", "hourly"],
)
def test_taipei_knows_no_change(schedule: Schedule, per_day: int) -> None:
    found = list(islice(sessions_after(schedule, TAIPEI, datetime(2027, 1, 1, tzinfo=TAIPEI)), 365 * per_day))

    assert {later.run - earlier.run for earlier, later in pairwise(found)} == {timedelta(days=1) / per_day}


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (HOURLY, "11-21T12:00+0800 → 12:10+0800"),
        (Schedule(kind=ScheduleKind.DAILY, after=27000), "11-22T00:00+0800 → 07:30+0800"),
        (Schedule(kind=ScheduleKind.WEEKLY, weekday=0, after=32400), "11-22T00:00+0800 → 09:00+0800"),
        (Schedule(kind=ScheduleKind.MONTHLY, day=1, after=1), "12-01T00:00+0800 → 00:00+0800"),
        (Schedule(kind=ScheduleKind.MINUTES_INTERVAL, minutes=7, after=90), "11-21T12:07+0800 → 12:08+0800"),
        (cron("42 4 1 * *"), "12-01T04:42+0800 → 04:42+0800"),
        (cron("@daily"), "11-22T00:00+0800 → 00:00+0800"),
    ],
    ids=["hourly", "daily", "weekly", "monthly", "interval", "cron", "shorthand"],
)
def test_the_session_is_the_periods_beginning_and_the_run_comes_later(schedule: Schedule, expected: str) -> None:
    assert sessions(schedule, TAIPEI, "2026-11-21T12:06:00", 1) == [expected]


def test_a_session_whose_run_is_still_to_come_is_next_though_its_own_time_is_past() -> None:
    assert sessions(AT_HALF_PAST_TWO, TAIPEI, "2026-11-21T02:29", 1) == ["11-21T00:00+0800 → 02:30+0800"]
    assert sessions(AT_HALF_PAST_TWO, TAIPEI, "2026-11-21T02:30", 1) == ["11-22T00:00+0800 → 02:30+0800"]


def test_a_delay_may_lead_into_the_next_day() -> None:
    schedule = Schedule(kind=ScheduleKind.CRON, cron=parse_cron("0 12 * * *"), after=86_400)
    assert sessions(schedule, TAIPEI, "2026-11-21T11:59", 1) == ["11-20T12:00+0800 → 12:00+0800"]


def test_start_and_end_are_days_of_sessions_in_the_workflows_zone() -> None:
    schedule = Schedule(kind=ScheduleKind.DAILY, after=3600, start=date(2027, 3, 13), end=date(2027, 3, 15))
    assert sessions(schedule, NEW_YORK, "2020-01-01T00:00", 9) == [
        "03-13T00:00-0500 → 01:00-0500",
        "03-14T00:00-0500 → 01:00-0500",
        "03-15T00:00-0400 → 01:00-0400",
    ]


def test_both_day_fields_of_a_cron_must_match() -> None:
    friday_the_13th = sessions(cron("0 0 13 * fri"), TAIPEI, "2026-01-01T00:00", 3)
    assert friday_the_13th == [f"{month}-13T00:00+0800 → 00:00+0800" for month in ("02", "03", "11")]


def test_a_leap_day_on_a_given_weekday_is_found_over_a_century() -> None:
    [found] = islice(sessions_after(cron("0 0 29 2 sun"), UTC, datetime(2088, 3, 1, tzinfo=UTC)), 1)
    assert found.session == datetime(2128, 2, 29, tzinfo=UTC)


def test_a_cron_that_means_no_day_gives_nothing() -> None:
    assert list(sessions_after(cron("0 0 30 2 *"), UTC, datetime(2027, 1, 1, tzinfo=UTC))) == []


def test_a_day_that_the_calendar_left_out_has_no_session_of_its_own() -> None:
    daily = Schedule(kind=ScheduleKind.DAILY, after=27000)
    apia = ZoneInfo("Pacific/Apia")  # there was no 30 December 2011
    assert sessions(daily, apia, "2011-12-28T12:00", 3) == [
        "12-29T00:00-1000 → 07:30-1000",
        "12-31T00:00+1400 → 07:30+1400",
        "01-01T00:00+1400 → 07:30+1400",
    ]


def fields(lowest: int, highest: int, *, spread: int) -> st.SearchStrategy[str]:
    numbers = st.integers(lowest, highest)
    ranges = (
        st.tuples(numbers, numbers).filter(lambda each: each[0] <= each[1]).map(lambda each: f"{each[0]}-{each[1]}")
    )
    steps = st.integers(1, spread).map(lambda step: f"*/{step}")
    return st.one_of(st.just("*"), numbers.map(str), ranges, steps)


CRONS = st.tuples(
    fields(0, 59, spread=30),
    fields(0, 23, spread=12),
    fields(1, 31, spread=10),
    fields(1, 12, spread=6),
    fields(0, 6, spread=3),
).map(" ".join)
MOMENTS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2036, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"])


@given(CRONS, MOMENTS)
@settings(max_examples=60, deadline=None)
def test_each_minute_that_a_cron_means_is_hit_once_as_dateutil_counts_them(text: str, moment: datetime) -> None:
    meant = parse_cron(text)
    weekdays = [(day - 1) % 7 for day in meant.weekdays]  # dateutil's week begins on Monday
    rule = rrule(
        DAILY,
        dtstart=datetime.combine(moment.date(), time()),
        until=datetime.combine(moment.date(), time()) + timedelta(days=400),
        byhour=sorted(meant.hours),
        byminute=sorted(meant.minutes),
        bysecond=0,
        bymonthday=sorted(meant.days),
        bymonth=sorted(meant.months),
        byweekday=weekdays,
    )
    expected = list(islice((each for each in rule if each > moment.replace(tzinfo=None)), 200))

    found = islice(sessions_after(cron(text), UTC, moment), len(expected))
    assert [each.session.replace(tzinfo=None) for each in found] == expected


@given(CRONS, MOMENTS, ZONES, st.sampled_from([0, 59, 3600, 86_400]))
@settings(max_examples=60, deadline=None)
def test_sessions_and_runs_strictly_increase_in_every_zone(text: str, moment: datetime, name: str, after: int) -> None:
    schedule = Schedule(kind=ScheduleKind.CRON, cron=parse_cron(text), after=after)
    found = list(islice(sessions_after(schedule, ZoneInfo(name), moment), 50))

    assert all(earlier.session < later.session for earlier, later in pairwise(found))
    assert all(earlier.run < later.run for earlier, later in pairwise(found))
    assert all(each.run > moment for each in found)


@given(st.integers(0, 86_399), MOMENTS, ZONES)
@settings(max_examples=60, deadline=None)
def test_a_daily_session_runs_on_its_own_day(after: int, moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    found = list(islice(sessions_after(Schedule(kind=ScheduleKind.DAILY, after=after), zone, moment), 20))

    assert all(each.session <= each.run for each in found)
    assert all(earlier.run < later.run for earlier, later in pairwise(found))
    assert len({each.session.astimezone(zone).date() for each in found}) == 20


@pytest.mark.parametrize(
    ("start", "end", "number"),
    [(None, date.max, 2), (date.min, None, 2), (date.min, date.max, 2), (date.max, None, 0), (None, date.min, 0)],
    ids=["no end", "no beginning", "neither", "never", "over long ago"],
)
def test_a_season_may_reach_to_the_ends_of_the_calendar(start: date | None, end: date | None, number: int) -> None:
    always = Schedule(kind=ScheduleKind.DAILY, start=start, end=end)
    assert len(sessions(always, TAIPEI, "2026-11-21T12:00", number + 1)[:2]) == min(number, 2)


@given(CRONS, MOMENTS, ZONES)
@settings(max_examples=15, deadline=None)
def test_where_one_begins_to_ask_changes_nothing(text: str, moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    found = list(islice(sessions_after(cron(text), zone, moment), 6))

    for earlier, later in pairwise(found):
        assert next(sessions_after(cron(text), zone, earlier.run)) == later


@pytest.mark.parametrize("name", ["America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Asia/Taipei"])
def test_every_hour_means_every_minute_that_clocks_show(name: str) -> None:
    """Against the plainest of oracles: each minute of two changes, looked at on the clock."""
    zone = ZoneInfo(name)
    for begin in (datetime(2010, 3, 13, 20, tzinfo=UTC), datetime(2010, 11, 6, 20, tzinfo=UTC)):
        minutes = [begin + timedelta(minutes=each) for each in range(1, 60 * 36)]
        expected = [each for each in minutes if each.astimezone(zone).minute % 15 == 0]

        found = sessions_after(Schedule(kind=ScheduleKind.MINUTES_INTERVAL, minutes=15), zone, begin)
        assert [each.session for each in islice(found, len(expected))] == expected
