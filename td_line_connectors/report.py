"""Where did every row end?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Self

from td_line_connectors.issues import ValidationIssue

__all__ = [
    "MAX_ISSUES",
    "ReportedError",
    "RowCounts",
    "RowOutcome",
    "RunReport",
    "RunStatus",
    "SegmentSummary",
    "TaskReport",
]

MAX_ISSUES = 10
"""A report shows at most this many issues; the rejects file has them all."""


class RowOutcome(StrEnum):
    """Where a row can end. Every row that was read ends in exactly one of these."""

    WRITTEN = "written"
    """The far side created or updated it; for a segment: it is in the accepted file."""
    MISMATCHED = "mismatched"
    """The far side knows nobody by this key, or that person has blocked the account."""
    INVALID = "invalid"
    """We refused it: one of its values breaks a rule."""
    MERGED = "merged"
    """Folded into another row of the same key, which was written or mismatched."""
    REJECTED = "rejected"
    """The far side refused it."""
    UNSETTLED = "unsettled"
    """Its fate is unknown, or it was never tried."""


class RunStatus(StrEnum):
    """How a run stands."""

    SUCCESS = "success"
    ERROR = "error"
    PLANNED = "planned"
    RUNNING = "running"
    INTERRUPTED = "interrupted"


@dataclass(slots=True)
class RowCounts:
    """Rows by outcome. `read` is counted on its own, so that `unaccounted` can catch a miscount.

    Attributes:
        read: rows read from the result.
        written, mismatched, invalid, merged, rejected, unsettled: see `RowOutcome`.
    """

    read: int = 0
    written: int = 0
    mismatched: int = 0
    invalid: int = 0
    merged: int = 0
    rejected: int = 0
    unsettled: int = 0

    @property
    def unaccounted(self) -> int:
        """Rows read that have no outcome: 0, or this package has a bug."""
        ended = self.written + self.mismatched + self.invalid + self.merged + self.rejected + self.unsettled
        return self.read - ended

    def add(self, outcome: RowOutcome, rows: int) -> None:
        """Count `rows` more rows that ended in `outcome`."""
        setattr(self, outcome.value, getattr(self, outcome.value) + rows)

    def __add__(self, other: Self) -> "RowCounts":
        return RowCounts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def to_json(self) -> dict[str, int]:
        """Give the counts by name, `read` first."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True)
class SegmentSummary:
    """The segment that a task wrote.

    Attributes:
        id: the far side's id; None while nothing was created.
        name: its name.
        member_count: people in it, once the far side has counted them; else None.
    """

    id: int | str | None
    name: str
    member_count: int | None = None

    def to_json(self) -> dict[str, object]:
        """Give the summary as JSON values."""
        return {"id": self.id, "name": self.name, "member_count": self.member_count}


@dataclass(frozen=True, slots=True)
class ReportedError:
    """Why a task ended early.

    Attributes:
        kind: `internal`, `config`, `data`, `unreachable`, `refused` or `signal`.
        message: a sentence for the person who must act.
        exit_code: what the command line ends with.
    """

    kind: str
    message: str
    exit_code: int

    def to_json(self) -> dict[str, object]:
        """Give the error as JSON values."""
        return {"kind": self.kind, "message": self.message}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReport:
    """What one task did, row by row in sum.

    Attributes:
        task: the task's name in the workflow, or the file's.
        connector: the plugin's name; None for a query that exports nothing.
        data_object: `members`, `segments` …; None where there is none.
        rows: rows by outcome.
        requests: imports or uploads that took effect; in a plan, those that would be made.
        seconds: wall time.
        issues: at most `MAX_ISSUES`, a sample.
        rejects: the file that has every row set aside; None where there is none.
        segment: the segment written, if one was.
        warnings: sentences for the operator.
        error: why the task ended early; None where it did not.
    """

    task: str
    connector: str | None = None
    data_object: str | None = None
    rows: RowCounts = field(default_factory=RowCounts)
    requests: int = 0
    seconds: float = 0.0
    issues: Sequence[ValidationIssue] = ()
    rejects: Path | None = None
    segment: SegmentSummary | None = None
    warnings: Sequence[str] = ()
    error: ReportedError | None = None

    def to_json(self) -> dict[str, object]:
        """Give the report as JSON values, in the order of the published form."""
        return {
            "task": self.task,
            "connector": self.connector,
            "data_object": self.data_object,
            "rows": self.rows.to_json(),
            "requests": self.requests,
            "seconds": round(self.seconds, 3),
            "issues": [
                {"row": each.row, "field": each.field, "code": each.code, "message": each.message}
                for each in self.issues
            ],
            "rejects": str(self.rejects) if self.rejects else None,
            "segment": self.segment.to_json() if self.segment else None,
            "warnings": list(self.warnings),
            "error": self.error.to_json() if self.error else None,
        }


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did: a report for each of its tasks.

    Attributes:
        run_id: the run's name in the state folder; None where it could not even begin.
        status: how the run stands.
        tasks: in the order in which they ran.
        error: why it could not begin; None where it did.
    """

    run_id: str | None
    status: RunStatus
    tasks: Sequence[TaskReport]
    error: ReportedError | None = None

    @property
    def first_error(self) -> ReportedError | None:
        """What ended the run early; None where nothing did."""
        return self.error or next((task.error for task in self.tasks if task.error), None)

    @property
    def exit_code(self) -> int:
        """What the command line ends with: the first failed task's code, else 0."""
        return self.first_error.exit_code if self.first_error else 0

    @property
    def rows(self) -> RowCounts:
        """The rows of all tasks together."""
        return sum((task.rows for task in self.tasks), start=RowCounts())

    def to_json(self) -> Mapping[str, object]:
        """Give the report as JSON values, in the order of the published form."""
        report = {"run_id": self.run_id, "status": self.status.value, "tasks": [task.to_json() for task in self.tasks]}
        return {**report, "error": self.error.to_json()} if self.error else report

    def with_task(self, task: TaskReport) -> "RunReport":
        """Give this report with one more task."""
        return replace(self, tasks=(*self.tasks, task))
