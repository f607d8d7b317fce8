"""What can be seen of a run while it goes?"""

from collections.abc import Callable
from dataclasses import dataclass

from td_line_connectors.report import RowCounts, RunStatus, TaskReport
from td_line_connectors.runs.history import RequestRecord

__all__ = [
    "Event",
    "JobSeen",
    "Observer",
    "RequestSettled",
    "RowsRead",
    "RunBegan",
    "RunEnded",
    "SendingBegan",
    "TaskBegan",
    "TaskEnded",
    "Waiting",
    "unobserved",
]


@dataclass(frozen=True, slots=True)
class RunBegan:
    """A run has begun, or goes on.

    Attributes:
        run_id: its name in the state folder.
    """

    run_id: str


@dataclass(frozen=True, slots=True)
class TaskBegan:
    """A run has come to its next task.

    Attributes:
        task: the task's name.
        number: its place among the run's tasks, from 1.
        of: so many tasks there are.
    """

    task: str
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class JobSeen:
    """A far side's job, whose result the task waits for, has been looked at.

    Attributes:
        job_id: its number there.
        status: how far it is, in the far side's word.
        seconds: so long the task has waited for it.
        is_news: whether the status is another than at the look before.
    """

    job_id: str
    status: str
    seconds: float
    is_news: bool


@dataclass(frozen=True, slots=True)
class RowsRead:
    """Rows have been read from the result.

    Attributes:
        rows: so many up to now.
        total: so many there will be, where that is known.
        last: whether that was all.
    """

    rows: int
    total: int | None
    last: bool = False


@dataclass(frozen=True, slots=True)
class SendingBegan:
    """All rows have been judged, and the first request is about to go, or the first that is still open.

    Attributes:
        connector: the plugin's name.
        data_object: what the report calls the thing written.
        requests: so many requests there are.
        counts: where the rows are by now.
    """

    connector: str
    data_object: str
    requests: int
    counts: RowCounts


@dataclass(frozen=True, slots=True)
class RequestSettled:
    """The far side has judged a request, or a part of one.

    Attributes:
        record: what became of it.
        of: so many requests there are.
        rows: rows that have an outcome by now.
        total: rows that were read.
        counts: where the task's rows are by now.
    """

    record: RequestRecord
    of: int
    rows: int
    total: int
    counts: RowCounts

    @property
    def request(self) -> int:
        """The request's number, from 1."""
        return self.record.number

    @property
    def seconds(self) -> float:
        """How long this request took."""
        return self.record.seconds or 0.0

    @property
    def accepted(self) -> bool:
        """Whether it was taken."""
        return self.record.outcome == "accepted"


@dataclass(frozen=True, slots=True)
class TaskEnded:
    """A task has ended, whatever way.

    Attributes:
        number: its place among the run's tasks, from 1.
        report: where every row is.
    """

    number: int
    report: TaskReport


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run has ended, whatever way.

    Attributes:
        run_id: its name in the state folder.
        status: how it stands.
    """

    run_id: str
    status: RunStatus


@dataclass(frozen=True, slots=True)
class Waiting:
    """The run waits.

    Attributes:
        seconds: for so long.
        reason: for what; holds no personal data.
    """

    seconds: float
    reason: str


Event = RunBegan | TaskBegan | JobSeen | RowsRead | SendingBegan | RequestSettled | Waiting | TaskEnded | RunEnded

Observer = Callable[[Event], None]
"""Is told of each event as it happens, in the run's own thread."""


def unobserved(event: Event) -> None:
    """Look away: the observer of a run that nobody watches."""
    del event
