"""Rows in, every one accounted for."""

from contextlib import nullcontext
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from td_line_connectors.engine.events import Observer, unobserved
from td_line_connectors.engine.source import Rows
from td_line_connectors.engine.task import Ended, ExportTask
from td_line_connectors.errors import RunFailedError
from td_line_connectors.guards import UNGUARDED, Guards
from td_line_connectors.report import RunReport
from td_line_connectors.runs.folder import RunFolder, new_run_id, temporary_folder
from td_line_connectors.spi import OutputConnector, Runtime

__all__ = ["Ended", "ExportTask", "export"]


@runtime_checkable
class ArrowStream(Protocol):
    """Anything that gives itself as an Arrow stream, as DuckDB, polars, pandas and pyarrow do."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the PyCapsule."""


def export(
    rows: Rows | ArrowStream,
    connector: OutputConnector[Any],
    runtime: Runtime | None = None,
    *,
    observer: Observer = unobserved,
    plan: bool = False,
    guards: Guards = UNGUARDED,
) -> RunReport:
    """Export `rows` through `connector`, and say of every row where it ended.

    Nothing is printed, no signal handler is installed. The whole result is read once into a snapshot on disk and
    only then sent, so that a source that fails half-way has sent nothing.

    Args:
        rows: an iterable of mappings from column to value, anything with `__arrow_c_stream__`, or a `Result`.
        connector: made by a plugin's `connect`; the caller closes it.
        runtime: the outside world; its `work_folder` keeps the run's files (without one they are gone afterwards,
            rejects included), its quota store is by default this process's own.
        observer: is told of each event as it happens.
        plan: whether to send nothing, and only say what would be done: each task's report has a `plan` then.
        guards: what the result may be like and still be sent.

    Returns:
        the report of a run that went to its end, invalid and rejected rows included.

    Raises:
        ConfigError: `rows` is a stream of Arrow that cannot be read: no table, or pyarrow is not installed.
        RunFailedError: the run ended early, or as a plan shows, it would; its `report` says where every row is, its
            `__cause__` why.
        KeyboardInterrupt: as it came, after the state on disk was put in order.
    """
    runtime = runtime or Runtime()
    readable = _readable(rows)
    run_id = new_run_id(runtime.now(), runtime.random)
    with nullcontext(runtime.work_folder) if runtime.work_folder else temporary_folder() as work:
        folder = RunFolder(work / run_id)
        task = ExportTask(
            name="export", connector=connector, folder=folder, runtime=runtime, observer=observer, guards=guards
        )
        ended = task.plan(readable) if plan else task.run(readable)
    kept = ended.report if runtime.work_folder else replace(ended.report, rejects=None)
    report = RunReport(run_id, ended.status(plan=plan), (kept,))
    if isinstance(ended.cause, KeyboardInterrupt):
        raise ended.cause
    if ended.cause:
        raise RunFailedError(report) from ended.cause
    return report


def _readable(rows: Rows | ArrowStream) -> Rows:
    if not isinstance(rows, ArrowStream):
        return rows
    from td_line_connectors.storage.arrow import read_arrow  # noqa: PLC0415 - only Arrow's users have its packages

    return read_arrow(rows)
