"""What of a run is written down while it goes?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from td_line_connectors.engine.events import Event, JobSeen, RequestSettled, SendingBegan
from td_line_connectors.errors import StoreError
from td_line_connectors.report import RunStatus, TaskReport
from td_line_connectors.runs.history import RequestRecord
from td_line_connectors.runs.recording import Recording

__all__ = ["HistoryRecorder", "Recorder"]


class Recorder(Protocol):
    """Writes a run down. What cannot be written once the run has begun is a warning, and never its end."""

    def task_began(self, number: int, folder: str, target: Mapping[str, object] | None, report: TaskReport) -> None:
        """Write down that a task begins, before anything of it is read.

        Args:
            number: its place in the run, from 1.
            folder: the name of its folder in the run's.
            target: where its rows go, as JSON values without a secret; None for a query alone.
            report: what is known of it.

        Raises:
            StoreError: if that cannot be written: then it must not begin, for nobody could resume it.
        """

    def task_goes_on(self, number: int, report: TaskReport) -> None:
        """Take up a task that an earlier process began.

        Args:
            number: its place in the run.
            report: what was known of it.
        """

    def observe(self, event: Event) -> None:
        """Write down what happened, where the history keeps it."""

    def task_settled(self, report: TaskReport, requests: Sequence[RequestRecord]) -> bool:
        """Write down where every row of the task is, and what became of each request; say whether it is kept."""

    def task_ended(self, report: TaskReport) -> None:
        """Write down the task's whole report."""

    def run_ended(self, status: RunStatus) -> None:
        """Write down how the run ended."""

    def warnings(self) -> Sequence[str]:
        """Give what could not be written since this was asked last."""


@dataclass(slots=True)
class HistoryRecorder:
    """Writes a run into the history. See `Recorder`.

    Attributes:
        recording: the run's pen.
        now: the wall clock, aware of its zone.
        monotonic: a clock in seconds that never jumps.
    """

    recording: Recording
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    _number: int = 0
    _report: TaskReport = field(default_factory=lambda: TaskReport(task=""))
    _began: float = 0.0
    _requests: Sequence[RequestRecord] | None = None
    _owed: Callable[[], None] | None = None
    _warnings: list[str] = field(default_factory=list)

    def task_began(self, number: int, folder: str, target: Mapping[str, object] | None, report: TaskReport) -> None:
        """See `Recorder.task_began`."""
        self._make_up()  # else a later look would take the task before for the one that is under way
        self.task_goes_on(number, report)
        self.recording.task_began(number, folder, target, report)

    def task_goes_on(self, number: int, report: TaskReport) -> None:
        """See `Recorder.task_goes_on`."""
        self._number, self._report, self._requests = number, report, None
        self._began = self.monotonic() - report.seconds

    def observe(self, event: Event) -> None:
        """See `Recorder.observe`."""
        match event:
            case JobSeen():
                if event.job_id != self._report.job_id:
                    self._goes_on(replace(self._report, job_id=event.job_id))
            case SendingBegan():
                named = replace(self._report, connector=event.connector, data_object=event.data_object)
                self._goes_on(replace(named, rows=event.counts))
            case RequestSettled():
                made = self._report.requests + event.accepted
                self._goes_on(replace(self._report, rows=event.counts, requests=made), event.record)
            case _:
                pass

    def task_settled(self, report: TaskReport, requests: Sequence[RequestRecord]) -> bool:
        """See `Recorder.task_settled`."""
        self._requests = requests
        return self._ended(report)

    def task_ended(self, report: TaskReport) -> None:
        """See `Recorder.task_ended`."""
        self._ended(report)

    def run_ended(self, status: RunStatus) -> None:
        """See `Recorder.run_ended`."""
        self._tried(lambda: self._end(status))

    def warnings(self) -> Sequence[str]:
        """See `Recorder.warnings`."""
        given, self._warnings = tuple(dict.fromkeys(self._warnings)), []
        return given

    def _goes_on(self, report: TaskReport, request: RequestRecord | None = None) -> None:
        self._report = replace(report, seconds=self.monotonic() - self._began)
        self._tried(lambda: self.recording.task_goes_on(self._number, self._report, request))

    def _ended(self, report: TaskReport) -> bool:
        write = partial(self.recording.task_ended, self._number, report, self._requests)
        is_kept = self._tried(write)
        self._owed = None if is_kept else write
        return is_kept

    def _end(self, status: RunStatus) -> None:
        self._make_up()
        self.recording.run_ended(self.now(), status)

    def _make_up(self) -> None:
        """Write down the last task's end, where that could not be done in its time."""
        if self._owed:
            self._owed()
            self._owed = None

    def _tried(self, write: Callable[[], None]) -> bool:
        """Write; say whether that could be done."""
        try:
            write()
        except StoreError as error:
            message = f"{error}; what was sent is not affected. `td-line resume {self.recording.run_id}` completes it"
            self._warnings.append(message)
            return False
        return True
