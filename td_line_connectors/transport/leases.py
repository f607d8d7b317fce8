"""Who may call now, and when?"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from td_line_connectors.transport.quota import Quota, QuotaStore, Start

__all__ = ["LEASE", "POLL", "Lease", "OnLeaseWait", "hold"]

LEASE = 180.0
"""Seconds for which a lease holds without being kept: above one try with its wait, below an operator's patience."""

POLL = 1.0
"""Seconds between two looks at a lease that another has."""

OnLeaseWait = Callable[[float, str], None]
"""Told before each wait: how many seconds, and what for. May raise to give up."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to have one call of an account in flight, until the `with` block of `hold` ends.

    Attributes:
        store: where leases and starts are kept.
        account: the account's opaque name.
        holder: a name that no thread and no process shares.
        now: epoch seconds.
        pause: waits so many seconds, having said what for.
        seconds: for how long the lease holds unless kept.
    """

    store: QuotaStore
    account: str
    holder: str
    now: Callable[[], float]
    pause: Callable[[float, str], None]
    seconds: float

    def keep(self) -> bool:
        """Take or renew the lease; say whether it is ours."""
        return self.store.acquire(self.account, self.holder, now=self.now(), seconds=self.seconds)

    @contextmanager
    def start(self, quota: Quota) -> Iterator[None]:
        """Wait for room in the window, write a start down, and let one call go within the block.

        The start is in the store before the block begins; the end of the block is taken for the moment of the answer.
        A call that is tried again needs a start for each try.

        Args:
            quota: what the far side allows.
        """
        while wait := self._wait(quota):
            self.pause(wait, f"the account's quota of {quota.per_window} calls in {quota.window:g} s is used up")
        start_id = self.store.started(self.account, self.now())
        try:
            yield
        finally:
            self.store.answered(self.account, start_id, self.now())
            self.store.forget(self.account, self.now() - quota.window)

    def _wait(self, quota: Quota) -> float:
        """Give the seconds until the window has room, keeping the lease."""
        while not self.keep():
            self.pause(POLL, "another import of this account is in flight")
        moment = self.now()
        return quota.wait(self._dated(moment), moment)

    def _dated(self, now: float) -> Sequence[Start]:
        """Give the starts, those without an answer or in the future dated as answered now.

        A start that is open while we hold the lease belongs to somebody who is gone; one in the future to a clock
        that has jumped back. Written down, each ends a window from now; only reckoned so, they would never end.
        """
        for start in self.store.starts(self.account):
            if start.answered_at is None or start.answered_at > now:
                self.store.answered(self.account, start.id, now)
        return self.store.starts(self.account)


@contextmanager
def hold(
    store: QuotaStore,
    account: str,
    *,
    now: Callable[[], float],
    sleep: Callable[[float], None],
    on_wait: OnLeaseWait | None = None,
    seconds: float = LEASE,
) -> Iterator[Lease]:
    """Wait until no other call of the account is in flight; within the block ours may be.

    The lease is let go when the block ends, however it ends.

    Args:
        store: where leases and starts are kept.
        account: the account's opaque name.
        now: epoch seconds.
        sleep: waits that many seconds.
        on_wait: told before each wait; may raise to give up.
        seconds: for how long the lease holds unless kept; after a crash others wait that long.
    """

    def pause(wait: float, reason: str) -> None:
        wait = min(wait, seconds / 2)  # so that the lease is kept while the window is waited for
        if on_wait is not None:
            on_wait(wait, reason)
        sleep(wait)

    lease = Lease(store, account, uuid4().hex, now, pause, seconds)
    try:
        while not lease.keep():
            pause(POLL, "another import of this account is in flight")
        yield lease
    finally:
        store.release(account, lease.holder)
