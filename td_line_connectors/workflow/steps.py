"""What can a run be made of, beside a workflow's own tasks?"""

from collections.abc import Callable
from dataclasses import dataclass, field

from td_line_connectors.errors import ConfigError
from td_line_connectors.project.connections import ResolvedConnection
from td_line_connectors.report import TaskReport
from td_line_connectors.rows import Result
from td_line_connectors.workflow.model import Task

__all__ = ["FileTask", "LostTask", "Step", "UnfinishedTask"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTask:
    """The export of a file.

    Attributes:
        name: what the report calls it.
        open: gives its rows; whoever calls it closes them.
        target: where they go.
        rest: whether others of their result have gone there before.
    """

    name: str
    open: Callable[[], Result] = field(repr=False)
    target: ResolvedConnection
    rest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedTask:
    """An export that an earlier process has sealed, and did not bring to its end.

    Attributes:
        name: the task's name.
        target: where its rows go.
        folder: the name of its folder in the run's.
        report: what is known of it.
    """

    name: str
    target: ResolvedConnection
    folder: str
    report: TaskReport


@dataclass(frozen=True, slots=True, kw_only=True)
class LostTask:
    """A task that was to come, and can no longer be read.

    Attributes:
        name: the task's name.
        error: why.
    """

    name: str
    error: ConfigError


Step = Task | FileTask | UnfinishedTask | LostTask
