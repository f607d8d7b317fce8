"""How fast does a run go, and how long will it take?"""

from dataclasses import dataclass

from td_line_connectors.engine.events import Event, JobSeen, RequestSettled, RowsRead, TaskBegan, Waiting

__all__ = ["Pace", "duration"]


def duration(seconds: float) -> str:
    """Give a time as people say it: `41 s`, `7 min`, `2 h 05 min`."""
    whole = max(0, round(seconds))
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02} min"


@dataclass(slots=True)
class Pace:
    """What the events up to now say, in sentences.

    Attributes:
        began: when the present task began to read, in seconds of a clock that never jumps; so are all moments here.
    """

    began: float
    _task: TaskBegan | None = None
    _job: JobSeen | None = None
    _read: RowsRead | None = None
    _first: tuple[RequestSettled, float] | None = None
    _settled: RequestSettled | None = None
    _waiting: tuple[Waiting, float] | None = None

    def observe(self, event: Event, at: float) -> None:
        """Take an event that happened at `at`."""
        self._waiting = (event, at + event.seconds) if isinstance(event, Waiting) else None
        if isinstance(event, TaskBegan):
            self.began, self._task, self._job = at, event, None
            self._read, self._first, self._settled = None, None, None
        elif isinstance(event, JobSeen):
            self.began, self._job = at, event
        elif isinstance(event, RowsRead):
            self._read = event
        elif isinstance(event, RequestSettled):
            self._settled = event
            self._first = self._first or (event, at)

    def done(self) -> float | None:
        """Give the part of the present phase that is done, 0 to 1; None where nobody knows."""
        if self._settled:
            return _part(self._settled.rows, self._settled.total)
        if self._read and self._read.last:
            return 0.0 if self._waiting else None
        return _part(self._read.rows, self._read.total) if self._read and self._read.total else None

    def sentence(self, at: float) -> str:
        """Say what is going on: rows, rate, time left."""
        if self._settled:
            parts = [f"sending: {self._settled.rows:,} of {self._settled.total:,} rows", *self._sending(at)]
        elif self._read and self._read.last:
            parts = [f"sending: {self._read.rows:,} rows read"]
        else:
            parts = self._reading(at)
        if self._task and self._task.of > 1:
            parts.insert(0, f"{self._task.task} ({self._task.number} of {self._task.of})")
        return " · ".join(parts)

    def waiting(self, at: float) -> str | None:
        """Say what is waited for, and for how long still; None where nothing is."""
        if self._waiting is None:
            return None
        event, until = self._waiting
        return f"waiting {duration(until - at)}: {event.reason}" if at < until else None

    def _reading(self, at: float) -> list[str]:
        if self._read is None:
            if self._job is None:
                return ["reading"]
            waited = self._job.seconds + at - self.began
            return [f"job {self._job.job_id}: {self._job.status}", duration(waited)]
        total = f" of {self._read.total:,}" if self._read.total is not None else ""
        elapsed = at - self.began
        return [
            f"reading: {self._read.rows:,}{total} rows",
            *([_rate(self._read.rows / elapsed)] if elapsed > 0 else []),
        ]

    def _sending(self, at: float) -> list[str]:
        """Give rate and time left, reckoned from the requests of this process alone: a resumed run had others."""
        assert self._settled is not None, "asked only once something is settled"
        assert self._first is not None, "the first request settled is one of them"
        first, then = self._first
        elapsed = at - then + first.seconds
        left = self._settled.of - self._settled.request
        each = elapsed / (self._settled.request - first.request + 1)
        rows = self._settled.rows - first.rows
        rate = [_rate(rows / (at - then))] if rows > 0 and at > then else []
        return [*rate, f"about {duration(left * each)} left"] if left else rate


def _part(rows: int, total: int) -> float:
    return min(1.0, rows / total) if total else 1.0


def _rate(rows: float) -> str:
    return f"{rows:,.0f} rows/s"
