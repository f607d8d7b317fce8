"""Which rows of a run may be sent again?"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from td_line_connectors.errors import ConfigError
from td_line_connectors.project.project import Project
from td_line_connectors.project.targets import Target
from td_line_connectors.report import RowOutcome, RunStatus, TaskReport
from td_line_connectors.runs.folder import RunFolder
from td_line_connectors.runs.history import RunRecord, TaskRecord
from td_line_connectors.runs.journal import rows_left
from td_line_connectors.runs.mended import look_at
from td_line_connectors.workflow.orders import RejectsOrder, order_of, origin_of

__all__ = ["Mended", "rejects_order"]

SETTLED: Final = frozenset({RowOutcome.INVALID.value, RowOutcome.REJECTED.value})
"""Outcomes of rows that the run itself never sends again."""


@dataclass(frozen=True, slots=True)
class Mended:
    """What the person who sends rows again has said.

    Attributes:
        file: the rejects after mending; None for those that the run has written.
        encoding: of that file's text; None for UTF-8.
        task: whose rejects they are; None where that is clear.
    """

    file: Path | None = None
    encoding: str | None = None
    task: str | None = None


def rejects_order(record: RunRecord, folder: Path, project: Project, mended: Mended) -> RejectsOrder:
    """Give the order that sends a run's rejects again, to where that run's rows went.

    Args:
        record: the run, as the history knows it.
        folder: the run's folder.
        project: the project.
        mended: what was said.

    Raises:
        ConfigError: if there are none, they are gone, or the run must be resumed first.
        DataError: if a file has rows that cannot be sent.
        StoreError: if the disk cannot do it.
    """
    order, terms = order_of(record.order, project.folder)
    if record.status is RunStatus.RUNNING:
        raise _not_retryable(record, "it goes on: wait until it has ended")
    if terms.plan:
        raise _not_retryable(record, "it was only planned: give the id of the run with the rejects (`td-line runs`)")
    tasks = _chosen(record, mended)
    files = {task.report.task: mended.file or _rejects_of(record, task, folder, project) for task in tasks}
    for task in tasks:
        outcomes = look_at(files[task.report.task], mended.encoding).outcomes
        if outcomes - SETTLED and rows_left(RunFolder(folder / task.folder).snapshot):
            raise _resume_first(record, task)
    return RejectsOrder(
        run_id=record.run_id,
        files=files,
        encoding=mended.encoding,
        targets={task.report.task: Target.from_json(task.target or {}) for task in tasks},
        origin=origin_of(order),
    )


def _chosen(record: RunRecord, mended: Mended) -> list[TaskRecord]:
    """Give the tasks whose rejects are meant."""
    exports = [task for task in record.tasks if task.target is not None]
    known = ", ".join(task.report.task for task in exports) or "none"
    if mended.task is not None:
        found = [task for task in exports if task.report.task.removeprefix("+") == mended.task.removeprefix("+")]
        if not found:
            said = f"«{mended.task}» is no export of run {record.run_id}. Known: {known}."
            raise ConfigError.of("--task", "unknown_task", said)
        return found
    found = [task for task in exports if _has_rejects(task.report)]
    if not found:
        raise _not_retryable(record, "it has set no row aside")
    if mended.file and len(found) > 1:
        raise _not_retryable(record, f"several of its tasks have rejects: say whose the file has, with --task: {known}")
    return found


def _rejects_of(record: RunRecord, task: TaskRecord, folder: Path, project: Project) -> Path:
    """Give the rejects that a task has written."""
    files = RunFolder(folder / task.folder)
    if files.rejects.exists():
        return files.rejects
    if rows_left(files.snapshot) is not None:
        raise _resume_first(record, task)
    said = f"the rejects of {task.report.task} are gone, which are kept for {project.keep_days} days"
    raise _not_retryable(record, said)


def _resume_first(record: RunRecord, task: TaskRecord) -> ConfigError:
    said = f"{task.report.task} has rows that it may still send itself: `td-line resume {record.run_id}` first"
    return _not_retryable(record, said)


def _not_retryable(record: RunRecord, why: str) -> ConfigError:
    return ConfigError.of("run", "not_retryable", f"nothing of {record.run_id} can be sent again: {why}")


def _has_rejects(report: TaskReport) -> bool:
    return bool(report.rejects or report.rows.invalid or report.rows.rejected or report.rows.unsettled)
