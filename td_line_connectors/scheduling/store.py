"""What has the scheduler written down?"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from td_line_connectors.scheduling.standing import Off, OffBecause, SessionRecord, Standing
from td_line_connectors.storage.sqlite import Connection, StatementError, guarded, open_reader, open_writer, transaction

__all__ = ["ScheduleStore"]

_TABLES: Final = (
    """
    CREATE TABLE IF NOT EXISTS workflow (
        file TEXT PRIMARY KEY, through TEXT NOT NULL, refusals INTEGER NOT NULL, off_since TEXT, off_because TEXT
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS session (
        file TEXT NOT NULL, session_time TEXT NOT NULL, run_id TEXT NOT NULL, began_at TEXT NOT NULL, ended_at TEXT,
        exit_code INTEGER, PRIMARY KEY (file, session_time)
    )
    """,
)
_STANDING: Final = "through, refusals, off_since, off_because"
_RECORD: Final = "file, session_time, run_id, began_at, ended_at, exit_code"
_IS_LAST: Final = "(file, began_at) IN (SELECT file, max(began_at) FROM session GROUP BY file)"


@dataclass(frozen=True, slots=True)
class ScheduleStore:
    """Standings of workflows and the sessions that began, durable before each method returns. Safe for processes.

    Every method raises StoreError where the disk cannot do it.

    Attributes:
        path: `<state>/schedule.sqlite`; made with the first thing written.
    """

    path: Path

    def standings(self) -> Mapping[str, Standing]:
        """Give the standing of every workflow that has one, by its file."""
        rows = self._read(f"SELECT file, {_STANDING} FROM workflow")  # noqa: S608 - our own columns
        return {file: _standing(row) for file, *row in rows}

    def last_sessions(self) -> Mapping[str, SessionRecord]:
        """Give each workflow's session that began last, by its file."""
        rows = self._read(f"SELECT {_RECORD} FROM session WHERE {_IS_LAST}")  # noqa: S608 - our own columns
        return {str(row[0]): _record(row) for row in rows}

    def open_sessions(self) -> Sequence[SessionRecord]:
        """Give the sessions whose end is not written down, in the order in which they began."""
        rows = self._read(f"SELECT {_RECORD} FROM session WHERE ended_at IS NULL ORDER BY began_at")  # noqa: S608 - our own columns
        return [_record(row) for row in rows]

    def settle(self, workflow: str, through: datetime) -> None:
        """Note that all sessions of a workflow up to a moment are dealt with."""
        with self._writing() as connection:
            _settle(connection, workflow, through)

    def begin(self, record: SessionRecord, through: datetime) -> bool:
        """Note that a session begins, before it does.

        Args:
            record: the session.
            through: the moment up to which all sessions of the workflow are dealt with then.

        Returns:
            False where it has begun before: it must not begin again.
        """
        with self._writing() as connection:
            _settle(connection, record.workflow, through)
            done = connection.execute(
                "INSERT INTO session (file, session_time, run_id, began_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (record.workflow, _text(record.session), record.run_id, _text(record.began_at)),
            )
            return done.rowcount == 1

    def end(self, record: SessionRecord) -> Standing:
        """Note that a session has ended.

        Args:
            record: the session, with its end.

        Returns:
            how the workflow stands then.
        """
        assert record.ended_at is not None, "it has ended"
        with self._writing() as connection:
            connection.execute(
                "UPDATE session SET ended_at = ?, exit_code = ? WHERE file = ? AND session_time = ?",
                (_text(record.ended_at), record.exit_code, record.workflow, _text(record.session)),
            )
            standing = _find(connection, record.workflow) or Standing(record.began_at)
            standing = standing.after(record.exit_code, record.ended_at)
            _save(connection, record.workflow, standing)
            return standing

    def switch(self, workflow: str, now: datetime, *, on: bool) -> None:
        """Switch a workflow on or off, as somebody asked. What it missed while it was off is not caught up with."""
        with self._writing() as connection:
            standing = _find(connection, workflow) or Standing(now)
            off = None if on else standing.off or Off(now, OffBecause.ASKED)
            through = now if on and standing.off else standing.through
            _save(connection, workflow, replace(standing, through=through, refusals=0, off=off))

    def forget(self, before: datetime) -> None:
        """Delete sessions that ended before a moment, each workflow's latest aside."""
        with self._writing() as connection:
            connection.execute(f"DELETE FROM session WHERE ended_at < ? AND NOT {_IS_LAST}", (_text(before),))  # noqa: S608 - our own words

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        connection = open_writer(self.path)
        try:
            with guarded("writing the schedule down"), transaction(connection):
                for table in _TABLES:
                    connection.execute(table)
                yield connection
        finally:
            connection.close()

    def _read(self, sql: str) -> Sequence[Sequence[Any]]:
        if not self.path.exists():
            return []
        connection = open_reader(self.path)
        try:
            with guarded("reading the schedule"):
                return connection.execute(sql).fetchall()
        except StatementError as error:
            if "no such table" in str(error):  # made a moment ago, by a process that has not written yet
                return []
            raise
        finally:
            connection.close()


def _find(connection: Connection, workflow: str) -> Standing | None:
    row = connection.execute(f"SELECT {_STANDING} FROM workflow WHERE file = ?", (workflow,)).fetchone()  # noqa: S608 - our own columns
    return _standing(row) if row else None


def _settle(connection: Connection, workflow: str, through: datetime) -> None:
    standing = _find(connection, workflow) or Standing(through)
    _save(connection, workflow, replace(standing, through=through))


def _save(connection: Connection, workflow: str, standing: Standing) -> None:
    off = (_text(standing.off.since), standing.off.because.value) if standing.off else (None, None)
    connection.execute(
        f"INSERT OR REPLACE INTO workflow (file, {_STANDING}) VALUES (?, ?, ?, ?, ?)",  # noqa: S608 - our own columns
        (workflow, _text(standing.through), standing.refusals, *off),
    )


def _standing(row: Sequence[Any]) -> Standing:
    through, refusals, since, because = row
    return Standing(_moment(through), refusals, Off(_moment(since), OffBecause(because)) if since else None)


def _record(row: Sequence[Any]) -> SessionRecord:
    workflow, session, run_id, began_at, ended_at, exit_code = row
    ended = _moment(ended_at) if ended_at else None
    return SessionRecord(workflow, _moment(session), run_id, _moment(began_at), ended, exit_code)


def _text(moment: datetime) -> str:
    """Write a moment so that texts sort as moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
