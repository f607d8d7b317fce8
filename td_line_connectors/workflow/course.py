"""Which tasks does an order lead to, today?"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.project.connections import ResolvedConnection
from td_line_connectors.project.project import Project
from td_line_connectors.project.targets import Target, resolve_again
from td_line_connectors.registry import Registry
from td_line_connectors.rows import Result
from td_line_connectors.runs.history import TaskRecord
from td_line_connectors.runs.mended import look_at
from td_line_connectors.settings.node import Node
from td_line_connectors.storage.files import read_file
from td_line_connectors.workflow.model import Task
from td_line_connectors.workflow.orders import FileOrder, Order, RejectsOrder, WorkflowOrder, origin_of
from td_line_connectors.workflow.reader import read_workflow
from td_line_connectors.workflow.runner import chosen
from td_line_connectors.workflow.steps import FileTask, LostTask, Step, UnfinishedTask

__all__ = ["NOT_RESUMABLE", "Course", "not_resumable"]

NOT_RESUMABLE: Final = "not_resumable"
"""The code of what no mending lets go on."""


@dataclass(frozen=True, slots=True)
class Course:
    """The tasks that an order leads to, as they can be run today.

    Attributes:
        order: what was asked for.
        project: whose connections and secrets count.
        registry: the connectors there are.
    """

    order: Order
    project: Project
    registry: Registry

    def unfinished(self, task: TaskRecord) -> UnfinishedTask:
        """Give a task that has its snapshot still."""
        assert task.target is not None, "what has a snapshot has somewhere to go"
        name = task.report.task
        target = self._target(name, Target.from_json(task.target))
        return UnfinishedTask(name=name, target=target, folder=task.folder, report=task.report)

    def begin(self, name: str | None = None) -> Sequence[Step]:
        """Give a task and those after it, to be run from their beginning; None: all of them.

        Raises:
            ConfigError: if they cannot be read, or their rows would go elsewhere than recorded.
        """
        match self.order:
            case WorkflowOrder():
                tasks = self._tasks(self.order)
                return tasks if name is None else tasks[_place(name, [task.name for task in tasks]) :]
            case FileOrder():
                return [self._file(self.order)]
            case RejectsOrder(files=files):
                names = [*files]
                return [self._rejects(self.order, each) for each in names[0 if name is None else names.index(name) :]]

    def after(self, task: TaskRecord) -> Sequence[Step]:
        """Give the tasks after one; where they cannot be read, the first of them, which says why."""
        name = task.report.task
        match self.order:
            case WorkflowOrder(tasks=planned):
                rest = planned[planned.index(name) + 1 :] if name in planned else planned[task.number :]
                return self._or_lost(name, rest, lambda: self.begin(name)[1:])
            case FileOrder():
                return ()
            case RejectsOrder(files=files):
                rest = [*files][[*files].index(name) + 1 :]
                return self._or_lost(name, rest, lambda: self.begin(rest[0]))

    def _or_lost(self, name: str, rest: Sequence[str], read: Callable[[], Sequence[Step]]) -> Sequence[Step]:
        """Give what was to come after a task, if anything was."""
        if not rest:
            return ()
        try:
            return read()
        except ConfigError as error:
            message = f"{name} has come to its end; what was to come after it cannot be read:"
            return [
                LostTask(name=rest[0], error=ConfigError([ValidationIssue(rest[0], "lost", message), *error.issues]))
            ]

    def _file(self, order: FileOrder) -> FileTask:
        if order.file is None:
            message = "the run was stopped while it read standard input, and had sent nothing: run it anew"
            raise not_resumable(order.name, message)
        target = self._target(order.name, order.target)
        opening = partial(read_file, order.file, format=order.format, encoding=order.encoding)
        return FileTask(name=order.name, open=opening, target=target)

    def _rejects(self, order: RejectsOrder, name: str) -> FileTask:
        target = self._target(name, order.targets[name])
        opening = partial(_open_rejects, order, name)
        return FileTask(name=name, open=opening, target=target, rest=True)

    def _tasks(self, order: WorkflowOrder) -> list[Task]:
        """Read a workflow file as it is now, in the session of the order."""
        return [*chosen(read_workflow(order.file, self.project, self.registry, order.session), order.only)]

    def _target(self, name: str, target: Target) -> ResolvedConnection:
        """Give where a task's rows go: as it was recorded, with the connection and the secrets of today."""
        written = self._settings(name) if target.left_out else None
        return resolve_again(target, self.project, self.registry, written)

    def _settings(self, name: str) -> Node | None:
        """Give the settings that a task has in its workflow file now; None where they cannot be read."""
        origin = origin_of(self.order)
        with suppress(ConfigError):
            for task in self._tasks(origin) if origin else ():
                if task.name == name and task.target:
                    return task.target.blocks[-1]
        return None


def not_resumable(what: str, why: str) -> ConfigError:
    """Give the error of a run that no mending lets go on."""
    return ConfigError.of(what, NOT_RESUMABLE, why)


def _open_rejects(order: RejectsOrder, name: str) -> Result:
    return look_at(order.files[name], order.encoding).open()


def _place(name: str, names: Sequence[str]) -> int:
    """Give a task's place among those of a workflow file."""
    if name not in names:
        message = f"the run has come to this task, and the workflow does not have it any more: {', '.join(names)}"
        raise ConfigError.of(name, "unknown_task", message)
    return names.index(name)
