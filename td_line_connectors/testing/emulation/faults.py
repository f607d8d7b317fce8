"""How can a far side fail?"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

__all__ = ["ANY", "MAY_ACT", "RECOVERABLE", "FaultKind", "WireFault"]

ANY: Final = "any"
"""In `WireFault.on`: every operation."""


class FaultKind(StrEnum):
    """The ways to fail: those of the line, which every far side has, and after them those that some far side has."""

    RATE_LIMITED = "rate_limited"
    """429, with or without `Retry-After`; nothing is done."""
    REFUSED = "refused"
    """401, or the 4xx of `status`; nothing is done."""
    SERVER_ERROR = "server_error"
    """A 5xx without JSON."""
    CUT_BEFORE = "cut_before"
    """The connection is closed; nothing is done."""
    CUT_AFTER = "cut_after"
    """The call takes effect, then the connection is closed without an answer."""
    CUT_MIDWAY = "cut_midway"
    """The call takes effect, then the connection is closed in the middle of the answer."""
    SLOW = "slow"
    """The call takes effect, and the answer comes late."""
    GARBAGE = "garbage"
    """An answer that calls itself JSON and is not."""
    HTML = "html"
    """A page from something between caller and far side."""
    REDIRECT = "redirect"
    """A redirect to somewhere else."""
    WRONG_COUNTS = "wrong_counts"
    """The call takes effect, and what the answer counts up does not fit what was sent."""
    STUCK = "stuck"
    """What the call starts is not done, for `seconds` or for ever."""
    RECORD_ERRORS = "record_errors"
    """Some records are refused though nothing is wrong with them; the others are taken."""
    JOB_ERROR = "job_error"
    """The job that the call issues ends with an error."""


RECOVERABLE: Final = (
    FaultKind.RATE_LIMITED,
    FaultKind.SERVER_ERROR,
    FaultKind.CUT_BEFORE,
    FaultKind.CUT_AFTER,
    FaultKind.CUT_MIDWAY,
    FaultKind.GARBAGE,
    FaultKind.HTML,
)
"""Kinds that a patient client gets past: those of a random plan unless it says otherwise."""

_WIRE_KINDS: Final = (*RECOVERABLE, FaultKind.REFUSED, FaultKind.SLOW, FaultKind.REDIRECT)
_ALWAYS_ACT: Final = frozenset(
    {
        FaultKind.CUT_AFTER,
        FaultKind.CUT_MIDWAY,
        FaultKind.SLOW,
        FaultKind.WRONG_COUNTS,
        FaultKind.STUCK,
        FaultKind.RECORD_ERRORS,
        FaultKind.JOB_ERROR,
    }
)
MAY_ACT: Final = frozenset({FaultKind.SERVER_ERROR, FaultKind.GARBAGE, FaultKind.HTML, FaultKind.REDIRECT})
"""Kinds that take effect only where the fault says so."""

_RETRY_AFTER: Final = re.compile(r"date\+[0-9]+(\.[0-9]+)?|(?!date\+)[ -~]*")


@dataclass(frozen=True, slots=True)
class WireFault:
    """One line of the script: how to fail, on what, how often.

    A far side's own faults are a subclass, which names its operations and the kinds that only it has.

    Attributes:
        kind: how to fail.
        on: the operation that fails, or `any`. A kind that means certain operations means them whatever `any` says.
        times: how many calls fail; None: all.
        after: how many calls of that operation pass unharmed first.
        status: the HTTP status of `refused` (401), `server_error` (500), `html` (502), `garbage` (200) and `redirect`
            (302).
        acts: whether the call takes effect all the same: for `server_error`, `html`, `redirect` and `garbage`.
        retry_after: for `rate_limited`: seconds; `date+N` for an HTTP date N seconds ahead; any other text is sent as
            it stands; None: no such header.
        seconds: for `slow`, how late the answer comes, in real seconds; for `stuck`, how long it lasts, in the
            emulator's (None: for ever).
    """

    OPERATIONS: ClassVar[Iterable[str]] = ()
    """The operations of the far side."""
    OWN_KINDS: ClassVar[Mapping[FaultKind, frozenset[str]]] = {}
    """The kinds that only this far side has, and the operations that each means."""
    READERS: ClassVar[Mapping[str, Callable[[str], object]]] = {}
    """How the command line's text for each further attribute is read."""

    kind: FaultKind
    on: str = ANY
    times: int | None = 1
    after: int = 0
    status: int | None = None
    acts: bool = False
    retry_after: float | str | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        _expect(self.kind, (*_WIRE_KINDS, *self.OWN_KINDS), "a kind of fault")
        object.__setattr__(self, "kind", FaultKind(self.kind))
        if self.on != ANY:
            _expect(self.on, tuple(self.OPERATIONS), "an operation")
        if (self.times is not None and self.times < 1) or self.after < 0 or (self.seconds or 0) < 0:
            raise ValueError("a fault's times must be 1 or more; after and seconds 0 or more")
        if self.status is not None and not 100 <= self.status <= 599:
            raise ValueError("a fault's status: 100 to 599")
        if isinstance(self.retry_after, str) and not _RETRY_AFTER.fullmatch(self.retry_after):
            raise ValueError("a fault's retry_after: date+N with N in seconds, or another text without line ends")
        if self.acts and self.kind not in MAY_ACT | _ALWAYS_ACT:
            raise ValueError(f"{self.kind} never takes effect: leave acts out")
        if self.on != ANY and not self.concerns(self.on):
            raise ValueError(f"{self.kind} is a fault of {', '.join(sorted(self.OWN_KINDS[self.kind]))}")

    @property
    def takes_effect(self) -> bool:
        """Whether the call does its work though it fails."""
        return self.acts or self.kind in _ALWAYS_ACT

    def concerns(self, operation: str) -> bool:
        """Tell whether this fault may befall a call of that operation."""
        return self.on in {ANY, operation} and operation in self.OWN_KINDS.get(self.kind, {operation})


def _expect(name: str, known: Iterable[str], what: str) -> None:
    if name not in known:
        raise ValueError(f"{str(name)!r} is not {what}; known: {', '.join(known)}")
