"""What is known of a past run?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from td_line_connectors.report import RunReport, RunStatus, TaskReport

__all__ = ["RequestRecord", "RunRecord", "TaskRecord"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """A part of a request that came to an end, or that stands open.

    Attributes:
        number: the request's number in its task, from 1. One that was searched by halves has several records.
        rows: the rows behind it.
        ticket: the far side's name for it, as JSON text; None where it gave none.
        outcome: `accepted`, `rejected`, `split` (refused, and searched by halves) or `open` (its fate is not known).
        written: rows that the far side created or updated.
        mismatched: rows for which the far side knows nobody.
        seconds: from its turn to its end, waits for the quota included, by the process that ended it; None where it
            has not ended.
        attempts: how often it was handed over.
    """

    number: int
    rows: int
    ticket: str | None
    outcome: str
    written: int
    mismatched: int
    seconds: float | None
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecord:
    """One task of a run that has begun.

    Attributes:
        number: its place in the run, from 1.
        report: what it did, as far as is known.
        requests: its requests, in order.
        folder: the name of its folder in the run's.
        target: where its rows go, as `project.targets` writes it, without a secret; None for a query alone.
        ended: whether it came to an end, be it a failure; its report is whole then.
    """

    number: int
    report: TaskReport
    requests: tuple[RequestRecord, ...]
    folder: str = ""
    target: Mapping[str, object] | None = None
    ended: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run.

    Attributes:
        run_id: the run's name in the state folder.
        status: how it stands; a run whose process is gone without an end is interrupted.
        started_at: when it began, in UTC.
        ended_at: when it ended, in UTC; None where it has not, or nobody could write that down.
        what: what was run, for people: `campaign.dig +members`, `members.csv`.
        retry_of: the run whose rejects it sends again; None for others.
        tasks: those that began, in order.
        order: what was asked for, as `workflow.orders` writes it, without a secret.
    """

    run_id: str
    status: RunStatus
    started_at: datetime
    ended_at: datetime | None
    what: str
    retry_of: str | None
    tasks: tuple[TaskRecord, ...]
    order: Mapping[str, object] = field(default_factory=dict)

    def report(self) -> RunReport:
        """Give the run's report, as far as it is known."""
        return RunReport(self.run_id, self.status, tuple(task.report for task in self.tasks))
