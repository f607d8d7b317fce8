"""What does the scheduler do next?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from td_line_connectors.errors import StoreError
from td_line_connectors.scheduling.agenda import Agenda
from td_line_connectors.scheduling.child import ChildEnded
from td_line_connectors.scheduling.events import (
    ClockWentBack,
    Event,
    Firmness,
    SessionLeftOut,
    SessionsMissed,
    Stopping,
    Trouble,
)
from td_line_connectors.scheduling.roster import Roster
from td_line_connectors.scheduling.sessions import Sessions

__all__ = ["Message", "Scheduler", "Signalled"]

LOOK: Final = 5.0
"""Seconds between two looks at the clock and the files, where no session is due before."""
NOTABLE: Final = timedelta(minutes=1)
"""A clock that is set back by less is not worth a word."""


@dataclass(frozen=True, slots=True)
class Signalled:
    """That somebody wants the scheduler to end.

    Attributes:
        number: the signal's.
    """

    number: int


Message = ChildEnded | Signalled


@dataclass(slots=True, kw_only=True)
class Scheduler:
    """Begins the sessions that are due, until it is told to end.

    Attributes:
        roster: the workflows.
        sessions: what runs.
        now: the wall clock, aware of its zone; it may jump.
        tell: is told what happens.
        kept: how long sessions that have ended are remembered.
        stopped_by: the signal that stopped sessions in their midst; None as long as none did.
    """

    roster: Roster
    sessions: Sessions
    now: Callable[[], datetime]
    tell: Callable[[Event], None]
    kept: timedelta
    stopped_by: int | None = None
    _stopping: Firmness | None = None
    _looked: datetime | None = None
    _trouble: str | None = None

    def run(self, wait: Callable[[float], Message | None]) -> None:
        """Begin sessions until a signal comes, then wait for those that run.

        Args:
            wait: waits for so many seconds, or less if a message comes, and gives that.

        Raises:
            StoreError: what is written down cannot be read to begin with, or not be written at the end.
        """
        self.begin()
        while not self._stopping or self.sessions.started:
            message = wait(self.look())
            if message:
                self.take(message)
        self.roster.settle()

    def begin(self) -> None:
        """Take up the workflows, and the sessions that an earlier scheduler left behind.

        Raises:
            StoreError: what is written down cannot be read.
        """
        self.roster.look(self.now())
        self.sessions.recover(self.roster.zones)

    def look(self) -> float:
        """Begin what is due, and give the seconds until the next look."""
        if self._stopping:
            return LOOK
        now = self.now()
        try:
            self._mark(now)
            self.roster.look(now)
            self.sessions.follow()
            for workflow, agenda, is_on in self.roster.agendas():
                self._attend(workflow, agenda, now, is_on=is_on)
            self._begin_due()
            self._trouble = None
        except StoreError as error:
            self._complain(error)
            return LOOK
        return self._until_next(now)

    def take(self, message: Message) -> None:
        """Take up what happened meanwhile."""
        match message:
            case ChildEnded():
                try:
                    self.sessions.ended(message)
                except StoreError as error:
                    self._complain(error)
            case Signalled():
                self._stop(message.number)

    def _stop(self, number: int) -> None:
        """Stop, more firmly with each signal: a session that hangs must not hold the machine's shutdown up."""
        self._stopping = Firmness.WAIT if not self._stopping else Firmness.KILL if self.stopped_by else Firmness.END
        self.tell(Stopping(tuple(self.sessions.started), self._stopping))
        if self._stopping is not Firmness.WAIT:
            self.stopped_by = number
            self.sessions.stop(kill=self._stopping is Firmness.KILL)

    def _attend(self, workflow: str, agenda: Agenda, now: datetime, *, is_on: bool) -> None:
        missed = agenda.notice(now)
        if not is_on:
            agenda.waiting.clear()
            return
        left_out = agenda.leave_out(now, running=workflow in self.sessions.running)
        if missed:
            latest = [time.session.astimezone(agenda.zone) for time in missed.latest]
            self.tell(SessionsMissed(workflow, missed.count, latest))
        for each in left_out:
            self.tell(SessionLeftOut(workflow, each.time.session.astimezone(agenda.zone), each.why))
        if missed or left_out:
            self.roster.store.settle(workflow, agenda.settled_through)

    def _begin_due(self) -> None:
        """Begin what waits, as far as there is room: what has been due longest comes first."""
        waiting = [
            (agenda.waiting[0].run, workflow, agenda) for workflow, agenda, _ in self.roster.agendas() if agenda.waiting
        ]
        for _, workflow, agenda in sorted(waiting, key=lambda each: each[:2]):
            while agenda.waiting and self.sessions.has_room_for(workflow):
                self._begin(workflow, agenda)

    def _begin(self, workflow: str, agenda: Agenda) -> None:
        time = agenda.waiting.popleft()
        try:
            self.sessions.begin(workflow, time, agenda.zone, agenda.settled_through)
        except StoreError:
            agenda.waiting.appendleft(time)
            raise

    def _until_next(self, now: datetime) -> float:
        coming = [time.run for _, agenda, is_on in self.roster.agendas() if is_on and (time := agenda.upcoming())]
        return min(LOOK, *((run - now).total_seconds() for run in coming)) if coming else LOOK

    def _mark(self, now: datetime) -> None:
        """Notice a clock that was set back, and a new day, on which what is old is forgotten."""
        before, self._looked = self._looked, now
        if before and before - now > NOTABLE:
            self.tell(ClockWentBack(before - now))
        if before is None or before.date() != now.date():
            self.roster.store.forget(now - self.kept)

    def _complain(self, error: StoreError) -> None:
        """Tell what went wrong, once as long as it is the same."""
        if str(error) != self._trouble:
            self.tell(Trouble(str(error)))
        self._trouble = str(error)
