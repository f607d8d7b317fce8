"""Whose turn is it to call?"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from td_line_connectors.transport.quota import Quota, QuotaStore, Start

__all__ = ["LEASE", "POLL", "OnTurnWait", "Turn", "turn"]

LEASE = 180.0
"""Seconds for which a lease holds without being kept: above one try with its wait, below an operator's patience."""

POLL = 1.0
"""Seconds between two looks at a lease that another has."""

OnTurnWait = Callable[[float, str], None]
"""Told before each wait: how many seconds, and what for. May raise to give up."""


@dataclass(slots=True)
class Turn:
    """The right to have one call in flight for an account, until its `with` block ends.

    Attributes:
        answer_came: to be called when the answer came; the end of the block does it otherwise. Only the first counts.
        keep: renews the lease, to be called in every poll and wait of a long call; False where it was lost to another.
    """

    answer_came: Callable[[], None]
    keep: Callable[[], bool]


@contextmanager
def turn(
    store: QuotaStore,
    account: str,
    quota: Quota,
    *,
    now: Callable[[], float],
    sleep: Callable[[float], None],
    on_wait: OnTurnWait | None = None,
    lease: float = LEASE,
) -> Iterator[Turn]:
    """Wait for the account's lease and for room in its window; within the block one call may go.

    The start is in the store before the block begins. The lease is let go when the block ends, however it ends.
    One turn is one request on the wire: a call that is tried again needs a turn for each try.

    Args:
        store: where leases and starts are kept.
        account: the account's opaque name.
        quota: what the far side allows it.
        now: epoch seconds.
        sleep: waits that many seconds.
        on_wait: told before each wait; may raise to give up.
        lease: seconds for which the lease holds unless kept; after a crash others wait that long.
    """
    holder = uuid4().hex  # a name that no thread and no process shares

    def keep() -> bool:
        return store.acquire(account, holder, now=now(), seconds=lease)

    def pause(seconds: float, why: str) -> None:
        seconds = min(seconds, lease / 2)  # so that the lease is kept while the window is waited for
        if on_wait is not None:
            on_wait(seconds, why)
        sleep(seconds)

    try:
        start_id = _admitted(store, account, quota, now, keep, pause)
        came: list[float] = []

        def answer_came() -> None:
            if not came:
                came.append(now())
                store.answered(account, start_id, came[0])

        try:
            yield Turn(answer_came, keep)
        finally:
            answer_came()
            store.forget(account, now() - quota.window)
    finally:
        store.release(account, holder)


def _admitted(
    store: QuotaStore,
    account: str,
    quota: Quota,
    now: Callable[[], float],
    keep: Callable[[], bool],
    pause: Callable[[float, str], None],
) -> str:
    """Wait until the lease is ours and the window has room, write the start down, give its id."""
    while True:
        if not keep():
            pause(POLL, "another call of this account is in flight")
            continue
        moment = now()
        seconds = quota.wait(_settled(store, account, moment), moment)
        if not seconds:
            return store.started(account, now())
        pause(seconds, f"the account's quota of {quota.per_window} calls in {quota.window:g} s is used up")


def _settled(store: QuotaStore, account: str, now: float) -> Sequence[Start]:
    """Give the starts, those without an answer or in the future dated as answered now. Only the lease's holder may.

    A start that is open while we hold the lease belongs to somebody who is gone; one in the future to a clock
    that has jumped back. Written down, each ends a window from now; only reckoned so, they would never end.
    """
    for start in store.starts(account):
        if start.answered_at is None or start.answered_at > now:
            store.answered(account, start.id, now)
    return store.starts(account)
