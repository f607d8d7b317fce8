"""Calls that wait together share a commit."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from sys import getsizeof
from typing import Final, Generic, Protocol, TypeVar

from td_line_connectors.errors import StoreError
from td_line_connectors.storage.events import Arrival

__all__ = ["ClosedError", "Intake", "OnStored", "QueueFullError", "Statistics", "Store"]

_LOG = logging.getLogger(__name__)

T = TypeVar("T")

_Waiting = tuple[Arrival, T, int]
"""A call, its ticket, and the bytes that its body occupies."""

OnStored = Callable[[Sequence[tuple[T, StoreError | None]]], None]
"""Told once per commit, in the writer's thread, what became of each of its calls: ticket, and the error or None."""

_MAX_ROWS: Final = 4000
"""Rows of one commit, about: some 30 ms of work, so that calls of a hundred events do not wait behind thousands."""


class QueueFullError(StoreError):
    """Too many calls wait to be stored; nothing of this one was kept."""


class ClosedError(StoreError):
    """The intake takes no more calls."""


class Store(Protocol):
    """Where calls are kept. Used by one thread."""

    def store(self, database: str, arrivals: Sequence[Arrival]) -> Sequence[StoreError | None]:
        """Store calls of one database in one durable commit; give for each the error, or None."""

    def upkeep(self) -> None:
        """Do what can wait until the calls have been answered."""

    def close(self) -> None:
        """Let go of everything."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the intake has done since it was started.

    Attributes:
        queued: calls that wait, those in the current commit included.
        queued_bytes: what their bodies occupy.
        calls: calls that were stored.
        failed: calls that were not.
        commits: commits tried; `calls / commits` says how many shared one.
    """

    queued: int
    queued_bytes: int
    calls: int
    failed: int
    commits: int


class Intake(Generic[T]):
    """A bounded queue and one thread that empties it into a store.

    Whatever waits when a commit ends goes into the next one, so a lone call does not wait for company, and the more
    calls come the fewer commits each of them costs.

    Args:
        store: where calls are kept. From `start` on it belongs to the intake's thread, which also closes it.
        on_stored: told what became of calls, once per commit; it should hand over and return.
        max_calls: calls that may wait.
        max_bytes: bytes of memory that their bodies may occupy; a single call may always wait.
    """

    def __init__(
        self, store: Store, on_stored: OnStored[T], *, max_calls: int = 10_000, max_bytes: int = 64 * 1024 * 1024
    ) -> None:
        self._store = store
        self._on_stored = on_stored
        self._max_calls = max_calls
        self._max_bytes = max_bytes
        self._changed = threading.Condition(threading.Lock())
        self._open = self._idle = False
        self._thread: threading.Thread | None = None
        self._waiting: list[_Waiting[T]] = []
        self._queued = self._queued_bytes = self._calls = self._failed = self._commits = 0

    def start(self) -> None:
        """Take calls from now on. An intake is started once."""
        self._thread = threading.Thread(target=self._run, name="td-line-intake", daemon=True)
        self._open = True
        self._thread.start()

    def submit(self, arrival: Arrival, ticket: T) -> None:
        """Let a call wait for the next commit. Returns at once; from any thread.

        Args:
            arrival: the call.
            ticket: what `on_stored` is given back for it.

        Raises:
            QueueFullError: too many wait already.
            ClosedError: the intake is not started, or closing.
        """
        size = getsizeof(arrival.delivery.raw.get("body"))
        with self._changed:
            if not self._open:
                raise ClosedError("the receiver is stopping; nothing of this call was kept")
            if self._queued and (self._queued >= self._max_calls or self._queued_bytes + size > self._max_bytes):
                raise QueueFullError("too many calls wait to be stored; send it again in a moment")
            self._queued += 1
            self._queued_bytes += size
            self._waiting.append((arrival, ticket, size))
            if self._idle:
                self._idle = False
                self._changed.notify()

    def close(self) -> None:
        """Take no more calls, store those that wait, close the store. Returns when that is done; safe to call twice."""
        with self._changed:
            self._open = self._idle = False
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def statistics(self) -> Statistics:
        """Give the counts as they are now."""
        with self._changed:
            return Statistics(self._queued, self._queued_bytes, self._calls, self._failed, self._commits)

    def _run(self) -> None:
        while waiting := self._take():
            for database, calls in _commits(waiting):
                self._commit(database, calls)
        self._store.close()

    def _take(self) -> list[_Waiting[T]]:
        """Wait for calls and take all of them; none where the intake is closed."""
        with self._changed:
            while self._open and not self._waiting:
                self._idle = True
                self._changed.wait()
            taken, self._waiting = self._waiting, []
            return taken

    def _commit(self, database: str, calls: Sequence[_Waiting[T]]) -> None:
        told = self._stored(database, calls)
        failed = sum(outcome is not None for _, outcome in told)
        with self._changed:
            self._queued -= len(calls)
            self._queued_bytes -= sum(size for _, _, size in calls)
            self._calls += len(calls) - failed
            self._failed += failed
            self._commits += 1
        try:
            self._on_stored(told)
            self._store.upkeep()
        except BaseException:  # noqa: BLE001 - the thread must outlive a host's fault, or all later calls would wait in vain
            _LOG.exception("telling what became of %d calls", len(calls))

    def _stored(self, database: str, calls: Sequence[_Waiting[T]]) -> Sequence[tuple[T, StoreError | None]]:
        """Store calls; give for each its ticket, and the error or None."""
        tickets = [ticket for _, ticket, _ in calls]
        try:
            outcomes = self._store.store(database, [arrival for arrival, _, _ in calls])
            return list(zip(tickets, outcomes, strict=True))
        except BaseException as error:  # noqa: BLE001 - the same: a store that keeps its promise raises nothing
            _LOG.exception("storing %d calls", len(calls))
            fault = StoreError(f"storing into {database}: {type(error).__name__}, a fault of the store; see the log")
            return [(ticket, fault) for ticket in tickets]


def _commits(waiting: Sequence[_Waiting[T]]) -> Iterator[tuple[str, Sequence[_Waiting[T]]]]:
    """Cut what waits into commits: each of one database and of not too many rows, every call in its turn."""
    groups: dict[str, list[_Waiting[T]]] = {}
    for call in waiting:
        groups.setdefault(call[0].database, []).append(call)
    for database, calls in groups.items():
        start = rows = 0
        for end, (arrival, _, _) in enumerate(calls):
            rows += 1 + len(arrival.delivery.events)
            if rows >= _MAX_ROWS:
                yield database, calls[start : end + 1]
                start, rows = end + 1, 0
        if start < len(calls):
            yield database, calls[start:]
