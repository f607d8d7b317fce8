"""What a connector is, and what the host gives it."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar, runtime_checkable

from td_line_connectors.report import SegmentSummary
from td_line_connectors.rows import Row
from td_line_connectors.schema.columns import Column, RowSchema
from td_line_connectors.schema.parameters import ParameterSchema
from td_line_connectors.transport.quota import MemoryQuotaStore, QuotaStore
from td_line_connectors.transport.retry import RetryPolicy

__all__ = [
    "Checkable",
    "Delivery",
    "InputConnector",
    "InputPlugin",
    "Limits",
    "Outcome",
    "OutputConnector",
    "OutputPlugin",
    "Preparing",
    "Refusal",
    "Runtime",
    "Ticket",
]

C = TypeVar("C")
R = TypeVar("R", bound=tuple[object, ...])

Ticket = str
"""Plain JSON text that names work the far side has accepted; enough to ask about it from another process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the far side allows. The engine keeps it.

    Attributes:
        rows: records in one request, at most.
        bytes: bytes of one encoded request, at most.
        overflow: what becomes of more: `cut` into further requests, or `refuse` (a data error before any request).
        minimum: records that a run must have; fewer are a data error.
        per_minute: requests in any 60 s of one account; None where there is no such rule.
    """

    rows: int
    bytes: int
    overflow: Literal["cut", "refuse"] = "cut"
    minimum: int = 0
    per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The far side judged a request and refused the whole of it.

    Attributes:
        code: the far side's word for the reason; several are joined by a comma.
        message: a sentence for people, with counts and column names, never a value.
        rows: how many rows the far side blames; None where it does not say.
        searchable: whether parts of the request could be accepted, so that searching by halves makes sense.
    """

    code: str
    message: str
    rows: int | None = None
    searchable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one request, in counts of its records.

    Attributes:
        written: created or updated.
        mismatched: known to nobody, or blocked.
        refused: the refusal, where the far side judged and refused the whole request.
        unsettled: records whose fate the far side leaves open. What the counts do not cover, the engine adds.
        segment: the segment written, where the request wrote one.
        warnings: sentences for the operator.
    """

    written: int = 0
    mismatched: int = 0
    refused: Refusal | None = None
    unsettled: int = 0
    segment: SegmentSummary | None = None
    warnings: Sequence[str] = ()


class OutputConnector(Protocol[R]):
    """An output: data and two verbs. Reading, merging, cutting, quota, journal and counting are the engine's.

    Inherit from it to have the defaults given here; all that has none must be written.

    Attributes:
        name: the plugin's name, for the report.
        data_object: what the report calls the thing written.
        rows: the columns.
        limits: what the far side allows.
        account: whom `limits.per_minute` and «one request in flight» concern: a text equal for equal accounts
            that betrays nothing of the token.
        skip_invalid: whether a bad row is set aside (True) or ends the run (False).
        repeatable: whether the same body may be sent again after an unclear failure.
        retry: how often `submit` is tried; each try is one call to the far side, and one start in the quota.
    """

    name: str
    data_object: str
    rows: RowSchema[R]
    limits: Limits
    account: str
    skip_invalid: bool = True
    repeatable: bool = False
    retry: RetryPolicy = RetryPolicy()

    def key(self, record: R) -> str:
        """Give the text by which the far side tells records apart."""

    def merge(self, earlier: R, later: R) -> R | None:
        """Fold two records of one key into one that does what sending both in turn would do.

        Returns:
            the record; None where one record cannot do it, and the later one must go into a further request.
        """
        merged = (old if new is None else new for old, new in zip(earlier, later, strict=True))
        return tuple.__new__(type(later), merged)

    def encode(self, records: Sequence[R]) -> bytes:
        """Give the body of a request that carries `records`. Equal records give equal bytes."""

    def submit(self, body: bytes) -> Ticket:
        """Hand one request to the far side.

        Returns:
            a ticket, journalled by the engine before it goes on.

        Raises:
            UncertainError: if the far side may have acted.
            RemoteError: if it certainly did not.
        """

    def settle(self, ticket: Ticket) -> Outcome:
        """Wait until the far side has finished the work that `ticket` names, and say what became of it.

        Raises:
            RefusedError: with status 404 if the far side knows nothing of the ticket (any more). One that an earlier
                process was given is then forgotten, and the body, if `repeatable`, sent again.
            RemoteError: if that cannot be learnt now; the engine may ask again later, from another process.
        """

    def find(self, body: bytes) -> Ticket | None:
        """Look for the effect of an earlier `submit(body)` that ended unclearly.

        Called before a body that is not `repeatable` is sent again, perhaps from another process.

        Returns:
            a ticket if the far side did act; None if it did not.

        Raises:
            RemoteError: if that cannot be learnt now. The engine does not ask again before the run is resumed.
        """
        del body
        return None

    def close(self) -> None:
        """Let go of connections. Safe to call twice."""
        return


@runtime_checkable
class Preparing(Protocol):
    """A connector that must look at the far side before its first request, writing nothing."""

    def prepare(self) -> SegmentSummary | None:
        """Look whether the request may be made.

        Returns:
            what would be replaced; None where something new would be made.

        Raises:
            ConfigError: if the settings do not allow what would be done.
        """


@runtime_checkable
class Checkable(Protocol):
    """A connector that can try its credentials."""

    def check(self) -> None:
        """Make the cheapest call that needs the credentials, writing nothing.

        Raises:
            RemoteError: if it did not succeed.
        """


def _utc_now() -> datetime:
    return datetime.now(UTC)


@cache
def _process_quota() -> QuotaStore:
    """Give the one store that all runs of this process share."""
    return MemoryQuotaStore()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The outside world, given by the host.

    Attributes:
        now: the wall clock, aware of its zone.
        monotonic: a clock in seconds that never jumps.
        sleep: waits the given seconds.
        random: a number from 0 up to, not including, 1.
        work_folder: where a run keeps its snapshot; None: a temporary folder, gone with the run.
        quota: where starts of requests are written down. The default is shared within this process only: runs of
            one account in several processes need a store that they share.
    """

    now: Callable[[], datetime] = _utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
    work_folder: Path | None = None
    quota: QuotaStore = field(default_factory=_process_quota)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputPlugin(Generic[C]):
    """What the registry holds for an output: a value, made by its author.

    Attributes:
        name: as the YAML writes it: `^[a-z0-9]+(_[a-z0-9]+)*$`.
        title: as the product page prints it.
        parameters: what it may be told.
        columns: for the reference: the columns of each data object.
        build: typed configuration and runtime → connector. Does no I/O.
    """

    name: str
    title: str
    parameters: ParameterSchema[C]
    columns: Mapping[str, Sequence[Column]]
    build: Callable[[C, Runtime], OutputConnector[Any]]

    def connect(self, settings: Mapping[str, object], runtime: Runtime) -> OutputConnector[Any]:
        """Make a connector from raw settings.

        Args:
            settings: parameter name → raw value, those of the connection included.
            runtime: the outside world.

        Raises:
            ConfigError: with every issue at once.
        """
        return self.build(self.parameters.parse(settings), runtime)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one call of a far side becomes.

    Attributes:
        raw: the row of the Raw table: the call as it came.
        events: the rows of the Events table, in the order in which the call has them; the set of columns is open.
    """

    raw: Row
    events: tuple[Row, ...]


class InputConnector(Protocol):
    """An input: a function of bytes. It opens nothing and asks nobody, so that any host can call it."""

    def receive(self, body: bytes, headers: Mapping[str, str], received_at: datetime) -> Delivery:
        """Verify one call and take it apart.

        Args:
            body: the bytes as they came.
            headers: by name, in any case.
            received_at: the moment at which the body was whole, aware of its zone.

        Raises:
            SignatureError: the call is not from whom it says it is; nothing of it may be kept.
            PayloadError: it is, and cannot be taken apart; the error's `raw` is the row to keep.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class InputPlugin(Generic[C]):
    """What the registry holds for an input: a value, made by its author.

    Attributes:
        name: as the YAML writes it: `^[a-z0-9]+(_[a-z0-9]+)*$`.
        title: as the product page prints it.
        parameters: what its connection may be told.
        columns: for the reference: the columns of its tables that are known beforehand.
        signature_header: the lower-case name of the header without which a call is refused unread.
        build: typed configuration → connector. Does no I/O.
    """

    name: str
    title: str
    parameters: ParameterSchema[C]
    columns: Mapping[str, Sequence[Column]]
    signature_header: str
    build: Callable[[C], InputConnector]

    def connect(self, settings: Mapping[str, object]) -> InputConnector:
        """Make a connector from raw settings.

        Raises:
            ConfigError: with every issue at once.
        """
        return self.build(self.parameters.parse(settings))
