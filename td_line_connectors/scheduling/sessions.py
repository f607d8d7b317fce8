"""Which sessions run now, and what became of them?"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final, Protocol

from td_line_connectors.errors import StoreError
from td_line_connectors.report import RunReport, RunStatus
from td_line_connectors.runs.folder import new_run_id
from td_line_connectors.scheduling.child import Child, ChildEnded, Launch, Told
from td_line_connectors.scheduling.events import Event, SessionBegan, SessionCut, SessionEnded
from td_line_connectors.scheduling.standing import SIGNALS, SessionRecord
from td_line_connectors.scheduling.store import ScheduleStore
from td_line_connectors.spi import Runtime
from td_line_connectors.workflow.times import SessionTime

__all__ = ["Launcher", "Sessions"]

RESUMABLE: Final = (1, 4)
STARTING: Final = timedelta(minutes=1)
"""So long a process may take until its run is in the history."""


class Launcher(Protocol):
    """What starts a session."""

    def start(self, launch: Launch, done: Callable[[ChildEnded], None]) -> Child:
        """Start it; `done` is called once when it has ended. Raises StoreError where it cannot be started."""


@dataclass(frozen=True, slots=True)
class _Running:
    """A session that runs.

    Attributes:
        record: what is written down of it.
        session: its time in the workflow's zone.
        child: its process; None where an earlier scheduler started it, and left it behind.
        began: when it began, in seconds of a clock that never jumps.
    """

    record: SessionRecord
    session: datetime
    child: Child | None = None
    began: float = 0.0


@dataclass(slots=True, kw_only=True)
class Sessions:
    """The sessions that run, one for each workflow at most, each written down before it begins.

    Attributes:
        folder: the project's.
        store: where they are written down.
        launcher: starts them.
        done: is called, by another thread, when one that was started here has ended; hand it to `ended`.
        find_run: gives a run's report as the history knows it; None for one that is not there.
        runtime: clocks and chance.
        tell: is told what happens.
        at_once: so many run side by side at most.
    """

    folder: Path
    store: ScheduleStore
    launcher: Launcher
    done: Callable[[ChildEnded], None]
    find_run: Callable[[str], RunReport | None]
    runtime: Runtime
    tell: Callable[[Event], None]
    at_once: int
    _running: dict[str, _Running] = field(default_factory=dict)

    @property
    def running(self) -> Collection[str]:
        """The workflows of which a session runs, started here or left behind."""
        return self._running.keys()

    @property
    def started(self) -> Collection[str]:
        """The workflows of which a session runs that was started here."""
        return [workflow for workflow, running in self._running.items() if running.child]

    def has_room_for(self, workflow: str) -> bool:
        """Say whether a session of a workflow may begin now."""
        return workflow not in self._running and len(self._running) < self.at_once

    def recover(self, zones: Mapping[str, tzinfo]) -> None:
        """Look after the sessions that an earlier scheduler began and did not see to their end.

        None of them begins again. One whose process lives on counts as running; the others are told of.

        Args:
            zones: the zones of the workflows that are scheduled now.

        Raises:
            StoreError: the disk could not do it.
        """
        for record in self.store.open_sessions():
            session = record.session.astimezone(zones.get(record.workflow, UTC))
            self._running[record.workflow] = _Running(record, session)
            self.follow()

    def follow(self) -> None:
        """Look whether sessions that were left behind have ended.

        Raises:
            StoreError: the disk could not do it.
        """
        for workflow, running in list(self._running.items()):
            if running.child:
                continue
            report = self.find_run(running.record.run_id)
            starting = report is None and self.runtime.now() - running.record.began_at < STARTING
            if starting or (report and report.status is RunStatus.RUNNING):
                continue
            del self._running[workflow]
            self._close_left_behind(running, report)

    def begin(self, workflow: str, time: SessionTime, zone: tzinfo, through: datetime) -> None:
        """Write a session down, then start it. One that has begun before, ever, does not begin again.

        Args:
            workflow: its workflow.
            time: the session.
            zone: the workflow's.
            through: the moment up to which all sessions of the workflow are dealt with then.

        Raises:
            StoreError: it could not be written down, and so was not started.
        """
        now = self.runtime.now()
        record = SessionRecord(workflow, time.session, new_run_id(now, self.runtime.random), now)
        if not self.store.begin(record, through):
            return
        session = time.session.astimezone(zone)
        self.tell(SessionBegan(workflow, session, record.run_id))
        running = _Running(record, session, began=self.runtime.monotonic())
        try:
            child = self.launcher.start(Launch(workflow, self.folder / workflow, session, record.run_id), self.done)
        except StoreError as error:
            self._close(running, 1, Told({}, str(error)))
        else:
            self._running[workflow] = replace(running, child=child)

    def ended(self, end: ChildEnded) -> None:
        """Write down and tell how a session ended.

        Raises:
            StoreError: it could not be written down; the next scheduler asks the history.
        """
        self._close(self._running.pop(end.launch.workflow), end.exit_code, end.told)

    def stop(self, *, kill: bool) -> None:
        """Ask those that were started here to end at once, or kill them; each can be resumed."""
        for running in self._running.values():
            if running.child:
                running.child.kill() if kill else running.child.terminate()

    def _close(self, running: _Running, exit_code: int, told: Told | None) -> None:
        resumable = (exit_code in RESUMABLE or exit_code >= SIGNALS) and self._is_known(running.record.run_id)
        ended = SessionEnded(
            workflow=running.record.workflow,
            session=running.session,
            run_id=running.record.run_id,
            exit_code=exit_code,
            seconds=self.runtime.monotonic() - running.began,
            rows=told.rows if told else None,
            error=told.error if told else None,
            resumable=resumable,
        )
        self.tell(ended)
        self.store.end(replace(running.record, ended_at=self.runtime.now(), exit_code=exit_code))

    def _close_left_behind(self, running: _Running, report: RunReport | None) -> None:
        record = running.record
        cut = report is None or report.status is RunStatus.INTERRUPTED
        exit_code = None if report is None or cut else report.exit_code
        if report is None or exit_code is None:
            self.tell(SessionCut(record.workflow, running.session, record.run_id, report is not None))
        else:
            error = report.first_error
            ended = SessionEnded(
                workflow=record.workflow,
                session=running.session,
                run_id=record.run_id,
                exit_code=exit_code,
                seconds=None,
                rows=report.rows.to_json(),
                error=error.message if error else None,
                resumable=exit_code in RESUMABLE,
            )
            self.tell(ended)
        self.store.end(replace(record, ended_at=self.runtime.now(), exit_code=exit_code))

    def _is_known(self, run_id: str) -> bool:
        try:
            return self.find_run(run_id) is not None
        except StoreError:
            return False
