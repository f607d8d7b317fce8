"""A workflow's tasks, one after the other."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from td_line_connectors.engine.endings import reported
from td_line_connectors.engine.events import Event, Observer, RowsRead, RunBegan, RunEnded, TaskBegan, TaskEnded
from td_line_connectors.engine.export import Ended, ExportTask
from td_line_connectors.errors import ConfigError
from td_line_connectors.guards import UNGUARDED, Guards
from td_line_connectors.project.connections import ResolvedConnection
from td_line_connectors.project.targets import target_of
from td_line_connectors.report import RowCounts, RunReport, RunStatus, TaskReport
from td_line_connectors.rows import Result
from td_line_connectors.runs.folder import RunFolder
from td_line_connectors.spi import Runtime
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.private import make_private_folder
from td_line_connectors.workflow.jobs import JobRows, Known
from td_line_connectors.workflow.model import Engine, QueryTask, ResultExportTask, Task, Workflow
from td_line_connectors.workflow.recorder import Recorder
from td_line_connectors.workflow.steps import FileTask, LostTask, Step, UnfinishedTask

__all__ = ["Runner", "chosen"]

ROWS_BETWEEN_EVENTS = 10_000


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs tasks until one fails.

    Attributes:
        databases: the project's embedded databases.
        run_id: the run's name.
        folder: the run's own folder; each task gets one inside.
        runtime: the outside world.
        observer: is told what happens.
        recorder: writes it down.
        guards: what each result may be like and still be sent.
        plan: whether nothing is sent, and each task only says what it would do.
    """

    databases: Databases
    run_id: str
    folder: Path
    runtime: Runtime
    observer: Observer
    recorder: Recorder
    guards: Guards = UNGUARDED
    plan: bool = False

    def run(self, tasks: Sequence[Step], done: Sequence[TaskReport] = ()) -> RunReport:
        """Run tasks in order; the first that fails is the last.

        Args:
            tasks: what is to be done.
            done: what the run did earlier, in another process.
        """
        self._observe(RunBegan(self.run_id))
        report = RunReport(self.run_id, RunStatus.PLANNED if self.plan else RunStatus.SUCCESS, tuple(done))
        for number, task in enumerate(tasks, start=len(done) + 1):
            self._observe(TaskBegan(task.name, number, len(done) + len(tasks)))
            last_job = next((each.job_id for each in reversed(report.tasks) if each.job_id), None)
            ended = self._end_of(number, task, last_job)
            last = self._warned(self._explained(task, ended))
            self.recorder.task_ended(last)
            report = report.with_task(self._warned(last))
            self._observe(TaskEnded(number, report.tasks[-1]))
            if ended.cause:
                report = replace(report, status=ended.status(plan=self.plan))
                break
        self.recorder.run_ended(report.status)
        self._observe(RunEnded(self.run_id, report.status))
        return replace(report, tasks=(*report.tasks[:-1], *map(self._warned, report.tasks[-1:])))

    def _observe(self, event: Event) -> None:
        self.recorder.observe(event)
        self.observer(event)

    def _warned(self, report: TaskReport) -> TaskReport:
        """Give a report with what could not be recorded."""
        return replace(report, warnings=list(dict.fromkeys([*report.warnings, *self.recorder.warnings()])))

    def _explained(self, task: Step, ended: Ended) -> TaskReport:
        """Give a task's report. One that was stopped before anything was sent is begun anew when the run is resumed."""
        report, cause = ended.report, ended.cause
        asks = isinstance(task, QueryTask | ResultExportTask)
        if isinstance(cause, KeyboardInterrupt) and asks and not (self.plan or report.requests):
            return replace(report, error=reported(cause, resumable=True))
        return report

    def _end_of(self, number: int, task: Step, last_job: str | None) -> Ended:
        """Bring one task to its end, whatever that is.

        Args:
            number: its place in the run.
            task: the task.
            last_job: the number of the job that the last task before it had, if one had any.
        """
        began = self.runtime.monotonic()
        known = Known(task.report if isinstance(task, UnfinishedTask) else TaskReport(task=task.name))
        try:
            if isinstance(task, UnfinishedTask):
                self.recorder.task_goes_on(number, task.report)
                return self._exported(task.target, task.folder, ExportTask.resume, task.report)
            folder = f"{number:02}-{_file_name(task.name)}"
            self._begin(number, folder, task)
            return self._end_of_result(task, folder, last_job, known)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - whatever ends a task ends in its report
            seconds = known.report.seconds + self.runtime.monotonic() - began
            return Ended(replace(known.report, seconds=seconds, error=reported(error)), error)

    def _begin(self, number: int, folder: str, task: Task | FileTask | LostTask) -> None:
        """Record that a task begins."""
        target = None if isinstance(task, LostTask) else task.target
        report = TaskReport(task=task.name, connector=target.plugin.name if target else None)
        self.recorder.task_began(number, folder, target_of(target).to_json() if target else None, report)

    def _result(self, task: Task | FileTask | LostTask, last_job: str | None, known: Known) -> Result:
        if isinstance(task, FileTask):
            return task.open()
        if isinstance(task, LostTask):
            raise task.error
        if isinstance(task, ResultExportTask) or task.engine.on_treasure_data:
            return JobRows(run_id=self.run_id, runtime=self.runtime, observer=self._observe).of(task, last_job, known)
        return self._queried(task)

    def _queried(self, task: QueryTask) -> Result:
        if task.engine is Engine.SQLITE:
            return self.databases.query(task.database, task.sql)
        from td_line_connectors.storage.duckdb import query_duckdb  # noqa: PLC0415 - only its users have the package

        return query_duckdb(self.databases.path(task.database), task.sql)

    def _end_of_result(
        self, task: Task | FileTask | LostTask, folder: str, last_job: str | None, known: Known
    ) -> Ended:
        """Send a task's rows where they go, or count them."""
        began = self.runtime.monotonic()
        with closing(self._result(task, last_job, known)) as result:
            if isinstance(task, LostTask) or task.target is None:
                rows = self._counted(result)
                return Ended(replace(known.report, rows=rows, seconds=self.runtime.monotonic() - began), None)
            waited = replace(known.report, seconds=self.runtime.monotonic() - began)
            whole = not (isinstance(task, FileTask) and task.rest)
            return self._exported(task.target, folder, lambda export: self._sent(export, result, whole=whole), waited)

    def _sent(self, export: ExportTask, result: Result, *, whole: bool) -> Ended:
        """Send the rows of a result, or plan to.

        Raises:
            ConfigError: if they are the rest of one, and would take the place of the others.
        """
        if export.connector.replaces and not whole:
            message = (
                "replaces all that is there: the rows set aside alone would be left. Mend the query, and run it anew"
            )
            raise ConfigError.of(export.connector.data_object, "replaces", message)
        return export.plan(result) if self.plan else export.run(result)

    def _exported(
        self, target: ResolvedConnection, folder: str, go: Callable[[ExportTask], Ended], known: TaskReport
    ) -> Ended:
        """Let an export go.

        Args:
            target: where its rows go.
            folder: the name of its folder in the run's.
            go: begins it, or goes on with it.
            known: what is known of the task: its name, its job, the seconds that were spent on it before.
        """
        completed = partial(_completed, target=target, known=known)
        make_private_folder(self.folder / folder)
        with closing(target.plugin.connect(target.values, self.runtime)) as connector:
            export = ExportTask(
                name=known.task,
                connector=connector,
                folder=RunFolder(self.folder / folder),
                runtime=self.runtime,
                observer=self._observe,
                guards=self.guards,
                settled=lambda report, requests: self.recorder.task_settled(completed(report), requests),
            )
            ended = go(export)
        return replace(ended, report=completed(ended.report))

    def _counted(self, result: Result) -> RowCounts:
        """Count the rows of a query that exports nothing; where their number is known, they are not fetched."""
        rows = result.total or 0
        for rows, _ in enumerate(() if result.total is not None else result.rows, start=1):
            if not rows % ROWS_BETWEEN_EVENTS:
                self._observe(RowsRead(rows, result.total))
        self._observe(RowsRead(rows, result.total, last=True))
        return RowCounts(read=rows)


