"""How many calls does a window hold?

All times here are epoch seconds on the wall clock, which outlives a process and may jump. A start in the future
counts as now, so that a clock that jumped back costs one window at most.
"""

import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

__all__ = ["MemoryQuotaStore", "Quota", "QuotaStore", "Start"]


@dataclass(frozen=True, slots=True)
class Start:
    """One call that counts against the quota.

    Attributes:
        id: its name in the store.
        started_at: epoch seconds just before the request went.
        answered_at: epoch seconds when its answer came; None while it has not.
    """

    id: str
    started_at: float
    answered_at: float | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """So many calls in any window of so many seconds.

    The far side counts a call when it arrives, somewhere between start and answer. Counted from the answer, no
    window of the far side's can hold more than `per_window`, however slow the line is.

    Attributes:
        per_window: calls that a window holds; at least 1.
        window: its length in seconds.
    """

    per_window: int
    window: float = 60.0

    def __post_init__(self) -> None:
        if self.per_window < 1 or self.window <= 0:
            raise ValueError("a quota holds at least one call, in a window longer than nothing")

    def wait(self, starts: Sequence[Start], now: float) -> float:
        """Give the seconds until the next call may go: 0 to `window`.

        Args:
            starts: the account's calls, in any order. One without an answer, or with one in the
                future, counts from now.
            now: epoch seconds.
        """
        ends = [(now if each.answered_at is None else each.answered_at) + self.window for each in starts]
        counted = sorted(end for end in ends if end > now)
        if len(counted) < self.per_window:
            return 0.0
        return min(counted[-self.per_window] - now, self.window)  # the latter: an answer in the future counts as now


class QuotaStore(Protocol):
    """Where leases and starts of accounts are kept. Safe for threads, and for processes where it is shared by them.

    Each method is one step that happens whole or not at all. `account` is an opaque name (a hash, never a token);
    times are epoch seconds. A store that fails raises `StoreError`.
    """

    def acquire(self, account: str, holder: str, *, now: float, seconds: float) -> bool:
        """Take the account's lease until `now + seconds`, or renew it where `holder` has it.

        A lease that expired is free. One that ends later than `now + seconds` was written by a clock that has since
        jumped back: it is shortened to `now + seconds`. A store that lives and dies with all its holders may
        let leases never expire.

        Returns:
            Whether `holder` has the lease now. At most one holder of an account has it.
        """

    def release(self, account: str, holder: str) -> None:
        """Let go of the lease; nothing happens where `holder` does not have it."""

    def starts(self, account: str) -> Sequence[Start]:
        """Give the account's starts, in any order."""

    def started(self, account: str, at: float) -> str:
        """Write a start down, durably, before its request goes; give its id."""

    def answered(self, account: str, start_id: str, at: float) -> None:
        """Write down when a start's answer came; a later word replaces an earlier one. An unknown id: nothing."""

    def forget(self, account: str, before: float) -> None:
        """Drop the starts answered before that moment."""


@dataclass(slots=True)
class MemoryQuotaStore:
    """Keeps quotas within this process, and forgets them with it. Safe for threads.

    Its leases do not expire: a holder here lets go, or ends together with the store.
    """

    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _ids: Iterator[int] = field(default_factory=itertools.count, init=False, repr=False)
    _holders: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    _starts: dict[str, dict[str, Start]] = field(default_factory=dict, init=False, repr=False)

    def acquire(self, account: str, holder: str, *, now: float, seconds: float) -> bool:  # noqa: ARG002 - never expires
        """See `QuotaStore.acquire`."""
        with self._lock:
            return self._holders.setdefault(account, holder) == holder

    def release(self, account: str, holder: str) -> None:
        """See `QuotaStore.release`."""
        with self._lock:
            if self._holders.get(account) == holder:
                del self._holders[account]

    def starts(self, account: str) -> Sequence[Start]:
        """See `QuotaStore.starts`."""
        with self._lock:
            return list(self._of(account).values())

    def started(self, account: str, at: float) -> str:
        """See `QuotaStore.started`."""
        with self._lock:
            start = Start(str(next(self._ids)), at)
            self._starts.setdefault(account, {})[start.id] = start
            return start.id

    def answered(self, account: str, start_id: str, at: float) -> None:
        """See `QuotaStore.answered`."""
        with self._lock:
            start = self._of(account).get(start_id)
            if start is not None:
                self._starts[account][start_id] = replace(start, answered_at=at)

    def forget(self, account: str, before: float) -> None:
        """See `QuotaStore.forget`."""
        with self._lock:
            kept = {k: v for k, v in self._of(account).items() if v.answered_at is None or v.answered_at >= before}
            self._starts[account] = kept

    def _of(self, account: str) -> Mapping[str, Start]:
        return self._starts.get(account, {})
