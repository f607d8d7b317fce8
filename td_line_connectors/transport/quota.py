"""How many calls does a window hold?

All times here are epoch seconds on the wall clock, which outlives a process and may jump. A moment in the future
counts as now, so that a clock that jumped back costs one window at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

__all__ = ["Flight", "Quota", "Start", "Usage"]


@dataclass(frozen=True, slots=True)
class Start:
    """One call that counts against the quota.

    Attributes:
        started_at: epoch seconds just before the request went.
        answered_at: epoch seconds when its answer came; None while it has not.
    """

    started_at: float
    answered_at: float | None = None


@dataclass(frozen=True, slots=True)
class Flight:
    """A call that the far side may still be at work on.

    Attributes:
        holder: who made it, in words for people.
        since: epoch seconds just before the request went.
        ticket: what the far side gave for it; None where its answer was never seen.
    """

    holder: str
    since: float
    ticket: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What an account has used of its quota, and what it may have in flight: all that its callers must know.

    Attributes:
        starts: the calls that count, in any order.
        flight: the call that may be in flight; None where none is.
    """

    starts: tuple[Start, ...] = ()
    flight: Flight | None = None

    def dated(self, now: float) -> "Usage":
        """Date what is open or in the future as of now. For the holder of the account's lease, between its calls.

        A start that is open then belongs to somebody who is gone, a moment in the future to a clock that has jumped
        back. Once dated, each ends a window from now; only reckoned so, it would never end.
        """
        starts = [
            replace(each, answered_at=now if each.answered_at is None else min(each.answered_at, now))
            for each in self.starts
        ]
        flight = self.flight and replace(self.flight, since=min(self.flight.since, now))
        return Usage(tuple(starts), flight)

    def begun(self, holder: str, now: float, window: float) -> "Usage":
        """Add a call that begins now, and leave out the answered ones that have left the window.

        Args:
            holder: who makes it, in words for people.
            now: epoch seconds.
            window: the window's length in seconds.
        """
        kept = [each for each in self.starts if each.answered_at is None or each.answered_at + window > now]
        return Usage((*kept, Start(now)), Flight(holder, now))

    def answered(self, now: float) -> "Usage":
        """Date the open starts as answered now."""
        return replace(self, starts=self.dated(now).starts)


@dataclass(frozen=True, slots=True)
class Quota:
    """So many calls in any window of so many seconds, and one in flight.

    The far side counts a call when it arrives, somewhere between start and answer. Counted from the answer, no
    window of the far side's can hold more than `per_window`, however slow the line is.

    Attributes:
        per_window: calls that a window holds; at least 1.
        window: its length in seconds.
        unanswered: seconds for which a call whose answer was never seen counts as in flight.
    """

    per_window: int
    window: float = 60.0
    unanswered: float = 30.0

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

    def used_up(self, now: float) -> Usage:
        """Give the worst that an account can have done: a full window just now, and its last call in flight."""
        return Usage((Start(now),) * self.per_window, Flight("another process", now))
