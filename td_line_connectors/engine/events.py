"""What can be seen of a run while it goes?"""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Event", "Observer", "RequestSettled", "RowsRead", "TaskBegan", "Waiting", "unobserved"]


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
class RequestSettled:
    """The far side has judged a request, or a part of one.

    Attributes:
        request: the request's number, from 1.
        of: so many requests there are.
        rows: rows that have an outcome by now.
        total: rows that were read.
        seconds: how long this request took.
        accepted: whether it was taken.
    """

    request: int
    of: int
    rows: int
    total: int
    seconds: float
    accepted: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """The run waits.

    Attributes:
        seconds: for so long.
        reason: for what; holds no personal data.
    """

    seconds: float
    reason: str


Event = TaskBegan | RowsRead | RequestSettled | Waiting

Observer = Callable[[Event], None]
"""Is told of each event as it happens, in the run's own thread."""


def unobserved(event: Event) -> None:
    """Look away: the observer of a run that nobody watches."""
    del event
