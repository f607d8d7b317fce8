"""A far side that fits in a page: a connector that keeps a ledger, and fails when told to."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from td_line_connectors import validators
from td_line_connectors.schema.columns import Column, RowSchema
from td_line_connectors.spi import Limits, Outcome, OutputConnector, Refusal, Runtime, Ticket
from td_line_connectors.transport.quota_store import MemoryQuotaStore


class Entry(NamedTuple):
    id: str
    note: str | None
    size: str | None


def _column(name: str, *, required: bool = False) -> Column:
    return Column(name=name, validate=validators.text(max_length=2000), help="Some text.", required=required)


class LedgerOutput(OutputConnector[Entry]):
    """Keeps what it is sent. Each call of `submit` takes the next of `faults`: an error to raise, or None.

    Attributes:
        faults: errors, one for each submit; an `UncertainError` is raised after the effect.
        refuse: ids for which a request is refused as a whole, with a count.
        blame_all: refuse with a count of every row.
        miscount: how many fewer rows than were sent the outcome counts.
    """

    name = "ledger"
    data_object = "entries"
    account = "ledger"

    def __init__(
        self, *, limits: Limits | None = None, skip_invalid: bool = True, repeatable: bool = True, merges: bool = True
    ) -> None:
        self.rows = RowSchema(into=Entry, columns=(_column("id", required=True), _column("note"), _column("size")))
        self.limits = limits or Limits(rows=3, bytes=10_000, per_minute=15)
        self.skip_invalid = skip_invalid
        self.repeatable = repeatable
        self.merges = merges
        self.faults: Iterator[BaseException | None] = iter(())
        self.settle_faults: Iterator[BaseException | None] = iter(())
        self.refuse: set[str] = set()
        self.refusal_code = "size_error"
        self.blame_all = False
        self.miscount = 0
        self.bodies: list[list[str]] = []
        self.kept: dict[str, dict[str, str]] = {}
        self._taken: dict[str, Outcome] = {}

    def key(self, record: Entry) -> str:
        return record.id

    def merge(self, earlier: Entry, later: Entry) -> Entry | None:
        return super().merge(earlier, later) if self.merges else None

    def encode(self, records: Sequence[Entry]) -> bytes:
        return json.dumps([record._asdict() for record in records]).encode()

    def submit(self, body: bytes) -> Ticket:
        fault = next(self.faults, None)
        if fault is not None and not isinstance(fault, AfterTheEffectError):
            raise fault
        entries: list[dict[str, str | None]] = json.loads(body)
        ids = [str(entry["id"]) for entry in entries]
        self.bodies.append(ids)
        ticket = str(len(self.bodies))
        blamed = len(entries) if self.blame_all else len(self.refuse.intersection(ids))
        if blamed:
            refusal = Refusal(self.refusal_code, f"{blamed} rows of a bad size", blamed, searchable=not self.blame_all)
            self._taken[ticket] = Outcome(refused=refusal)
        else:
            for entry in entries:
                given = {name: value for name, value in entry.items() if value is not None}
                self.kept.setdefault(str(entry["id"]), {}).update(given)
            self._taken[ticket] = Outcome(written=len(entries) - self.miscount)
        if fault is not None:
            raise fault.error
        return ticket

    def settle(self, ticket: Ticket) -> Outcome:
        fault = next(self.settle_faults, None)
        if fault is not None:
            raise fault
        return self._taken[ticket]

    def find(self, body: bytes) -> Ticket | None:
        ids = [entry["id"] for entry in json.loads(body)]
        return str(self.bodies.index(ids) + 1) if ids in self.bodies else None


class AfterTheEffectError(Exception):
    """A fault that strikes when the far side has acted already."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


@dataclass(slots=True)
class Clock:
    """A clock that moves only when somebody sleeps."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 1, 31, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


def runtime(clock: Clock, work_folder: Path | None = None) -> Runtime:
    return Runtime(
        now=clock.now,
        monotonic=clock.monotonic,
        sleep=clock.sleep,
        random=lambda: 0.5,
        work_folder=work_folder,
        quota=MemoryQuotaStore(),
    )
