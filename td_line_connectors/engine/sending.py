"""From the snapshot to the far side, each step journalled."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from td_line_connectors.engine.accounting import count_part, count_rows, request_record
from td_line_connectors.engine.events import Observer, RequestSettled, SendingBegan, Waiting
from td_line_connectors.engine.searching import Consequence, judge
from td_line_connectors.errors import DataError, RefusedError, RemoteError, TransientError, UncertainError
from td_line_connectors.runs.journal import Journal, Part, State
from td_line_connectors.runs.snapshot import Snapshot
from td_line_connectors.spi import Outcome, OutputConnector, Runtime, Ticket
from td_line_connectors.transport.leases import Lease, hold
from td_line_connectors.transport.quota import Quota

__all__ = ["Sender"]

R = TypeVar("R", bound=tuple[object, ...])

NOT_FOUND: Final = 404
"""The status with which a far side says that it knows nothing of a ticket (any more)."""


@dataclass(frozen=True, slots=True)
class Sender(Generic[R]):
    """Sends what has no final state yet, request after request, one in flight.

    Attributes:
        connector: does the sending.
        snapshot: the sealed snapshot.
        journal: its journal.
        runtime: clocks, sleep, chance and quota.
        observer: is told of each settled request and of each wait.
    """

    connector: OutputConnector[R]
    snapshot: Snapshot
    journal: Journal
    runtime: Runtime
    observer: Observer

    def send(self) -> None:
        """Send until every part has a final state.

        Raises:
            ConfigError: if the connector's settings do not allow it; nothing was sent.
            DataError: if the far side refused a part and bad rows may not be skipped.
            RefusedError: if the far side refused a whole request for a reason that lies in no single row.
            RemoteError: if it cannot be reached, stays busy or unclear.
            StoreError: if the journal cannot be written.
        """
        requests, total = self.snapshot.requests(), self.snapshot.rows_read()
        counts = count_rows(self.snapshot, list(self.journal.parts()))
        connector = self.connector
        self.observer(SendingBegan(connector.name, connector.data_object, requests, replace(counts)))
        part = self.journal.next_pending()
        while part:
            began = self.runtime.monotonic()
            outcome = self._judged(part)
            seconds = self.runtime.monotonic() - began
            self._conclude(part, outcome, seconds)
            part = self.journal.now(part)
            if part.state is not State.SPLIT:
                counts.unsettled -= part.rows
                count_part(counts, part)
            ended = total - self.journal.rows_pending()
            self.observer(RequestSettled(request_record(part), requests, ended, total, replace(counts)))
            part = self.journal.next_pending()

    def _judged(self, part: Part) -> Outcome:
        """Bring one part to the far side's judgement."""
        with self._in_flight(part) as lease:
            outcome = self._recalled(part) if part.state is State.SUBMITTED else None
            if outcome is None:
                outcome = self.connector.settle(self._submitted(part, lease))
            return _balanced(outcome, part.records)

    def _recalled(self, part: Part) -> Outcome | None:
        """Settle what an earlier process handed over; None where it must be handed over again.

        The far side may have forgotten an old ticket. What may be repeated is then sent again: left as it is, no
        row of it or after it would ever come to an end.
        """
        assert part.ticket is not None, "a submitted part has a ticket"
        try:
            return self.connector.settle(part.ticket)
        except RefusedError as error:
            if error.status != NOT_FOUND or not self.connector.repeatable:
                raise
        self.journal.forgotten(part)
        return None

    @contextmanager
    def _in_flight(self, part: Part) -> Iterator[Lease | None]:
        """Hold the account's one place in flight, where the far side has such a rule."""
        limits = self.connector.limits
        if limits.per_minute is None:
            yield None
            return
        with hold(
            self.runtime.quota,
            self.connector.account,
            Quota(limits.per_minute, unanswered=limits.unanswered),
            holder=self.runtime.holder,
            now=self._epoch,
            pause=self._pause,
            ask=self._outlast,
            known=part.ticket,
        ) as lease:
            yield lease

    def _outlast(self, ticket: Ticket) -> None:
        """Wait for the end of a request that another run left in flight. That run learns what became of it itself."""
        with suppress(RefusedError):  # the far side knows nothing of it, or says nothing: our own request will tell
            self.connector.settle(ticket)

    def _submitted(self, part: Part, lease: Lease | None) -> Ticket:
        """Hand the part over, however often that must be tried, and journal the ticket.

        The patience of the tries is measured by a clock that stands still while the quota is waited for.
        """
        body = self._body(part)
        ticket = self.connector.retry.call(
            lambda: self._try(part, body, lease),
            sleep=self.runtime.sleep,
            monotonic=lambda: self.runtime.monotonic() - (lease.waited if lease else 0.0),
            random=self.runtime.random,
            on_wait=lambda seconds, error: self._show_wait(seconds, str(error)),
        )
        if lease:
            lease.submitted(ticket)
        self.journal.submitted(part, ticket)
        return ticket

    def _try(self, part: Part, body: bytes, lease: Lease | None) -> Ticket:
        """Try once to hand the part over, looking first where an earlier try may have done it."""
        tried = self.journal.now(part).state is State.INTENDED
        if tried and not self.connector.repeatable:
            found = self._found(body)
            if found is not None:
                return found
        with lease.start() if lease else nullcontext():
            self.journal.intend(part)
            try:
                return self.connector.submit(body)
            except UncertainError as error:
                raise TransientError(str(error)) from error  # it can be tried again now: the next try looks first
            except RemoteError as error:
                certain = isinstance(error, RefusedError) or not self.connector.repeatable
                if certain and not tried:  # it has not taken effect; of an earlier try that is not known
                    self.journal.withdraw(part)
                raise

    def _found(self, body: bytes) -> Ticket | None:
        """Look for the effect of an earlier try. That has tries of its own, and is not begun anew for each of ours."""
        try:
            return self.connector.find(body)
        except TransientError as error:
            raise UncertainError(f"looking whether an earlier try took effect: {error}") from error

    def _conclude(self, part: Part, outcome: Outcome, seconds: float) -> None:
        """Journal the judgement; end the run where it must end."""
        if outcome.refused is None:
            self.journal.settled(part, outcome, seconds)
            return
        if not self.connector.skip_invalid:
            self.journal.settled(part, outcome, seconds)
            raise DataError.of(self.connector.data_object, outcome.refused.code, outcome.refused.message)
        verdict = judge(part, outcome.refused, self.journal.searches())
        if verdict.consequence is Consequence.SPLIT:
            middle = (part.low + part.high) // 2
            rows_below = self.snapshot.count_rows_behind(part.request, part.low, middle)
            self.journal.split(part, outcome, middle, rows_below, seconds)
            return
        self.journal.settled(part, replace(outcome, refused=verdict.refusal), seconds)
        if verdict.consequence is Consequence.REJECT_AND_END:
            raise RefusedError(verdict.refusal.message)

    def _body(self, part: Part) -> bytes:
        """Give the bytes to send: a request's as they were sealed, a searched part's encoded from its records."""
        if not part.searched:
            return self.snapshot.body(part.request)
        values = self.snapshot.record_values(part.request, part.low, part.high)
        return self.connector.encode([self.connector.rows.record(each) for each in values])

    def _epoch(self) -> float:
        return self.runtime.now().timestamp()

    def _pause(self, seconds: float, reason: str) -> None:
        self._show_wait(seconds, reason)
        self.runtime.sleep(seconds)

    def _show_wait(self, seconds: float, reason: str) -> None:
        self.observer(Waiting(seconds, reason))


def _balanced(outcome: Outcome, records: int) -> Outcome:
    """Make the far side's counts cover the records sent; what they do not cover is unsettled."""
    if outcome.refused is not None:
        return outcome
    written = max(0, min(outcome.written, records))
    mismatched = max(0, min(outcome.mismatched, records - written))
    unsettled = records - written - mismatched
    if (written, mismatched, unsettled) == (outcome.written, outcome.mismatched, outcome.unsettled):
        return outcome
    told = f"{outcome.written} written and {outcome.mismatched} mismatched of {records} rows sent"
    warning = f"the far side's counts do not add up: {told}; {unsettled} count as unsettled"
    return replace(
        outcome, written=written, mismatched=mismatched, unsettled=unsettled, warnings=[*outcome.warnings, warning]
    )
