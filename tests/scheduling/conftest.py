"""A scheduler whose clock is turned by hand and whose sessions end when the test says so."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from td_line_connectors.errors import StoreError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report import ReportedError, RunReport, RunStatus, TaskReport
from td_line_connectors.scheduling.child import ChildEnded, Launch, Told
from td_line_connectors.scheduling.events import Event
from td_line_connectors.scheduling.roster import Roster
from td_line_connectors.scheduling.scheduler import Message, Scheduler
from td_line_connectors.scheduling.sessions import Sessions
from td_line_connectors.scheduling.store import ScheduleStore
from td_line_connectors.scheduling.watch import Watch
from td_line_connectors.spi import Runtime

E = TypeVar("E", bound=Event)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def no_issues(_path: Path) -> Sequence[ValidationIssue]:
    return ()


@dataclass
class FakeChild:
    """A process that ends when the test says so."""

    launch: Launch
    done: Callable[[ChildEnded], None]
    terminated: int = 0
    killed: int = 0

    def terminate(self) -> None:
        self.terminated += 1

    def kill(self) -> None:
        self.killed += 1

    def end(self, exit_code: int = 0, told: Told | None = None) -> None:
        self.done(ChildEnded(self.launch, exit_code, told))


@dataclass
class World:
    """A project folder, its clock, its processes and its history; it outlives its schedulers."""

    folder: Path
    now: datetime = NOON
    children: list[FakeChild] = field(default_factory=list)
    history: dict[str, RunReport] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    mail: list[Message] = field(default_factory=list)
    broken: str | None = None
    at_once: int = 100
    issues: Callable[[Path], Sequence[ValidationIssue]] = no_issues
    chance: Iterator[float] = field(default_factory=lambda: iter(each / 4096 for each in range(4096)))

    @property
    def store(self) -> ScheduleStore:
        return ScheduleStore(self.folder / "schedule.sqlite")

    def write(self, name: str, schedule: str, timezone: str = "UTC") -> None:
        """Write a workflow file with a schedule."""
        (self.folder / name).write_text(f"timezone: {timezone}\nschedule:\n  {schedule}\n+task:\n  td>: a.sql\n")

    def start(self, launch: Launch, done: Callable[[ChildEnded], None]) -> FakeChild:
        if self.broken:
            raise StoreError(self.broken)
        child = FakeChild(launch, done)
        self.children.append(child)
        self.history[launch.run_id] = RunReport(launch.run_id, RunStatus.RUNNING, ())
        return child

    def scheduler(self) -> Scheduler:
        """Give a new scheduler that has had its first look."""
        runtime = Runtime(now=lambda: self.now, monotonic=self.now.timestamp, random=lambda: next(self.chance))
        sessions = Sessions(
            folder=self.folder,
            store=self.store,
            launcher=self,
            done=self.mail.append,
            find_run=self.history.get,
            runtime=runtime,
            tell=self.events.append,
            at_once=self.at_once,
        )
        roster = Roster(watch=Watch(self.folder, self.issues), store=self.store, tell=self.events.append)
        kept = timedelta(days=90)
        return Scheduler(roster=roster, sessions=sessions, now=lambda: self.now, tell=self.events.append, kept=kept)

    def started(self) -> Scheduler:
        """Give a scheduler that runs, as far as its first look."""
        scheduler = self.scheduler()
        scheduler.begin()
        scheduler.look()
        return scheduler

    def turn(self, scheduler: Scheduler, to: datetime, step: timedelta = timedelta(seconds=30)) -> None:
        """Turn the clock forward in steps; the scheduler looks at each."""
        while self.now < to:
            self.now = min(to, self.now + step)
            scheduler.look()

    def end(self, scheduler: Scheduler, child: FakeChild, exit_code: int = 0, told: Told | None = None) -> None:
        """Let a session come to its end, and the scheduler hear of it."""
        child.end(exit_code, told)
        scheduler.take(self.mail.pop())
        scheduler.look()

    def told(self, kind: type[E]) -> list[E]:
        """Give the events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def sessions(self) -> list[str]:
        """Give the sessions that were started, as workflow and time."""
        return [f"{each.launch.workflow} {each.launch.session.isoformat()}" for each in self.children]


def report(run_id: str, status: RunStatus, exit_code: int = 0) -> RunReport:
    """Give a report as the history has it."""
    error = ReportedError("unreachable", "MAAC stayed away", exit_code) if exit_code else None
    return RunReport(run_id, status, (TaskReport(task="+task", error=error),))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)
