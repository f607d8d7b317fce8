"""One export of one result, from its first row to its report."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from td_line_connectors.engine import accounting
from td_line_connectors.engine.endings import reported
from td_line_connectors.engine.events import Observer, unobserved
from td_line_connectors.engine.planning import plan_of
from td_line_connectors.engine.reading import read_all
from td_line_connectors.engine.sending import Sender
from td_line_connectors.engine.source import Rows, Source
from td_line_connectors.engine.verdict import verdict_on, verdict_on_list
from td_line_connectors.errors import DataError, RemoteError, StoreError
from td_line_connectors.guards import UNGUARDED, Guards
from td_line_connectors.report import RowCounts, RunStatus, SegmentSummary, TaskReport
from td_line_connectors.runs.folder import RunFolder
from td_line_connectors.runs.history import RequestRecord
from td_line_connectors.runs.journal import Journal, Part
from td_line_connectors.runs.rejects import write_rejects
from td_line_connectors.runs.sealing import SnapshotWriter
from td_line_connectors.runs.snapshot import Snapshot
from td_line_connectors.spi import OutputConnector, Preparing, Runtime
from td_line_connectors.storage.private import make_private_folder

__all__ = ["Ended", "ExportTask"]


Settled = Callable[[TaskReport, Sequence[RequestRecord]], bool]


def _need_not_be_kept(report: TaskReport, requests: Sequence[RequestRecord]) -> bool:
    """Let the snapshot go: its report is handed to whoever started the task."""
    del report, requests
    return True


@dataclass(frozen=True, slots=True)
class Ended:
    """How a task ended.

    Attributes:
        report: where every row is.
        cause: what ended it early; None where nothing did.
    """

    report: TaskReport
    cause: BaseException | None

    def status(self, *, plan: bool = False) -> RunStatus:
        """Say how a run stands whose last task ended so.

        Args:
            plan: whether it was only planned; it is so where a plan could be made, whatever that says.
        """
        if isinstance(self.cause, KeyboardInterrupt):
            return RunStatus.INTERRUPTED
        if self.cause and not self.report.plan:
            return RunStatus.ERROR
        return RunStatus.PLANNED if plan else RunStatus.SUCCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTask:
    """One export of one result, from its first row to its report.

    Attributes:
        name: the task's name in the report.
        connector: does the sending; the caller closes it.
        folder: where snapshot, journal and rejects are kept; made if it is missing.
        runtime: the outside world.
        observer: is told what happens.
        guards: what the result may be like and still be sent; sealed with the snapshot.
        settled: is told where every row is, and of every request, while the snapshot has it still; says whether that
            is kept elsewhere now, so that the snapshot may go.
    """

    name: str
    connector: OutputConnector[Any]
    folder: RunFolder
    runtime: Runtime
    observer: Observer = unobserved
    guards: Guards = UNGUARDED
    settled: Settled = _need_not_be_kept

    def run(self, rows: Rows) -> Ended:
        """Read all of `rows` into the snapshot, close them, then send. Never raises what a run can end with.

        Args:
            rows: the result; closed whatever happens.
        """
        return self._read_and_finish(rows, plan=False)

    def plan(self, rows: Rows) -> Ended:
        """Read all of `rows`, look at what is there already, and say what `run` would do; send nothing.

        Never raises what a run can end with. Invalid rows are in the rejects; the snapshot is gone afterwards.

        Args:
            rows: the result; closed whatever happens.
        """
        return self._read_and_finish(rows, plan=True)

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

    def _read_and_finish(self, rows: Rows, *, plan: bool) -> Ended:
        """Take the snapshot, close the rows, and send or plan."""
        began, counts = self.runtime.monotonic(), RowCounts()
        try:
            with ExitStack() as held:
                with closing(Source(rows, self.connector.rows)) as source:
                    make_private_folder(self.folder.path)
                    held.enter_context(self.folder.locked())
                    verdict = self._take_snapshot(source, counts, plan=plan)
                return self._finish(began, verdict, _unsent(counts), plan=plan)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - whatever a source raises ends in a report
            return self._ended(began, error, self._blank(_unsent(counts)))

    def _take_snapshot(self, source: Source[Any], counts: RowCounts, *, plan: bool) -> DataError | None:
        """Read every row, judge the whole, and seal it; give the reason if it may not be sent."""
        with SnapshotWriter.open(self.folder.snapshot) as snapshot:
            read_all(source, self.connector, snapshot, counts, self.observer)
            verdict = verdict_on(counts, snapshot.requests, self.connector, self.guards)
            known = {"read": counts.read, "warnings": source.warnings(), "guards": self.guards.to_json()}
            snapshot.seal({"task": self.name, **known}, sendable=verdict is None and not plan)
        return verdict

    def _finish(self, began: float, verdict: DataError | None, counts: RowCounts, *, plan: bool = False) -> Ended:
        """Send what may be sent and report; the snapshot goes once every row is settled, or none may be sent.

        Args:
            began: when the run began.
            verdict: why nothing may be sent; None where it may.
            counts: where the rows are before anything is sent, should nothing more be learnt of them.
            plan: whether to say what would be sent instead.
        """
        cause: BaseException | None = verdict
        report, may_send = self._blank(counts), verdict is None and not plan
        try:
            with closing(Snapshot.open(self.folder.snapshot, sendable=may_send)) as snapshot:
                journal, present = Journal(snapshot), None
                if verdict is None and journal.is_untouched():
                    present, cause = self._look(snapshot)
                if cause is None and may_send:
                    cause = self._send(snapshot, journal)
                report = self._counted(snapshot, journal)
                if plan:
                    report = self._planned(report, snapshot, present, stopped=cause is not None)
                report = replace(report, rejects=self._write_rejects(snapshot, () if plan else journal.parts()))
                requests, sendable = accounting.request_records(list(journal.parts())), snapshot.is_sendable()
            is_unfinished = bool(report.rows.unsettled) and sendable
            is_kept = self.settled(self._final(began, cause, report, resumable=is_unfinished), requests)
            if not is_unfinished and (is_kept or not sendable):
                self.folder.forget_snapshot()
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the disk may fail while the report is made
            if not may_send:
                with suppress(StoreError):  # what cannot be sent is worth nothing, and holds people's data
                    self.folder.forget_snapshot()
            if cause and not isinstance(error, KeyboardInterrupt):  # what failed first is what must be mended
                report = replace(report, warnings=[*report.warnings, reported(error).message])
            else:
                cause = error
        return self._ended(began, cause, report)

    def _look(self, snapshot: Snapshot) -> tuple[SegmentSummary | None, BaseException | None]:
        """Look at what is there already, where the connector must; give it, and why nothing may be sent."""
        if not (isinstance(self.connector, Preparing) and snapshot.requests()):
            return None, None
        try:
            present = self.connector.prepare()
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - a connector may raise anything; the report goes on
            return None, error
        verdict = verdict_on_list(present, snapshot.count_records(), _sealed_guards(snapshot))
        if verdict:
            snapshot.forbid()
        return present, verdict

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

    def _planned(
        self, report: TaskReport, snapshot: Snapshot, present: SegmentSummary | None, *, stopped: bool
    ) -> TaskReport:
        """Add to a report of which nothing was sent what would be."""
        requests = 0 if stopped else snapshot.requests()
        return replace(report, requests=requests, plan=plan_of(snapshot, self.connector, requests, present))

    def _write_rejects(self, snapshot: Snapshot, parts: Iterable[Part]) -> Path | None:
        """Write the invalid rows, and those of `parts` that were not written; give their file if there are any."""
        names, data_object = self.connector.rows.names, self.connector.data_object
        some = write_rejects(self.folder.rejects, snapshot, parts, names, data_object)
        return self.folder.rejects if some else None

    def _blank(self, counts: RowCounts) -> TaskReport:
        return TaskReport(
            task=self.name, connector=self.connector.name, data_object=self.connector.data_object, rows=counts
        )

    def _ended(self, began: float, cause: BaseException | None, report: TaskReport) -> Ended:
        return Ended(self._final(began, cause, report, resumable=self.folder.snapshot.exists()), cause)

    def _final(self, began: float, cause: BaseException | None, report: TaskReport, *, resumable: bool) -> TaskReport:
        """Give the report with the time it took, and what ended it."""
        seconds = self.runtime.monotonic() - began
        error = reported(cause, resumable=resumable) if cause else None
        if error and report.plan and isinstance(cause, RemoteError):
            error = replace(error, message=f"{error.message}; this was a plan: nothing was sent")
        return replace(report, seconds=seconds, error=error)


def _unsent(counts: RowCounts) -> RowCounts:
    """Give the counts of a run of which nothing was sent."""
    return replace(counts, unsettled=counts.read - counts.invalid)


def _sealed_guards(snapshot: Snapshot) -> Guards:
    """Give the guards under which a snapshot was sealed, perhaps by an earlier process."""
    known = snapshot.fact("guards")
    return Guards.from_json(known) if isinstance(known, dict) else UNGUARDED
