"""What is an output connector?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar, runtime_checkable

from td_line_connectors.report import SegmentSummary
from td_line_connectors.schema.columns import Column, RowSchema
from td_line_connectors.schema.parameters import ParameterSchema
from td_line_connectors.spi.outcomes import Outcome, Ticket
from td_line_connectors.spi.runtime import Runtime
from td_line_connectors.transport.retry import RetryPolicy

__all__ = ["Checkable", "Limits", "OutputConnector", "OutputPlugin", "Preparing"]

C = TypeVar("C")
R = TypeVar("R", bound=tuple[object, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the far side allows. The engine keeps it.

    Attributes:
        rows: records in one request, at most.
        bytes: bytes of one encoded request, at most.
        overflow: what becomes of more: `cut` into further requests, or `refuse` (a data error before any request).
        minimum: records that a run must have; fewer are a data error.
        per_minute: requests in any 60 s of one account, and one in flight; None where there is no such rule.
        unanswered: seconds for which a request counts as in flight whose sender was killed before the answer came.
    """

    rows: int
    bytes: int
    overflow: Literal["cut", "refuse"] = "cut"
    minimum: int = 0
    per_minute: int | None = None
    unanswered: float = 30.0


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
        replaces: whether what is sent takes the place of all that was there; later rows cannot join it.
        retry: how often `submit` is tried; each try is one call to the far side, and one start in the quota.
    """

    name: str
    data_object: str
    rows: RowSchema[R]
    limits: Limits
    account: str
    skip_invalid: bool = True
    repeatable: bool = False
    replaces: bool = False
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

        Where `limits.per_minute` is given, the ticket may be another run's of the same account, which left its
        request in flight: then nothing but the wait counts.

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
        """Look whether the request may be made. Called once before a run's first request, and for a plan.

        Returns:
            the segment that would be written: as it is now, or without an id where it would be made; None for a
            connector that writes none.

        Raises:
            ConfigError: if the settings do not allow what would be done.
            RemoteError: if that cannot be learnt now.
        """


@runtime_checkable
class Checkable(Protocol):
    """A connector that can try its credentials."""

    def check(self) -> None:
        """Make the cheapest call that needs the credentials, writing nothing.

        Raises:
            RemoteError: if it did not succeed.
        """


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
