"""A workflow's tasks, one after the other."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from td_line_connectors.engine.endings import reported
from td_line_connectors.engine.events import Observer, RowsRead, TaskBegan
from td_line_connectors.engine.export import Ended, ExportTask
from td_line_connectors.errors import ConfigError
from td_line_connectors.project.connections import ResolvedConnection
from td_line_connectors.report import RowCounts, RunReport, RunStatus, TaskReport
from td_line_connectors.rows import Result
from td_line_connectors.runs.folder import RunFolder
from td_line_connectors.spi import Runtime
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.private import make_private_folder
from td_line_connectors.workflow.model import Engine, QueryTask, ResultExportTask, Task, Workflow

__all__ = ["FileTask", "Runner", "chosen"]

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
    """

    databases: Databases
    run_id: str
    folder: Path
    runtime: Runtime
    observer: Observer

    def run(self, tasks: "Sequence[Task | FileTask]") -> RunReport:
        """Run tasks in order; the first that fails is the last."""
        report = RunReport(self.run_id, RunStatus.SUCCESS, ())
        for number, task in enumerate(tasks, start=1):
            self.observer(TaskBegan(task.name, number, len(tasks)))
            ended = self._end_of(task, f"{number:02}-{_file_name(task.name)}")
            report = report.with_task(ended.report)
            if ended.cause:
                stopped = isinstance(ended.cause, KeyboardInterrupt)
                return replace(report, status=RunStatus.INTERRUPTED if stopped else RunStatus.ERROR)
        return report

    def _end_of(self, task: "Task | FileTask", folder: str) -> Ended:
        """Run one task to its end, whatever that is."""
        began = self.runtime.monotonic()
        try:
            result = self._result(task)
            if task.target is None:
                return Ended(self._counted(task.name, result, began), None)
            return self._exported(task.name, task.target, result, folder)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - whatever ends a task ends in its report
            seconds = self.runtime.monotonic() - began
            return Ended(TaskReport(task=task.name, seconds=seconds, error=reported(error)), error)

    def _result(self, task: "Task | FileTask") -> Result:
        if isinstance(task, FileTask):
            return task.result
        if isinstance(task, ResultExportTask) or task.engine.on_treasure_data:
            message = "reads from Treasure Data, which this version cannot reach: query an embedded database"
            raise ConfigError.of(task.name, "treasure_data", message, where=task.where)
        return self._queried(task)

    def _queried(self, task: QueryTask) -> Result:
        if task.engine is Engine.SQLITE:
            return self.databases.query(task.database, task.sql)
        from td_line_connectors.storage.duckdb import query_duckdb  # noqa: PLC0415 - only its users have the package

        return query_duckdb(self.databases.path(task.database), task.sql)

    def _exported(self, name: str, target: ResolvedConnection, result: Result, folder: str) -> Ended:
        make_private_folder(self.folder / folder)
        with closing(result), closing(target.plugin.connect(target.values, self.runtime)) as connector:
            export = ExportTask(
                name=name,
                connector=connector,
                folder=RunFolder(self.folder / folder),
                runtime=self.runtime,
                observer=self.observer,
                facts={"connection": target.name},
            )
            ended = export.run(result)
        warnings = [f"{each.field}: {each.message}" for each in target.warnings]
        return replace(ended, report=replace(ended.report, warnings=[*warnings, *ended.report.warnings]))

    def _counted(self, name: str, result: Result, began: float) -> TaskReport:
        """Run a query that exports nothing."""
        rows = 0
        with closing(result):
            for rows, _ in enumerate(result.rows, start=1):
                if not rows % ROWS_BETWEEN_EVENTS:
                    self.observer(RowsRead(rows, result.total))
        self.observer(RowsRead(rows, result.total, last=True))
        return TaskReport(task=name, rows=RowCounts(read=rows), seconds=self.runtime.monotonic() - began)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTask:
    """The export of a file.

    Attributes:
        name: the file's name.
        result: its rows.
        target: where they go.
    """

    name: str
    result: Result
    target: ResolvedConnection


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


def _file_name(task: str) -> str:
    """Give a task's name as a part of a folder's name."""
    return "".join(each if each.isascii() and each.isalnum() else "-" for each in task.removeprefix("+"))[:60]
