"""What did one task do?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report.plan import TaskPlan
from td_line_connectors.report.rows import RowCounts

__all__ = ["MAX_ISSUES", "ReportedError", "SegmentSummary", "TaskReport"]

MAX_ISSUES = 10
"""A report shows at most this many issues; the rejects file has them all."""

EXIT_CODES: Final = {"internal": 1, "config": 2, "data": 3, "unreachable": 4, "refused": 5, "signal": 130}
"""What the command line ends with for each kind of error; a signal that was SIGTERM: 143."""


@dataclass(frozen=True, slots=True)
class SegmentSummary:
    """A segment of the far side.

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

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> "ReportedError":
        """Read back what `to_json` gave; the exit code is the kind's, and a signal's 130 whichever it was."""
        return cls(known["kind"], known["message"], EXIT_CODES[known["kind"]])


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
        error: why the task ended early; None where it did not. In a plan: why the run would.
        plan: what the task would do; None where it was not only planned.
        job_id: the far side's job that had the rows; None where there is none.
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
    plan: TaskPlan | None = None
    job_id: str | None = None

    def to_json(self) -> dict[str, object]:
        """Give the report as JSON values, in the order of the published form; `plan` and `job_id` where there are."""
        report: dict[str, object] = {
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
        further = {"plan": self.plan and self.plan.to_json(), "job_id": self.job_id}
        return report | {name: value for name, value in further.items() if value is not None}

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> "TaskReport":
        """Read back what `to_json` gave; keys that it does not know are ignored.

        Raises:
            KeyError, TypeError: if it is something else.
        """
        segment, error, plan = known["segment"], known["error"], known.get("plan")
        return cls(
            task=known["task"],
            connector=known["connector"],
            data_object=known["data_object"],
            rows=RowCounts.from_json(known["rows"]),
            requests=known["requests"],
            seconds=known["seconds"],
            issues=tuple(ValidationIssue(**each) for each in known["issues"]),
            rejects=Path(known["rejects"]) if known["rejects"] else None,
            segment=SegmentSummary(**segment) if segment else None,
            warnings=tuple(known["warnings"]),
            error=ReportedError.from_json(error) if error else None,
            plan=TaskPlan.from_json(plan) if plan else None,
            job_id=known.get("job_id"),
        )
