"""Who may call now, and when?"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Final

from td_line_connectors.errors import StoreError
from td_line_connectors.transport.quota import Flight, Quota, Usage
from td_line_connectors.transport.quota_store import AccountBook, QuotaStore

__all__ = ["FORGOTTEN", "LEFT_ALONE", "POLL", "POLL_MAX", "Lease", "Pause", "hold"]

POLL: Final = 1.0
"""Seconds between the first two looks at a lease that another has; then twice as long each time."""

POLL_MAX: Final = 10.0
"""Seconds between two looks at most."""

LEFT_ALONE: Final = 3.0
"""Seconds before the far side is asked about a call that was left in flight: as a rule it is done by then."""

FORGOTTEN: Final = 3600.0
"""Seconds after which a call that was left in flight is taken to be gone, whatever the far side says of it."""

Pause = Callable[[float, str], None]
"""Waits so many seconds, having said what for. May raise to give up."""


@dataclass(slots=True)
class Lease:
    """The right to have one call of an account in flight, until the `with` block of `hold` ends.

    Attributes:
        book: where the account's usage is written down.
        quota: what the far side allows.
        holder: who has the lease, in words for people.
        now: epoch seconds.
        pause: waits, having said what for.
        usage: the account's usage, as it is written down or should be.
        waited: seconds for which calls of this lease have waited for room in the window.
    """

    book: AccountBook
    quota: Quota
    holder: str
    now: Callable[[], float]
    pause: Pause
    usage: Usage
    waited: float = field(default=0.0, init=False)

    @contextmanager
    def start(self) -> Iterator[None]:
        """Wait for room in the window, write a start down, and let one call go within the block.

        The start is in the book before the block begins; the end of the block is taken for the moment of the answer.
        A call that is tried again needs a start for each try. A try that failed leaves nothing in flight: where the
        far side is at work all the same, the next call is told so. One that was cut off (Ctrl-C) may have left it.

        Raises:
            StoreError: if the start cannot be written down; the block has not begun.
        """
        while wait := self._wait():
            allowed = f"{self.quota.per_window} calls in {self.quota.window:g} s"
            self.pause(wait, f"the account's quota of {allowed} is used up")
            self.waited += wait
        before = self.usage.flight
        self.usage = self.usage.begun(self.holder, self.now(), self.quota.window)
        self.book.write(self.usage)
        flight = self.usage.flight
        try:
            yield
        except Exception:
            flight = before
            raise
        finally:
            self._note(replace(self.usage.answered(self.now()), flight=flight))

    def submitted(self, ticket: str) -> None:
        """Write down the ticket of the call that is in flight, for whoever comes after us should we be killed."""
        since = self.usage.flight.since if self.usage.flight else self.now()
        self._note(replace(self.usage, flight=Flight(self.holder, since, ticket)))

    def landed(self) -> None:
        """Write down that nothing is in flight any more."""
        if self.usage.flight is not None:
            self._note(replace(self.usage, flight=None))

    def outlast(self, ask: Callable[[str], object]) -> None:
        """Wait for the end of what an earlier holder left in flight: killed, cut off, or out of patience.

        Its start, where that is still open, counts from afterwards: a request may arrive when its sender is dead.

        Args:
            ask: waits until the call of that ticket is done; an error of its own ends the lease.
        """
        flight = self.usage.flight
        if flight is None:
            return
        moment = self.now()
        age = moment - min(flight.since, moment)
        left = f"{flight.holder} ended with an import of this account in flight"
        if flight.ticket is None and age < self.quota.unanswered:
            self.pause(self.quota.unanswered - age, left)
        elif flight.ticket is not None and age < FORGOTTEN:
            self.pause(LEFT_ALONE, left)
            ask(flight.ticket)
        self.landed()

    def _wait(self) -> float:
        """Give the seconds until the window has room."""
        moment = self.now()
        self.usage = self.usage.dated(moment)
        return self.quota.wait(self.usage.starts, moment)

    def _note(self, usage: Usage) -> None:
        """Write down what only sets others free. Where that fails they wait longer, and nothing else is lost."""
        self.usage = usage
        with suppress(StoreError):
            self.book.write(usage, durable=False)


@contextmanager
def hold(
    store: QuotaStore,
    account: str,
    quota: Quota,
    *,
    holder: str,
    now: Callable[[], float],
    pause: Pause,
    ask: Callable[[str], object],
    known: str | None = None,
) -> Iterator[Lease]:
    """Wait until no other call of the account is in flight; within the block ours may be.

    The lease is let go when the block ends, however it ends. A block that ends without an error has seen its call to
    the end; else what was submitted counts as in flight still, and the next holder outlasts it.

    Args:
        store: where usage is kept.
        account: the account's opaque name.
        quota: what the far side allows.
        holder: who we are, in words for people; no secret, no personal data.
        now: epoch seconds.
        pause: waits, having said what for.
        ask: waits until the call of a ticket, which an earlier holder was given, is done.
        known: the ticket that the block itself asks about: its call is not waited for here.

    Raises:
        ConfigError: if the store cannot be used as it is set up.
        StoreError: if it cannot do it now.
    """
    with closing(_book(store, account, holder, pause)) as book:
        usage = book.read()
        usage = quota.used_up(now()) if usage is None else usage
        lease = Lease(book, quota, holder, now, pause, usage)
        if known is None or lease.usage.flight is None or lease.usage.flight.ticket != known:
            lease.outlast(ask)
        yield lease
        lease.landed()


def _book(store: QuotaStore, account: str, holder: str, pause: Pause) -> AccountBook:
    """Wait for the account's lease."""
    seconds = POLL
    while isinstance(found := store.acquire(account, holder), str):
        pause(seconds, f"{found or 'another process'} has another import of this account in flight")
        seconds = min(2 * seconds, POLL_MAX)
    return found
