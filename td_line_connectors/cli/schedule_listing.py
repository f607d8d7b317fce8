"""When does each workflow run next?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from td_line_connectors.cli.schedule_sentences import off_sentence
from td_line_connectors.cli.text import safe
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.scheduling.standing import Off, SessionRecord
from td_line_connectors.scheduling.store import ScheduleStore
from td_line_connectors.scheduling.watch import Watch
from td_line_connectors.workflow.times import SessionTime, sessions_after
from td_line_connectors.workflow.timing import Timing

__all__ = ["Entry", "entries"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One scheduled workflow.

    Attributes:
        workflow: its file, seen from the project's folder.
        timing: its schedule and zone; None where its file is so broken that they are not known.
        next: the sessions that come next.
        last: the session that began last; None where none has.
        off: that it is switched off; None where it is not.
        issues: what is wrong with its file.
    """

    workflow: str
    timing: Timing | None
    next: Sequence[SessionTime]
    last: SessionRecord | None
    off: Off | None
    issues: Sequence[ValidationIssue]

    def to_json(self) -> dict[str, object]:
        """Give it as JSON values; every time in the workflow's zone."""
        return {
            "workflow": self.workflow,
            "schedule": self._schedule,
            "timezone": self.timing.timezone if self.timing else None,
            "next": [{"session": self._shown(each.session), "run_at": self._shown(each.run)} for each in self.next],
            "last": self._last(self.last) if self.last else None,
            "off": {"since": self._shown(self.off.since), "because": self.off.because.value} if self.off else None,
            "issues": [
                {"where": each.where, "field": each.field, "code": each.code, "message": each.message}
                for each in self.issues
            ],
        }

    def lines(self) -> Iterator[str]:
        """Give it in words."""
        if self.timing is None:
            yield f"{safe(self.workflow)}: not scheduled, as something is wrong with the file"
        else:
            yield f"{safe(self.workflow)}: {self._schedule} ({self.timing.timezone})"
            yield from self._sessions()
        if self.last:
            yield f"  last: session {self._shown(self.last.session)}, run {self.last.run_id}: {self._end(self.last)}"
        if self.off:
            yield f"  {off_sentence(self.workflow, self.off)}"
        yield from (f"  wrong: {issue}" for issue in self.issues)

    @property
    def _schedule(self) -> str | None:
        return self.timing.schedule.text if self.timing and self.timing.schedule else None

    def _sessions(self) -> Iterator[str]:
        for each in self.next:
            yield f"  at {self._shown(each.run)}: session {self._shown(each.session)}"
        if not self.next:
            yield "  no further session"

    def _last(self, last: SessionRecord) -> dict[str, object]:
        return {
            "session": self._shown(last.session),
            "run_id": last.run_id,
            "began_at": self._shown(last.began_at),
            "ended_at": self._shown(last.ended_at) if last.ended_at else None,
            "exit_code": last.exit_code,
        }

    def _end(self, last: SessionRecord) -> str:
        if last.ended_at is None:
            return f"began {self._shown(last.began_at)}, no end known yet"
        how = "was cut off" if last.exit_code is None else f"ended with exit code {last.exit_code}"
        return f"{how} {self._shown(last.ended_at)}"

    def _shown(self, moment: datetime) -> str:
        return moment.astimezone(self.timing.zone if self.timing else UTC).isoformat(timespec="seconds")


def entries(watch: Watch, store: ScheduleStore, now: datetime, count: int) -> Sequence[Entry]:
    """Give every scheduled workflow, by its file.

    Args:
        watch: looks at the files.
        store: knows how each workflow stands.
        now: the present moment.
        count: how many of the next sessions to give; those of a workflow that is switched off are given too.

    Raises:
        StoreError: what is written down cannot be read.
    """
    issues = {change.workflow: change.issues for change in watch.look()}
    standings, last = store.standings(), store.last_sessions()

    def entry(workflow: str) -> Entry:
        timing, standing = watch.scheduled.get(workflow), standings.get(workflow)
        coming = sessions_after(timing.schedule, timing.zone, now) if timing and timing.schedule else iter(())
        return Entry(
            workflow=workflow,
            timing=timing,
            next=list(islice(coming, count)),
            last=last.get(workflow),
            off=standing.off if standing else None,
            issues=issues[workflow],
        )

    return [entry(workflow) for workflow in sorted({*watch.scheduled, *watch.unreadable})]
