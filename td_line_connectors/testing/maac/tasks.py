"""May this import start, and how far is it?

Published: 15 imports a minute and one at a time, per account; else 429. Unpublished, and chosen here: the minute
slides; every import counts that was looked at, also one answered with 400; one answered with 429 does not.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from td_line_connectors.testing.emulation.violations import Violation

__all__ = ["IMPORTS_PER_WINDOW", "WINDOW_SECONDS", "ImportBusyError", "ImportDesk", "ImportTask"]

IMPORTS_PER_WINDOW: Final = 15
WINDOW_SECONDS: Final = 60.0
_PENDING_SHARE: Final = 0.3
"""An import spends this part of its time waiting for its turn, the rest at work."""


class ImportBusyError(Exception):
    """An import may not start now."""


@dataclass(slots=True)
class ImportTask:
    """One import that was accepted.

    Attributes:
        id: what the caller polls by.
        import_key: what its rows are matched by.
        rows: how many it has.
        result: the published result, without its times and link; shown when it is done.
        mismatched: the keys of those it could not reach.
        accepted_at: epoch seconds.
        done_at: epoch seconds; infinite for one that never ends.
        announced: whether its caller is told its number. That a lost one is not waited for is nobody's fault.
    """

    id: int
    import_key: str
    rows: int
    result: dict[str, Any]
    mismatched: tuple[str, ...]
    accepted_at: float
    done_at: float
    announced: bool = True

    def announce(self, told: bool) -> None:  # noqa: FBT001 - the line says it so
        """Write down whether the caller was told the number."""
        self.announced = told

    def status(self, now: float) -> str:
        """Give `pending`, `processing` or `done`."""
        if now >= self.done_at:
            return "done"
        working_from = self.accepted_at + _PENDING_SHARE * (self.done_at - self.accepted_at)
        return "processing" if now >= working_from else "pending"

    def changed_at(self, now: float) -> float:
        """Give the moment of its last change of status; for one that never ends, that of its acceptance."""
        if now >= self.done_at:
            return self.done_at
        if self.status(now) == "pending":
            return self.accepted_at
        return self.accepted_at + _PENDING_SHARE * (self.done_at - self.accepted_at)


class ImportDesk:
    """Where an account's imports queue up. Thread-safe."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._lock = Lock()
        self._starts: deque[float] = deque()
        self._tasks: dict[int, ImportTask] = {}
        self._last: ImportTask | None = None
        self._open = 0
        self._violations: list[Violation] = []
        self._in_flight_max = 0

    @contextmanager
    def turn(self, now: float) -> Iterator[None]:
        """Let one import request be looked at.

        Raises:
            ImportBusyError: another import runs, or the window is full.
        """
        with self._lock:
            self._open += 1
        try:
            with self._lock:
                self._admit(now)
            yield
        finally:
            with self._lock:
                self._open -= 1

    def accept(self, task: ImportTask) -> None:
        """Take a task in, within its turn."""
        with self._lock:
            self._tasks[task.id] = self._last = task

    def find(self, task_id: int) -> ImportTask | None:
        """Find a task by its number."""
        return self._tasks.get(task_id)

    def report(self, rule: str, now: float) -> None:
        """Write down that a caller did not keep a limit: `quota`, `in_flight`, `rows` or `bytes`."""
        self._violations.append(Violation(rule, now))

    @property
    def tasks(self) -> list[ImportTask]:
        """All tasks, oldest first."""
        return list(self._tasks.values())

    @property
    def violations(self) -> list[Violation]:
        """The limits that callers did not keep, oldest first."""
        return list(self._violations)

    @property
    def in_flight_max(self) -> int:
        """The most imports a caller ever had in flight, the refused ones with them."""
        return self._in_flight_max

    def _admit(self, now: float) -> None:
        running = self._last is not None and now < self._last.done_at
        announced = running and self._last is not None and self._last.announced
        in_flight = self._open + announced
        self._in_flight_max = max(self._in_flight_max, in_flight)
        if in_flight > 1:
            self.report("in_flight", now)
        if running or self._open > 1:
            raise ImportBusyError("one import at a time: another one is not done")
        while self._starts and now - self._starts[0] >= self._window:
            self._starts.popleft()
        if len(self._starts) >= IMPORTS_PER_WINDOW:
            self.report("quota", now)
            raise ImportBusyError(f"at most {IMPORTS_PER_WINDOW} imports a minute")
        self._starts.append(now)
