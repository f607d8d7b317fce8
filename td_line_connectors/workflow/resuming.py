"""What is left of a run, and how does it go on?"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.report import RunStatus, TaskReport
from td_line_connectors.runs.folder import RunFolder
from td_line_connectors.runs.history import RunRecord, TaskRecord
from td_line_connectors.runs.journal import is_untouched, rows_left
from td_line_connectors.workflow.course import NOT_RESUMABLE, Course, not_resumable
from td_line_connectors.workflow.orders import Terms, order_of
from td_line_connectors.workflow.steps import Step

__all__ = ["Left", "is_resumable", "left_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is left of a run.

    Attributes:
        done: the reports of the tasks that have come to their end, in order.
        tasks: those to go on with.
        terms: what the run keeps to.
    """

    done: Sequence[TaskReport]
    tasks: Sequence[Step]
    terms: Terms


def left_of(record: RunRecord, folder: Path, project: Project, registry: Registry) -> Left | None:
    """Find out what is left of a run that nobody is at.

    The task that was under way goes on from its snapshot. If it has none, it has sent nothing, and is run anew; so is
    one whose settings did not allow its first request, for they must be mended. The tasks after it are read from the
    workflow file as it is now, in the run's own session.

    Args:
        record: the run, as the history knows it.
        folder: the run's folder.
        project: whose connections and secrets count.
        registry: the connectors there are.

    Returns:
        what is left; None where there is nothing, be it that the far side refused the last of it.

    Raises:
        ConfigError: if it cannot go on: it was a plan, its files are gone, its rows would go elsewhere now.
        StoreError: if its snapshot cannot be read.
    """
    order, terms = order_of(record.order, project.folder)
    if terms.plan:
        raise _not_resumable(record, "it was only planned: run it without --plan, or give a stopped run's id")
    if record.status is RunStatus.SUCCESS:
        return None
    if not folder.exists():
        said = f"its files are gone, which are kept for {project.keep_days} days: run it anew"
        raise _not_resumable(record, said)
    course = Course(order, project, registry)
    done = [task.report for task in record.tasks]
    if not record.tasks:
        return Left(done=(), tasks=course.begin(), terms=terms)
    last = record.tasks[-1]
    snapshot = RunFolder(folder / last.folder).snapshot
    is_sealed = rows_left(snapshot) is not None
    if is_sealed and not (_was_misconfigured(last) and is_untouched(snapshot)):
        tasks = [course.unfinished(last), *course.after(last)]
        return Left(done=done[:-1], tasks=tasks, terms=terms)
    if last.ended and not last.report.error:
        return Left(done=done, tasks=course.after(last), terms=terms)
    if _sent_nothing(last):
        return Left(done=done[:-1], tasks=course.begin(last.report.task), terms=terms)
    if last.ended:
        return None
    raise _not_resumable(record, f"the snapshot of {last.report.task} is gone, and what it had sent is not known")


def is_resumable(record: RunRecord, folder: Path, project: Project, registry: Registry) -> bool:
    """Say whether a run has something left that `resume` does, be it once something is mended.

    The arguments are those of `left_of`; somebody may be at the run.
    """
    if record.status is RunStatus.RUNNING:
        return False
    try:
        return left_of(record, folder, project, registry) is not None
    except ConfigError as error:
        return all(issue.code != NOT_RESUMABLE for issue in error.issues)
    except StoreError:
        return False


def _was_misconfigured(task: TaskRecord) -> bool:
    """Say whether a task has ended because of its settings."""
    return task.report.error is not None and task.report.error.kind == ConfigError.kind


def _sent_nothing(task: TaskRecord) -> bool:
    """Say whether nothing of a task without a snapshot has reached the far side.

    One that was sealed has its snapshot until its end is recorded. So without either it was never sealed.
    """
    rows = task.report.rows
    was_sealed = task.report.data_object is not None
    return not (task.requests or rows.written or rows.mismatched or rows.rejected) and (task.ended or not was_sealed)


def _not_resumable(record: RunRecord, why: str) -> ConfigError:
    return not_resumable("run", f"{record.run_id} cannot be resumed: {why}")
