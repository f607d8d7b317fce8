"""Sessions come due once, wait for their turn, and are missed or left out by rule."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from td_line_connectors.scheduling.agenda import Agenda, Why
from td_line_connectors.workflow.schedule import Schedule, ScheduleKind

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def agenda(minutes: int = 10, *, overtime: bool = False, delayed: int | None = None) -> Agenda:
    """Give the agenda of a workflow that runs every so many minutes, as it stands at noon."""
    schedule = Schedule(
        kind=ScheduleKind.MINUTES_INTERVAL, minutes=minutes, skip_on_overtime=overtime, skip_delayed_by=delayed
    )
    return Agenda(schedule, UTC, NOON)


def waiting(of: Agenda) -> list[int]:
    """Give the minutes after noon of the sessions that wait."""
    return [int((each.run - NOON) / MINUTE) for each in of.waiting]


def test_a_session_waits_from_its_moment_on() -> None:
    one = agenda()
    one.notice(NOON + 9.99 * MINUTE)
    assert waiting(one) == []
    one.notice(NOON + 10 * MINUTE)
    assert waiting(one) == [10]


def test_no_look_notices_a_session_twice() -> None:
    one = agenda()
    for second in range(1500):
        one.notice(NOON + timedelta(seconds=second))
    assert waiting(one) == [10, 20]


def test_a_session_that_came_due_more_than_a_minute_ago_is_missed() -> None:
    one = agenda()
    missed = one.notice(NOON + 31.5 * MINUTE)

    assert missed is not None
    assert [each.run for each in missed.latest] == [NOON + each * MINUTE for each in (10, 20, 30)]
    assert waiting(one) == []


def test_up_to_a_minute_late_it_still_begins() -> None:
    one = agenda()
    missed = one.notice(NOON + 11 * MINUTE)
    assert (missed, waiting(one)) == (None, [10])


def test_skip_delayed_by_says_how_late_a_session_may_begin() -> None:
    one = agenda(delayed=900)
    missed = one.notice(NOON + 31 * MINUTE)

    assert missed is not None
    assert missed.count == 1
    assert waiting(one) == [20, 30]


def test_of_many_missed_sessions_the_latest_are_named() -> None:
    missed = agenda(minutes=1).notice(NOON + timedelta(days=1, minutes=5))

    assert missed is not None
    assert (missed.count, len(missed.latest)) == (1443, 20)
    assert missed.latest[-1].run == NOON + timedelta(days=1, minutes=3)


def test_a_session_waits_for_the_one_before_as_long_as_it_takes() -> None:
    one = agenda()
    for minute in range(1, 45):
        one.notice(NOON + minute * MINUTE)
        assert one.leave_out(NOON + minute * MINUTE, running=True) == []
    assert waiting(one) == [10, 20, 30, 40]


def test_skip_on_overtime_leaves_out_what_comes_due_meanwhile() -> None:
    one = agenda(overtime=True)
    one.notice(NOON + 10 * MINUTE)

    [left_out] = one.leave_out(NOON + 10 * MINUTE, running=True)
    assert (left_out.time.run, left_out.why) == (NOON + 10 * MINUTE, Why.OVERTIME)
    assert waiting(one) == []


def test_skip_on_overtime_does_nothing_where_nothing_runs() -> None:
    one = agenda(overtime=True)
    one.notice(NOON + 10 * MINUTE)
    assert (one.leave_out(NOON + 10 * MINUTE, running=False), waiting(one)) == ([], [10])


def test_skip_delayed_by_leaves_out_what_has_waited_too_long() -> None:
    one = agenda(delayed=300)
    one.notice(NOON + 10 * MINUTE)
    one.notice(NOON + 14 * MINUTE)
    assert one.leave_out(NOON + 15 * MINUTE, running=True) == []

    [left_out] = one.leave_out(NOON + 15.1 * MINUTE, running=True)
    assert left_out.why is Why.DELAYED


def test_a_clock_set_back_makes_nothing_due() -> None:
    one = agenda()
    one.notice(NOON + 10 * MINUTE)
    one.notice(NOON - 5 * MINUTE)
    assert waiting(one) == []
    one.notice(NOON + 1 * MINUTE)
    assert waiting(one) == [0]


def test_a_clock_that_ran_years_ahead_and_was_mended_stops_nothing() -> None:
    one = agenda()
    one.notice(NOON + timedelta(days=3650))
    one.notice(NOON + 1 * MINUTE)
    one.notice(NOON + 10 * MINUTE)
    assert waiting(one) == [10]


def test_what_was_missed_is_looked_for_a_month_back() -> None:
    one = agenda(minutes=50)
    missed = one.notice(NOON + timedelta(days=3650))
    assert missed is not None
    assert (missed.count, len(one.waiting)) == (31 * 48 - 1, 1)


def test_another_schedule_counts_from_the_last_look_on() -> None:
    one = agenda()
    one.notice(NOON + 12 * MINUTE)
    one.change(Schedule(kind=ScheduleKind.HOURLY, after=300), ZoneInfo("Asia/Taipei"))
    one.notice(NOON + 13 * MINUTE)

    coming = one.upcoming()
    assert coming is not None
    assert coming.run == NOON + 65 * MINUTE


def test_all_is_settled_but_what_waits() -> None:
    one = agenda()
    one.notice(NOON + 5 * MINUTE)
    assert one.settled_through == NOON + 5 * MINUTE
    one.notice(NOON + 10.5 * MINUTE)
    assert one.settled_through < NOON + 10 * MINUTE


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=10), st.sampled_from([None, 30, 600]))
@settings(max_examples=20, deadline=None)
def test_every_session_waits_or_is_missed_once_however_one_looks(steps: list[int], delayed: int | None) -> None:
    one, now = agenda(minutes=7, delayed=delayed), NOON
    seen: list[datetime] = []
    for step in steps:
        now += timedelta(seconds=step)
        missed = one.notice(now)
        seen += [each.run for each in missed.latest] if missed else []
        seen += [one.waiting.popleft().run for _ in list(one.waiting)]

    every = [NOON + each * MINUTE for each in range(1, int((now - NOON) / MINUTE) + 1)]
    assert sorted(seen) == [each for each in every if each.minute % 7 == 0]
