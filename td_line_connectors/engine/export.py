"""Rows in, every one accounted for."""

from collections.abc import Mapping
from contextlib import ExitStack, closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from td_line_connectors.engine import accounting
from td_line_connectors.engine.endings import reported
from td_line_connectors.engine.events import Observer, unobserved
from td_line_connectors.engine.reading import read_all
from td_line_connectors.engine.sending import Sender
from td_line_connectors.engine.source import Rows, Source
from td_line_connectors.engine.verdict import verdict_on
from td_line_connectors.errors import DataError, RunFailedError
from td_line_connectors.report import RowCounts, RunReport, RunStatus, TaskReport
from td_line_connectors.runs.folder import RunFolder, new_run_id, temporary_folder
from td_line_connectors.runs.journal import Journal
from td_line_connectors.runs.rejects import write_rejects
from td_line_connectors.runs.sealing import SnapshotWriter
from td_line_connectors.runs.snapshot import Snapshot
from td_line_connectors.spi import OutputConnector, Runtime
from td_line_connectors.storage.private import make_private_folder

__all__ = ["Ended", "ExportTask", "export"]


@runtime_checkable
class ArrowStream(Protocol):
    """Anything that gives itself as an Arrow stream, as DuckDB, polars, pandas and pyarrow do."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the PyCapsule."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a task ended.

    Attributes:
        report: where every row is.
        cause: what ended it early; None where nothing did.
    """

    report: TaskReport
    cause: BaseException | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTask:
    """One export of one result, from its first row to its report.

    Attributes:
        name: the task's name in the report.
        connector: does the sending; the caller closes it.
        folder: where snapshot, journal and rejects are kept; made if it is missing.
        runtime: the outside world.
        observer: is told what happens.
        facts: what a later process must know to resume the task, as JSON values; sealed with the snapshot.
    """

    name: str
    connector: OutputConnector[Any]
    folder: RunFolder
    runtime: Runtime
    observer: Observer = unobserved
    facts: Mapping[str, object] = field(default_factory=dict)

    def run(self, rows: Rows) -> Ended:
        """Read all of `rows` into the snapshot, close them, then send. Never raises what a run can end with.

        Args:
            rows: the result; closed whatever happens.
        """
        began, counts = self.runtime.monotonic(), RowCounts()
        try:
            with ExitStack() as held:
                with closing(Source(rows, self.connector.rows)) as source:
                    make_private_folder(self.folder.path)
                    held.enter_context(self.folder.locked())
                    verdict = self._take_snapshot(source, counts)
                return self._finish(began, verdict, _unsent(counts))
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - whatever a source raises ends in a report
            return self._ended(began, error, self._blank(_unsent(counts)))

    def resume(self) -> Ended:
        """Go on from the first request whose outcome is not known, with the rows of the snapshot.

        Raises:
            StoreError: if there is no sealed snapshot, or another process is at the run.
        """
        began = self.runtime.monotonic()
        with self.folder.locked():
            with closing(Snapshot.open(self.folder.snapshot)) as snapshot:  # what cannot be resumed is said at once
                counts = accounting.count_rows(snapshot, list(Journal(snapshot).parts()))
            return self._finish(began, None, counts)

    def _take_snapshot(self, source: Source[Any], counts: RowCounts) -> DataError | None:
        """Read every row, judge the whole, and seal it; give the reason if it may not be sent."""
        with SnapshotWriter.open(self.folder.snapshot) as snapshot:
            read_all(source, self.connector, snapshot, counts, self.observer)
            verdict = verdict_on(counts, snapshot.requests, self.connector)
            facts = {**self.facts, "task": self.name, "read": counts.read, "warnings": source.warnings()}
            snapshot.seal(facts, sendable=verdict is None)
        return verdict

    def _finish(self, began: float, verdict: DataError | None, counts: RowCounts) -> Ended:
        """Send what may be sent and report; the snapshot goes once every row is settled, or none may be sent.

        Args:
            began: when the run began.
            verdict: why nothing may be sent; None where it may.
            counts: where the rows are before anything is sent, should nothing more be learnt of them.
        """
        cause: BaseException | None = verdict
        report = self._blank(counts)
        try:
            with closing(Snapshot.open(self.folder.snapshot, sendable=verdict is None)) as snapshot:
                journal = Journal(snapshot)
                cause = verdict or self._send(snapshot, journal)
                report = self._counted(snapshot, journal)
                report = replace(report, rejects=self._write_rejects(snapshot, journal))
            if verdict or not report.rows.unsettled:
                self.folder.forget_snapshot()
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the disk may fail while the report is made
            if cause and not isinstance(error, KeyboardInterrupt):  # what failed first is what must be mended
                report = replace(report, warnings=[*report.warnings, reported(error).message])
            else:
                cause = error
        return self._ended(began, cause, report)

    def _send(self, snapshot: Snapshot, journal: Journal) -> BaseException | None:
        """Send what has no final state; give what ended it early."""
        try:
            Sender(self.connector, snapshot, journal, self.runtime, self.observer).send()
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - a connector may raise anything; the report goes on
            return error
        return None

    def _counted(self, snapshot: Snapshot, journal: Journal) -> TaskReport:
        """Say where every row is."""
        parts = list(journal.parts())
        return replace(
            self._blank(accounting.count_rows(snapshot, parts)),
            requests=accounting.requests_made(parts),
            issues=accounting.sample_issues(snapshot, parts, self.connector.data_object),
            segment=accounting.segment_of(parts),
            warnings=[*snapshot.warnings(), *accounting.warnings_of(parts)],
        )

    def _write_rejects(self, snapshot: Snapshot, journal: Journal) -> Path | None:
        """Write the rows set aside; give their file if there are any."""
        names, data_object = self.connector.rows.names, self.connector.data_object
        some = write_rejects(self.folder.rejects, snapshot, journal, names, data_object)
        return self.folder.rejects if some else None

    def _blank(self, counts: RowCounts) -> TaskReport:
        return TaskReport(
            task=self.name, connector=self.connector.name, data_object=self.connector.data_object, rows=counts
        )

    def _ended(self, began: float, cause: BaseException | None, report: TaskReport) -> Ended:
        seconds = self.runtime.monotonic() - began
        error = reported(cause, resumable=self.folder.snapshot.exists()) if cause else None
        return Ended(replace(report, seconds=seconds, error=error), cause)


def _unsent(counts: RowCounts) -> RowCounts:
    """Give the counts of a run of which nothing was sent."""
    return replace(counts, unsettled=counts.read - counts.invalid)


def export(
    rows: Rows | ArrowStream,
    connector: OutputConnector[Any],
    runtime: Runtime | None = None,
    *,
    observer: Observer = unobserved,
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

    Returns:
        the report of a run that went to its end, invalid and rejected rows included.

    Raises:
        ConfigError: `rows` is a stream of Arrow that cannot be read: no table, or pyarrow is not installed.
        RunFailedError: the run ended early; its `report` says where every row is, its `__cause__` why.
        KeyboardInterrupt: as it came, after the state on disk was put in order.
    """
    runtime = runtime or Runtime()
    readable = _readable(rows)
    run_id = new_run_id(runtime.now(), runtime.random)
    with nullcontext(runtime.work_folder) if runtime.work_folder else temporary_folder() as work:
        folder = RunFolder(work / run_id)
        task = ExportTask(name="export", connector=connector, folder=folder, runtime=runtime, observer=observer)
        ended = task.run(readable)
    kept = ended.report if runtime.work_folder else replace(ended.report, rejects=None)
    report = RunReport(run_id, RunStatus.ERROR if ended.cause else RunStatus.SUCCESS, (kept,))
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
