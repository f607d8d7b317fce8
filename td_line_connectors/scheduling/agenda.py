"""Which sessions are due, wait, or came too late?"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import islice
from typing import Final

from td_line_connectors.workflow.schedule import Schedule
from td_line_connectors.workflow.times import SessionTime, sessions_after

__all__ = ["Agenda", "LeftOut", "Missed", "Why"]

PUNCTUAL: Final = timedelta(minutes=1)
"""A session that nobody noticed for longer is missed, unless its schedule's `skip_delayed_by` says otherwise."""
NAMED: Final = 20
FAR: Final = timedelta(days=31)
"""So far back one looks for what was missed: a clock that jumps ahead by years must not cost minutes."""
TICK: Final = timedelta(microseconds=1)


class Why(StrEnum):
    """Which option of a schedule left a session out."""

    OVERTIME = "skip_on_overtime"
    DELAYED = "skip_delayed_by"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A session that its schedule wants left out.

    Attributes:
        time: the session.
        why: the option.
    """

    time: SessionTime
    why: Why


@dataclass(frozen=True, slots=True)
class Missed:
    """Sessions that came due while nobody looked, too long ago to be started now.

    Attributes:
        count: how many, in the last 31 days.
        latest: the latest of them, at most 20, in order.
    """

    count: int
    latest: Sequence[SessionTime]


@dataclass(slots=True)
class Agenda:
    """The sessions that stand before one workflow.

    Attributes:
        schedule: when it runs.
        zone: its zone.
        through: sessions that run up to this moment have been noticed.
        waiting: those that are due and have not begun, in order.
    """

    schedule: Schedule
    zone: tzinfo
    through: datetime
    waiting: deque[SessionTime] = field(default_factory=deque)
    _coming: Iterator[SessionTime] | None = None
    _ahead: list[SessionTime] = field(default_factory=list)

    @property
    def settled_through(self) -> datetime:
        """The moment up to which no session still waits."""
        return self.waiting[0].run - TICK if self.waiting else self.through

    def upcoming(self) -> SessionTime | None:
        """Give the first session that has not been noticed; None where there will be none."""
        if self._coming is None:
            self._coming = sessions_after(self.schedule, self.zone, self.through)
        self._ahead = self._ahead or list(islice(self._coming, 1))
        return self._ahead[0] if self._ahead else None

    def change(self, schedule: Schedule, zone: tzinfo) -> None:
        """Go on with another schedule; what waits already keeps waiting."""
        self.schedule, self.zone = schedule, zone
        self._coming, self._ahead = None, []

    def notice(self, now: datetime) -> Missed | None:
        """Let the sessions that have come due since the last look wait.

        Where the clock was set back, what lies ahead of it comes again; whoever starts a session sees to it that none
        begins twice.

        Args:
            now: the present moment.

        Returns:
            those that came due too long ago; None where there are none.
        """
        if not self.through <= now <= self.through + FAR:
            self.through, self._coming, self._ahead = min(now, max(self.through, now - FAR)), None, []
            self.waiting = deque(time for time in self.waiting if time.run <= now)
        count, late = 0, deque[SessionTime](maxlen=NAMED)
        while (coming := self.upcoming()) and coming.run <= now:
            self._ahead = []
            if now - coming.run > self._patience(PUNCTUAL):
                count += 1
                late.append(coming)
            else:
                self.waiting.append(coming)
        self.through = now
        return Missed(count, tuple(late)) if count else None

    def leave_out(self, now: datetime, *, running: bool) -> Sequence[LeftOut]:
        """Take those from the waiting that the schedule wants left out.

        Args:
            now: the present moment.
            running: whether a session of this workflow runs.
        """
        left_out = []
        while self.waiting:
            if now - self.waiting[0].run > self._patience(timedelta.max):
                why = Why.DELAYED
            elif running and self.schedule.skip_on_overtime:
                why = Why.OVERTIME
            else:
                break
            left_out.append(LeftOut(self.waiting.popleft(), why))
        return left_out

    def _patience(self, otherwise: timedelta) -> timedelta:
        """Give how late a session may begin."""
        seconds = self.schedule.skip_delayed_by
        return otherwise if seconds is None else timedelta(seconds=seconds)
