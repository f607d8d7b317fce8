"""Where is the history of runs kept, and how is it read?"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.report import RunStatus, TaskReport
from td_line_connectors.runs.folder import RunFolder, forget_run
from td_line_connectors.runs.history import RequestRecord, RunRecord, TaskRecord
from td_line_connectors.runs.history_file import REQUEST, RUN, TASK, reading, writing
from td_line_connectors.runs.holding import is_held
from td_line_connectors.storage.sqlite import Connection, guarded, transaction

__all__ = ["LATEST", "History"]

LATEST: Final = "latest"
"""The word that stands for the newest run."""

MOST_NAMED: Final = 5
"""Ids that a message tells of those that begin alike: the newest."""

NEWEST_FIRST: Final = "ORDER BY started_at DESC, rowid DESC"


@dataclass(frozen=True, slots=True)
class History:
    """The runs of a project, each recorded as it went. Safe for threads and processes.

    Attributes:
        state: the project's state folder; the history is its `history.sqlite`, made with the first run.
    """

    state: Path

    @property
    def path(self) -> Path:
        """The file."""
        return self.state / "history.sqlite"

    def folder(self, run_id: str) -> Path:
        """Give a run's folder, whether it is there or not."""
        return self.state / "runs" / run_id

    def recent(self, limit: int | None = None) -> Sequence[RunRecord]:
        """Give the latest runs, the newest first.

        Args:
            limit: so many at most; None for all.

        Raises:
            StoreError: if the history cannot be read.
        """
        return self._read(f"true {NEWEST_FIRST} LIMIT ?", [-1 if limit is None else limit])

    def find(self, name: str) -> RunRecord:
        """Give one run.

        Args:
            name: its id, or as much of the id's beginning as tells it from the others; or `latest`.

        Raises:
            ConfigError: if there is none, or several begin so.
            StoreError: if the history cannot be read.
        """
        [found] = self._read("run_id = ?", [self.id_of(name)])
        return found

    def id_of(self, name: str) -> str:
        """Give a run's whole id. The arguments and errors are those of `find`."""
        with reading(self.path) as connection:
            found = _ids(connection, name) if connection else []
        if not found:
            message = f"«{name}» is no run that is remembered: `td-line runs` lists those that are"
            raise ConfigError.of("run", "unknown_run", message)
        if len(found) > 1:
            named = ", ".join([*found[:MOST_NAMED], *(["…"] if len(found) > MOST_NAMED else [])])
            message = f"the ids of {len(found)} runs begin with «{name}»: {named}. Write more of it."
            raise ConfigError.of("run", "ambiguous_run", message)
        return found[0]

    def retries(self, run_id: str) -> Sequence[RunRecord]:
        """Give the runs that sent this one's rejects again, the newest first."""
        return self._read(f"retry_of = ? {NEWEST_FIRST}", [run_id])

    def forget(self, before: datetime) -> None:
        """Drop the runs that began before a moment, but for those that go on.

        Raises:
            StoreError: if the history cannot be written.
        """
        with reading(self.path) as connection:
            statement, moment = "SELECT run_id FROM run WHERE started_at < ?", before.astimezone(UTC).isoformat()
            old = connection.execute(statement, [moment]).fetchall() if connection else []
        self._delete([run_id for (run_id,) in old if not is_held(self.folder(run_id))])

    def delete(self, run_id: str) -> None:
        """Drop a run, its rejects, and its snapshot if it has one still.

        Raises:
            StoreError: if another process is at the run, or the disk could not do it.
        """
        folder = self.folder(run_id)
        try:
            if folder.exists():
                forget_run(folder)
        except OSError as error:
            raise StoreError(f"deleting the files of run {run_id}: {error.strerror}") from error
        self._delete([run_id])

    def _delete(self, run_ids: Sequence[str]) -> None:
        if not run_ids:
            return
        with writing(self.path) as connection, guarded("deleting from the history"), transaction(connection):
            for table in ("run", "task", "request"):
                connection.executemany(f"DELETE FROM {table} WHERE run_id = ?", [[each] for each in run_ids])  # noqa: S608 - our own tables

    def _read(self, which: str, parameters: Sequence[object]) -> Sequence[RunRecord]:
        """Give the runs for which a condition of ours holds, all as they stand at one moment."""
        with reading(self.path) as connection:
            if connection is None:
                return ()
            runs = connection.execute(f"SELECT {RUN} FROM run WHERE {which}", parameters).fetchall()  # noqa: S608 - our own words
            return [self._run(connection, each) for each in runs]

    def _run(self, connection: Connection, values: Sequence[Any]) -> RunRecord:
        run_id, status, started_at, ended_at, what, retry_of, order = values
        tasks = connection.execute(f"SELECT {TASK} FROM task WHERE run_id = ? ORDER BY number", [run_id]).fetchall()  # noqa: S608 - our own columns
        try:
            return RunRecord(
                run_id=run_id,
                status=self._status(RunStatus(status), run_id),
                started_at=datetime.fromisoformat(started_at),
                ended_at=None if ended_at is None else datetime.fromisoformat(ended_at),
                what=what,
                retry_of=retry_of,
                tasks=tuple(self._task(connection, each) for each in tasks),
                order=json.loads(order),
            )
        except (ValueError, KeyError, TypeError) as error:
            message = f"reading the history: run {run_id} is not as it was written: `td-line runs delete {run_id}`"
            raise StoreError(message) from error

    def _status(self, written: RunStatus, run_id: str) -> RunStatus:
        """Give how a run stands: one that nobody is at any more, and that has no end, is interrupted."""
        gone = written is RunStatus.RUNNING and not is_held(self.folder(run_id))
        return RunStatus.INTERRUPTED if gone else written

    def _task(self, connection: Connection, values: Sequence[Any]) -> TaskRecord:
        run_id, number, folder, target, report, ended = values
        statement = f"SELECT {REQUEST} FROM request WHERE run_id = ? AND task = ? ORDER BY rowid"  # noqa: S608 - our own columns
        requests = connection.execute(statement, [run_id, number]).fetchall()
        rejects = RunFolder(self.folder(run_id) / folder).rejects
        known = TaskReport.from_json(json.loads(report))
        return TaskRecord(
            number=number,
            report=replace(known, rejects=rejects if known.rejects and rejects.exists() else None),
            requests=tuple(_request(each) for each in requests),
            folder=folder,
            target=None if target is None else json.loads(target),
            ended=bool(ended),
        )


def _ids(connection: Connection, name: str) -> list[str]:
    """Give the ids that a name may stand for, the newest first."""
    if name == LATEST:
        found = connection.execute(f"SELECT run_id FROM run {NEWEST_FIRST} LIMIT 1").fetchall()  # noqa: S608 - our own words
    else:
        statement = f"SELECT run_id FROM run WHERE substr(run_id, 1, ?) = ? {NEWEST_FIRST}"  # noqa: S608 - our own words
        may_be_one = name and name.isascii()  # SQLite takes no half of a character
        found = connection.execute(statement, [len(name), name]).fetchall() if may_be_one else []
    ids = [run_id for (run_id,) in found]
    return [name] if name in ids else ids


def _request(values: Sequence[Any]) -> RequestRecord:
    _, _, number, rows, ticket, outcome, written, mismatched, seconds, attempts = values
    return RequestRecord(
        number=number,
        rows=rows,
        ticket=ticket,
        outcome=outcome,
        written=written,
        mismatched=mismatched,
        seconds=seconds,
        attempts=attempts,
    )