def chosen(workflow: Workflow, only: str | None) -> Sequence[Task]:
    """Give the tasks to run.

    Args:
        workflow: all of them.
        only: the name of the one task, or parent of tasks, to run; None: all.

    Raises:
        ConfigError: if there is no task of that name.
    """
    if only is None:
        return workflow.tasks
    wanted = f"+{only.removeprefix('+')}"
    found = [task for task in workflow.tasks if task.name == wanted or task.name.startswith(f"{wanted}+")]
    if not found:
        known = ", ".join(task.name for task in workflow.tasks)
        raise ConfigError.of(
            "--task", "unknown_task", f"«{wanted}» is no task of {workflow.path.name}. Known: {known}."
        )
    return found


def _completed(report: TaskReport, *, target: ResolvedConnection, known: TaskReport) -> TaskReport:
    """Give a report with the settings' warnings, its job, and the time that was spent on the task before."""
    warnings = [f"{each.field}: {each.message}" for each in target.warnings]
    seconds = known.seconds + report.seconds
    return replace(report, warnings=[*warnings, *report.warnings], seconds=seconds, job_id=known.job_id)


def _file_name(task: str) -> str:
    """Give a task's name as a part of a folder's name."""
    return "".join(each if each.isascii() and each.isalnum() else "-" for each in task.removeprefix("+"))[:60]
