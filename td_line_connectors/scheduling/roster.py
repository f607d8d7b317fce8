"""Which workflows are scheduled, and switched on?"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from td_line_connectors.scheduling.agenda import Agenda
from td_line_connectors.scheduling.events import (
    Event,
    WorkflowBroken,
    WorkflowDropped,
    WorkflowOff,
    WorkflowOn,
    WorkflowScheduled,
)
from td_line_connectors.scheduling.standing import Off, Standing
from td_line_connectors.scheduling.store import ScheduleStore
from td_line_connectors.scheduling.watch import Watch
from td_line_connectors.workflow.timing import Timing

__all__ = ["Roster"]


@dataclass(slots=True, kw_only=True)
class Roster:
    """An agenda for every scheduled workflow, kept up with its file and its switch.

    Attributes:
        watch: looks at the files.
        store: knows how each workflow stands.
        tell: is told what changes.
    """

    watch: Watch
    store: ScheduleStore
    tell: Callable[[Event], None]
    _agendas: dict[str, Agenda] = field(default_factory=dict)
    _timings: dict[str, Timing] = field(default_factory=dict)
    _off: dict[str, Off] = field(default_factory=dict)
    _has_looked: bool = False

    @property
    def zones(self) -> Mapping[str, tzinfo]:
        """The zone of every scheduled workflow."""
        return {workflow: agenda.zone for workflow, agenda in self._agendas.items()}

    def agendas(self) -> Iterator[tuple[str, Agenda, bool]]:
        """Give every workflow, its agenda, and whether it is switched on."""
        for workflow, agenda in self._agendas.items():
            yield workflow, agenda, workflow not in self._off

    def look(self, now: datetime) -> None:
        """Take up what has changed in the files and the switches since the last look.

        At the first look a workflow goes on where it stood; one that appears later begins now.

        Args:
            now: the present moment.

        Raises:
            StoreError: the disk could not do it; the next look does it.
        """
        for change in self.watch.look():
            scheduled = change.workflow in self.watch.scheduled
            if change.issues and (scheduled or change.workflow in self.watch.unreadable):
                self.tell(WorkflowBroken(change.workflow, change.issues, scheduled))
        standings = self.store.standings()
        for workflow, timing in self.watch.scheduled.items():
            self._follow(workflow, timing, standings.get(workflow), now)
        for gone in self._agendas.keys() - self.watch.scheduled.keys():
            del self._agendas[gone], self._timings[gone]
            self.tell(WorkflowDropped(gone))
        self._switch(standings)
        self._has_looked = True

    def settle(self) -> None:
        """Write down up to where every workflow's sessions are dealt with.

        Raises:
            StoreError: the disk could not do it; the next scheduler takes some sessions for missed.
        """
        for workflow, agenda in self._agendas.items():
            self.store.settle(workflow, agenda.settled_through)

    def _follow(self, workflow: str, timing: Timing, standing: Standing | None, now: datetime) -> None:
        schedule = timing.schedule
        assert schedule is not None, "only scheduled workflows are listed"
        if self._timings.get(workflow) == timing:
            return
        if workflow in self._agendas:
            self._agendas[workflow].change(schedule, timing.zone)
        elif standing and not self._has_looked:
            self._agendas[workflow] = Agenda(schedule, timing.zone, standing.through)
        else:
            self.store.settle(workflow, now)
            self._agendas[workflow] = Agenda(schedule, timing.zone, now)
        self._timings[workflow] = timing
        self._tell_scheduled(workflow, timing, schedule.text, now)

    def _tell_scheduled(self, workflow: str, timing: Timing, text: str, now: datetime) -> None:
        assert timing.schedule is not None, "only scheduled workflows are listed"
        coming = Agenda(timing.schedule, timing.zone, now).upcoming()
        session = coming.session.astimezone(timing.zone) if coming else None
        run = coming.run.astimezone(timing.zone) if coming else None
        self.tell(WorkflowScheduled(workflow, text, timing.timezone, session, run))

    def _switch(self, standings: Mapping[str, Standing]) -> None:
        off = {workflow: standing.off for workflow, standing in standings.items() if standing.off}
        for workflow in self._agendas:
            if workflow in off and workflow not in self._off:
                self.tell(WorkflowOff(workflow, off[workflow]))
            elif workflow in self._off and workflow not in off:
                self.tell(WorkflowOn(workflow))
        self._off = {workflow: since for workflow, since in off.items() if workflow in self._agendas}
