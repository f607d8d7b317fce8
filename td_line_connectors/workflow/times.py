"""When are a schedule's sessions, and when do they run?

Own code, as no kept library has these sessions: cronsim wants one of a cron's two day fields where the workflow engine
wants both, APScheduler's triggers come with its scheduler, and none knows a period's beginning. The tests hold it
against dateutil's rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from td_line_connectors.workflow.cron import Cron, parse_cron
from td_line_connectors.workflow.schedule import Schedule, ScheduleKind
from td_line_connectors.workflow.zones import first_moment, moments_of

__all__ = ["SessionTime", "sessions_after"]

DAY: Final = timedelta(days=1)
QUIET_DAYS: Final = 41 * 366
"""A cron that means no day for so long means none: a 29 February on a given weekday comes at least every 40 years."""
FIRST_DAY: Final = date(1970, 1, 1)
LAST_DAY: Final = date(9998, 12, 31)
"""No calendar is asked for days beyond these: an `end` of 9999-12-31 means never."""
ON_THE_WALL: Final = (ScheduleKind.DAILY, ScheduleKind.WEEKLY, ScheduleKind.MONTHLY)


@dataclass(frozen=True, slots=True)
class SessionTime:
    """One session of a schedule.

    Attributes:
        session: its time, in UTC: the beginning of its period, or the minute that a cron or an interval means.
        run: when it starts, in UTC.
    """

    session: datetime
    run: datetime


def sessions_after(schedule: Schedule, zone: tzinfo, moment: datetime) -> Iterator[SessionTime]:
    """Give the sessions that start after a moment, in order, each once.

    Where the clocks change, a time that they skip stands for the first moment after it, and one that they show twice
    for the first time. A schedule that means every hour goes by the hours that pass instead: none for those skipped,
    two for one that comes twice. The workflow engine that we follow has the same session times; it adds the time of
    day to midnight in seconds, and so starts an hour early or late on the day of a change.

    Args:
        schedule: when the workflow runs.
        zone: the workflow's.
        moment: aware of its zone.

    Yields:
        sessions without an end, unless the schedule has one or means no day at all.
    """
    cron, (first, last) = _cron(schedule), _season(schedule)
    earliest = moment.astimezone(UTC) - timedelta(seconds=schedule.after) - DAY  # a change of the clocks is shorter
    begin = datetime.combine(max(earliest.date(), first - DAY), time(), UTC)
    quiet = 0
    while quiet < QUIET_DAYS and begin.date() <= last + DAY:
        sessions = _sessions_of_a_day(cron, zone, begin)
        for session in sessions:
            run = _run(schedule, zone, session)
            if run > moment and first <= session.astimezone(zone).date() <= last:
                yield SessionTime(session, run)
        quiet = 0 if sessions else quiet + 1
        begin += DAY


def _cron(schedule: Schedule) -> Cron:
    """Give the minutes at which sessions are, as the workflow engine itself writes each form."""
    match schedule.kind:
        case ScheduleKind.HOURLY:
            return parse_cron("0 * * * *")
        case ScheduleKind.DAILY:
            return parse_cron("0 0 * * *")
        case ScheduleKind.WEEKLY:
            return parse_cron(f"0 0 * * {schedule.weekday}")
        case ScheduleKind.MONTHLY:
            return parse_cron(f"0 0 {schedule.day} * *")
        case ScheduleKind.MINUTES_INTERVAL:
            return parse_cron(f"*/{schedule.minutes} * * * *")
        case ScheduleKind.CRON:
            assert schedule.cron is not None, "a schedule of this kind has its cron"
            return schedule.cron


def _sessions_of_a_day(cron: Cron, zone: tzinfo, begin: datetime) -> list[datetime]:
    """Give the moments that a cron means in the 24 hours from `begin`, in order.

    A day of UTC at a time, because the days of a zone may overlap: clocks set back past midnight show one twice.
    """
    end = begin + DAY
    day, last = begin.astimezone(zone).date() - DAY, end.astimezone(zone).date()
    found: set[datetime] = set()
    while day <= last:
        if cron.means(day):
            for hour in cron.hours:
                for minute in cron.minutes:
                    shown = datetime.combine(day, time(hour, minute))
                    moments = moments_of(shown, zone) if cron.every_hour else (first_moment(shown, zone),)
                    found.update(moments)
        day += DAY
    return sorted(moment for moment in found if begin <= moment < end)


def _run(schedule: Schedule, zone: tzinfo, session: datetime) -> datetime:
    after = timedelta(seconds=schedule.after)
    if schedule.kind in ON_THE_WALL:
        return first_moment(datetime.combine(session.astimezone(zone), time()) + after, zone)
    return session + after


def _season(schedule: Schedule) -> tuple[date, date]:
    """Give the first and the last day of sessions."""
    return max(schedule.start or FIRST_DAY, FIRST_DAY), min(schedule.end or LAST_DAY, LAST_DAY)
