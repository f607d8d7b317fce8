"""What can a scheduler tell?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from td_line_connectors.issues import ValidationIssue
from td_line_connectors.scheduling.agenda import Why
from td_line_connectors.scheduling.standing import Off

__all__ = [
    "ClockWentBack",
    "Event",
    "Firmness",
    "SessionBegan",
    "SessionCut",
    "SessionEnded",
    "SessionEvent",
    "SessionLeftOut",
    "SessionsMissed",
    "Stopping",
    "Trouble",
    "WorkflowBroken",
    "WorkflowDropped",
    "WorkflowEvent",
    "WorkflowOff",
    "WorkflowOn",
    "WorkflowScheduled",
]


@dataclass(frozen=True, slots=True)
class WorkflowScheduled:
    """A workflow's file has a schedule, or another one than before.

    Attributes:
        workflow: its file, seen from the project's folder, as in every event.
        schedule: as written.
        timezone: the IANA name.
        session: the next session's time in the workflow's zone, as every session's; None where there will be none.
        run: when that starts.
    """

    workflow: str
    schedule: str
    timezone: str
    session: datetime | None
    run: datetime | None


@dataclass(frozen=True, slots=True)
class WorkflowBroken:
    """Something is wrong with a workflow's file; its sessions will end with exit code 2.

    Attributes:
        issues: what.
        scheduled: whether it has a schedule as far as is known: of now, or of before it broke.
    """

    workflow: str
    issues: Sequence[ValidationIssue]
    scheduled: bool


@dataclass(frozen=True, slots=True)
class WorkflowDropped:
    """A workflow's file is gone, or has no schedule any more."""

    workflow: str


@dataclass(frozen=True, slots=True)
class WorkflowOff:
    """A workflow is switched off: its sessions are left out.

    Attributes:
        off: since when and why.
    """

    workflow: str
    off: Off


@dataclass(frozen=True, slots=True)
class WorkflowOn:
    """A workflow was switched on again."""

    workflow: str


@dataclass(frozen=True, slots=True)
class SessionBegan:
    """A session has begun.

    Attributes:
        run_id: its run.
    """

    workflow: str
    session: datetime
    run_id: str


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A session has ended.

    Attributes:
        run_id: its run.
        exit_code: how; 128 and more for the signal that ended it.
        seconds: how long it ran; None where nobody watched.
        rows: rows by outcome, `read` first; None where it gave no report.
        error: what ended it early, in words; None where nothing did, or nobody knows.
        resumable: whether `td-line resume` can go on with it.
    """

    workflow: str
    session: datetime
    run_id: str
    exit_code: int
    seconds: float | None
    rows: Mapping[str, int] | None
    error: str | None
    resumable: bool


@dataclass(frozen=True, slots=True)
class SessionCut:
    """A session was cut off, together with the scheduler that had begun it.

    Attributes:
        run_id: the name its run was to have.
        resumable: whether there is such a run; else the session came to nothing.
    """

    workflow: str
    session: datetime
    run_id: str
    resumable: bool


@dataclass(frozen=True, slots=True)
class SessionsMissed:
    """Sessions came due while no scheduler looked, and are not run.

    Attributes:
        count: how many, in the last 31 days.
        latest: the latest of them.
    """

    workflow: str
    count: int
    latest: Sequence[datetime]


@dataclass(frozen=True, slots=True)
class SessionLeftOut:
    """A session is not run, because its schedule says so.

    Attributes:
        why: which option of the schedule.
    """

    workflow: str
    session: datetime
    why: Why


@dataclass(frozen=True, slots=True)
class ClockWentBack:
    """The machine's clock was set back.

    Attributes:
        by: how far.
    """

    by: timedelta


class Firmness(StrEnum):
    """How firmly sessions that run are brought to their end."""

    WAIT = "wait"
    """They are waited for."""
    END = "end"
    """They are asked to end at once; each says what it did."""
    KILL = "kill"
    """They are killed."""


@dataclass(frozen=True, slots=True)
class Stopping:
    """A signal came: no further session begins.

    Attributes:
        running: the workflows whose sessions still run.
        how: what becomes of those: each further signal is firmer.
    """

    running: Sequence[str]
    how: Firmness


@dataclass(frozen=True, slots=True)
class Trouble:
    """The scheduler could not do its work this time; it tries again.

    Attributes:
        message: what it was doing, and what came instead.
    """

    message: str


WorkflowEvent = WorkflowBroken | WorkflowDropped | WorkflowOff | WorkflowOn | WorkflowScheduled
SessionEvent = SessionBegan | SessionCut | SessionEnded | SessionLeftOut | SessionsMissed
Event = WorkflowEvent | SessionEvent | ClockWentBack | Stopping | Trouble
