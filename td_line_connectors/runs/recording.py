"""A run is written down as it goes, each step durably."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from td_line_connectors.errors import ConfigError
from td_line_connectors.report import RunStatus, TaskReport
from td_line_connectors.runs.history import RequestRecord
from td_line_connectors.runs.history_file import REQUEST, RUN, TASK, writing
from td_line_connectors.storage.sqlite import Connection, StatementError, guarded, transaction

__all__ = ["Recording"]

RECORDING = "recording the run in the history"


@dataclass(frozen=True, slots=True)
class Recording:
    """The pen of one run in the history.

    Attributes:
        run_id: the run.
        connection: the opened file. Use `open`.

    Raises:
        StoreError: from every method, where the disk cannot do it; what was recorded before stays.
    """

    run_id: str
    connection: Connection

    @classmethod
    @contextmanager
    def open(cls, path: Path, run_id: str) -> Iterator["Recording"]:
        """Open the history for one run, for the length of the block; one that is not there is made."""
        with writing(path) as connection:
            yield cls(run_id, connection)

    def run_began(self, at: datetime, what: str, order: Mapping[str, object], retry_of: str | None) -> None:
        """Record that the run begins: before anything of it is read or sent.

        Args:
            at: the moment, aware of its zone.
            what: what is run, for people.
            order: what was asked for, as JSON values, so that another process can go on.
            retry_of: the run whose rejects it sends again; None for others.

        Raises:
            ConfigError: if there is a run of that name already.
        """
        values = [self.run_id, RunStatus.RUNNING.value, _utc(at), None, what, retry_of, json.dumps(order)]
        try:
            self._write(f"INSERT INTO run ({RUN}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608 - our own columns
        except StatementError as error:
            raise ConfigError.of("run", "exists", f"there is a run {self.run_id} already: resume it") from error

    def run_goes_on(self) -> None:
        """Record that a process has taken the run up again."""
        statement = "UPDATE run SET status = ?, ended_at = NULL WHERE run_id = ?"
        self._write(statement, [RunStatus.RUNNING.value, self.run_id])

    def run_ended(self, at: datetime, status: RunStatus) -> None:
        """Record that the run has come to its end."""
        self._write("UPDATE run SET status = ?, ended_at = ? WHERE run_id = ?", [status.value, _utc(at), self.run_id])

    def task_began(self, number: int, folder: str, target: Mapping[str, object] | None, report: TaskReport) -> None:
        """Record that a task begins, in place of an earlier attempt that sent nothing.

        Args:
            number: its place in the run, from 1.
            folder: the name of its folder in the run's.
            target: where its rows go, as JSON values without a secret; None for a query alone.
            report: what is known of it.
        """
        known = None if target is None else json.dumps(target)
        values = [self.run_id, number, folder, known, json.dumps(report.to_json()), False]
        self._write(f"INSERT OR REPLACE INTO task ({TASK}) VALUES (?, ?, ?, ?, ?, ?)", values)  # noqa: S608 - our own columns

    def task_goes_on(self, number: int, report: TaskReport, request: RequestRecord | None = None) -> None:
        """Record how a task stands, and what became of a request."""
        with guarded(RECORDING), transaction(self.connection):
            self._report(number, report, ended=False)
            self._add(number, [request] if request else [])

    def task_ended(self, number: int, report: TaskReport, requests: Sequence[RequestRecord] | None) -> None:
        """Record that a task has come to its end.

        Args:
            number: its place in the run.
            report: the whole of it.
            requests: all its requests, in place of those recorded on the way; None to leave those.
        """
        with guarded(RECORDING), transaction(self.connection):
            self._report(number, report, ended=True)
            if requests is not None:
                self.connection.execute("DELETE FROM request WHERE run_id = ? AND task = ?", [self.run_id, number])
                self._add(number, requests)

    def run_warned(self, warnings: Sequence[str]) -> None:
        """Record what went wrong after the run had ended, with its last task's warnings."""
        statement = "SELECT number, report, ended FROM task WHERE run_id = ? ORDER BY number DESC LIMIT 1"
        with guarded(RECORDING), transaction(self.connection):
            for number, written, ended in self.connection.execute(statement, [self.run_id]).fetchall():
                report = TaskReport.from_json(json.loads(written))
                self._report(number, replace(report, warnings=[*report.warnings, *warnings]), ended=ended)

    def _report(self, number: int, report: TaskReport, *, ended: bool) -> None:
        statement = "UPDATE task SET report = ?, ended = ? WHERE run_id = ? AND number = ?"
        self.connection.execute(statement, [json.dumps(report.to_json()), ended, self.run_id, number])

    def _add(self, task: int, requests: Sequence[RequestRecord]) -> None:
        self.connection.executemany(
            f"INSERT INTO request ({REQUEST}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own columns
            [[self.run_id, task, *_values(each)] for each in requests],
        )

    def _write(self, statement: str, values: Sequence[object]) -> None:
        with guarded(RECORDING):
            self.connection.execute(statement, values)


def _values(request: RequestRecord) -> Sequence[object]:
    return (
        request.number,
        request.rows,
        request.ticket,
        request.outcome,
        request.written,
        request.mismatched,
        request.seconds,
        request.attempts,
    )


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
