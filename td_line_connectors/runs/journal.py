"""What was sent, and what became of it?"""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from td_line_connectors.report import SegmentSummary
from td_line_connectors.runs.snapshot import Snapshot
from td_line_connectors.spi import Outcome, Refusal, Ticket
from td_line_connectors.storage.sqlite import guarded, transaction

__all__ = ["Journal", "Part", "State", "is_untouched", "rows_left"]


class State(StrEnum):
    """How a part of a request stands."""

    WAITING = "waiting"
    """Never tried."""
    INTENDED = "intended"
    """About to be sent, or sent: whether the far side has it is not known."""
    SUBMITTED = "submitted"
    """The far side has given a ticket for it."""
    ACCEPTED = "accepted"
    """Settled: the far side has judged it and taken it."""
    REJECTED = "rejected"
    """Settled: the far side has refused it, and it is searched no further."""
    SPLIT = "split"
    """Refused; its two halves are parts of their own."""


@dataclass(frozen=True, slots=True)
class Part:
    """A request, or a part of one that is searched for what the far side refuses.

    Attributes:
        id: its place in the journal.
        request: the request's number.
        low, high: its records are those from `low` up to, not including, `high`.
        rows: the rows behind them.
        searched: whether it is a part of a refused request, sent beside the requests that were cut.
        state: how it stands.
        ticket: the far side's, once submitted.
        outcome: what became of it, once settled or split.
        seconds: how long that took; None where it has not come to its end.
        attempts: how often it was about to be sent.
    """

    id: int
    request: int
    low: int
    high: int
    rows: int
    searched: bool
    state: State
    ticket: Ticket | None = None
    outcome: Outcome | None = None
    seconds: float | None = None
    attempts: int = 0

    @property
    def records(self) -> int:
        """How many records it carries."""
        return self.high - self.low


COLUMNS: Final = "id, request, low, high, rows, searched, state, ticket, outcome, seconds, attempts"
PENDING: Final = "'waiting', 'intended', 'submitted'"
END: Final = "state = ?, outcome = ?, seconds = ?"


