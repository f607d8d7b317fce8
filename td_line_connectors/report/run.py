"""What did a run do?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from td_line_connectors.report.rows import RowCounts
from td_line_connectors.report.task import ReportedError, TaskReport

__all__ = ["RunReport", "RunStatus"]


class RunStatus(StrEnum):
    """How a run stands."""

    SUCCESS = "success"
    """It went to its end."""
    ERROR = "error"
    """It ended early."""
    PLANNED = "planned"
    """It was only planned; a task's `error` says where the run would end early."""
    RUNNING = "running"
    """It goes on."""
    INTERRUPTED = "interrupted"
    """It was stopped."""


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