class Journal:
    """The states of all parts, each change durable before the engine goes on.

    Args:
        snapshot: the sealed snapshot whose requests are sent.

    Raises:
        StoreError: from every method, where the disk cannot do it.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._connection = snapshot.connection

    def parts(self) -> Iterator[Part]:
        """Give all parts, request by request, each request's in the order in which they were made."""
        with guarded("reading the journal"):
            found = self._connection.execute(f"SELECT {COLUMNS} FROM part ORDER BY request, id").fetchall()  # noqa: S608 - our own columns
        return (_part(each) for each in found)

    def next_pending(self) -> Part | None:
        """Give the first part without a final state: request by request, each one's parts as they were made."""
        statement = f"SELECT {COLUMNS} FROM part WHERE state IN ({PENDING}) ORDER BY request, id LIMIT 1"  # noqa: S608 - our own words
        with guarded("reading the journal"):
            found = self._connection.execute(statement).fetchone()
        return _part(found) if found else None

    def rows_pending(self) -> int:
        """Count the rows behind parts without a final state."""
        return self._count(f"coalesce(sum(rows), 0) FROM part WHERE state IN ({PENDING})")

    def is_untouched(self) -> bool:
        """Say whether nothing was ever sent, nor about to be."""
        return self._count("count(*) FROM part WHERE state != 'waiting'") == 0

    def now(self, part: Part) -> Part:
        """Give the part as it is now."""
        statement = f"SELECT {COLUMNS} FROM part WHERE id = ?"  # noqa: S608 - our own columns
        with guarded("reading the journal"):
            return _part(self._connection.execute(statement, (part.id,)).fetchone())

    def searches(self) -> int:
        """Count the parts that were sent, or wait to be, in search of what the far side refuses."""
        return self._count("count(*) FROM part WHERE searched")

    def intend(self, part: Part) -> None:
        """Note that the part is about to be sent, once more."""
        self._change(part, "state = ?, attempts = attempts + 1", State.INTENDED.value)

    def forgotten(self, part: Part) -> None:
        """Note that the far side knows nothing of the ticket any more."""
        self._change(part, "state = ?, ticket = NULL", State.INTENDED.value)

    def withdraw(self, part: Part) -> None:
        """Note that the part certainly did not reach the far side, or was refused unread."""
        self._change(part, "state = ?", State.WAITING.value)

    def submitted(self, part: Part, ticket: Ticket) -> None:
        """Note the far side's ticket."""
        self._change(part, "state = ?, ticket = ?", State.SUBMITTED.value, ticket)

    def settled(self, part: Part, outcome: Outcome, seconds: float) -> None:
        """Note what became of the part, and how many seconds that took."""
        state = State.REJECTED if outcome.refused else State.ACCEPTED
        self._change(part, END, state.value, _outcome_json(outcome), seconds)

    def split(self, part: Part, outcome: Outcome, middle: int, rows_below: int, seconds: float) -> None:
        """Note that the part was refused, and put its two halves into its place.

        Args:
            part: the refused part.
            outcome: its refusal.
            middle: the first record of the upper half.
            rows_below: the rows behind the lower half.
            seconds: how long the refusal took.
        """
        halves = [(part.low, middle, rows_below), (middle, part.high, part.rows - rows_below)]
        with guarded("writing the journal"), transaction(self._connection):
            self._update(part, END, State.SPLIT.value, _outcome_json(outcome), seconds)
            self._connection.executemany(
                "INSERT INTO part (request, low, high, rows, searched, state) VALUES (?, ?, ?, ?, 1, 'waiting')",
                [(part.request, low, high, rows) for low, high, rows in halves],
            )

    def _count(self, what: str) -> int:
        with guarded("reading the journal"):
            return int(self._connection.execute(f"SELECT {what}").fetchone()[0])

    def _change(self, part: Part, assignments: str, *values: str | float) -> None:
        with guarded("writing the journal"):
            self._update(part, assignments, *values)

    def _update(self, part: Part, assignments: str, *values: str | float) -> None:
        self._connection.execute(f"UPDATE part SET {assignments} WHERE id = ?", (*values, part.id))  # noqa: S608 - our own words


def rows_left(snapshot: Path) -> int | None:
    """Count the rows that a later process may still send.

    Args:
        snapshot: a task's snapshot.

    Returns:
        the rows behind parts without a final state; None where there is no snapshot, or none that may be sent.

    Raises:
        StoreError: if there is one that cannot be read.
    """
    if not snapshot.exists():
        return None
    with closing(Snapshot.open(snapshot, sendable=False)) as opened:
        return Journal(opened).rows_pending() if opened.is_sendable() else None


def is_untouched(snapshot: Path) -> bool:
    """Say whether nothing of a task's snapshot was ever sent, nor about to be; it must be there.

    Raises:
        StoreError: if it cannot be read.
    """
    with closing(Snapshot.open(snapshot, sendable=False)) as opened:
        return Journal(opened).is_untouched()


def _part(found: Sequence[Any]) -> Part:
    id_, request, low, high, rows, searched, state, ticket, outcome, seconds, attempts = found
    known = None if outcome is None else _outcome(json.loads(outcome))
    return Part(id_, request, low, high, rows, bool(searched), State(state), ticket, known, seconds, attempts)


def _outcome_json(outcome: Outcome) -> str:
    refused, segment = outcome.refused, outcome.segment
    return json.dumps(
        {
            "written": outcome.written,
            "mismatched": outcome.mismatched,
            "unsettled": outcome.unsettled,
            "refused": [refused.code, refused.message, refused.rows, refused.searchable] if refused else None,
            "segment": [segment.id, segment.name, segment.member_count] if segment else None,
            "warnings": list(outcome.warnings),
        }
    )


def _outcome(known: dict[str, object]) -> Outcome:
    refused, segment = known.pop("refused"), known.pop("segment")
    return Outcome(
        **known,  # type: ignore[arg-type]  # written by _outcome_json
        refused=Refusal(*refused) if isinstance(refused, list) else None,
        segment=SegmentSummary(*segment) if isinstance(segment, list) else None,
    )
