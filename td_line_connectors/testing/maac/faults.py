"""How can MAAC fail?"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from td_line_connectors.testing.maac.routes import Operation

__all__ = ["ANY", "MAY_ACT", "RECOVERABLE", "Fault", "FaultKind"]

ANY: Final = "any"
"""In `Fault.on`: every operation."""


class FaultKind(StrEnum):
    """The ways to fail."""

    RATE_LIMITED = "rate_limited"
    """429, with or without `Retry-After`; nothing is done."""
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
    """A page from something between caller and MAAC."""
    REDIRECT = "redirect"
    """A redirect to somewhere else."""
    WRONG_COUNTS = "wrong_counts"
    """The import is done, and its counts do not add up to the rows."""
    STUCK = "stuck"
    """The import takes effect and its task is not done, for `seconds` or for ever."""

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise ValueError(f"{value!r} is not a kind of fault; known: {', '.join(cls)}")


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

_IMPORT_ONLY: Final = frozenset({FaultKind.WRONG_COUNTS, FaultKind.STUCK})
_ALWAYS_ACT: Final = _IMPORT_ONLY | {FaultKind.CUT_AFTER, FaultKind.CUT_MIDWAY, FaultKind.SLOW}
MAY_ACT: Final = frozenset({FaultKind.SERVER_ERROR, FaultKind.GARBAGE, FaultKind.HTML, FaultKind.REDIRECT})
"""Kinds that take effect only where the fault says so."""


_RETRY_AFTER: Final = re.compile(r"date\+[0-9]+(\.[0-9]+)?|(?!date\+)[ -~]*")


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the script: how to fail, on what, how often.

    Attributes:
        kind: how to fail.
        on: the operation that fails, or `any`. `wrong_counts` and `stuck` mean imports whatever it says.
        times: how many calls fail; None: all.
        after: how many calls of that operation pass unharmed first.
        status: the HTTP status of `server_error` (500), `html` (502), `garbage` (200) and `redirect` (302).
        acts: whether the call takes effect all the same: for `server_error`, `html`, `redirect` and `garbage`.
        retry_after: for `rate_limited`: seconds; `date+N` for an HTTP date N seconds ahead; any other text is sent as
            it stands; None: no such header.
        seconds: for `slow`, how late the answer comes, in real seconds; for `stuck`, how long the task lasts, in the
            emulator's (None: for ever).
        off_by: for `wrong_counts`: what is added to the largest of the counts.
    """

    kind: FaultKind
    on: Operation | str = ANY
    times: int | None = 1
    after: int = 0
    status: int | None = None
    acts: bool = False
    retry_after: float | str | None = None
    seconds: float | None = None
    off_by: int = -1

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", FaultKind(self.kind))
        if self.on != ANY:
            object.__setattr__(self, "on", Operation(self.on))
        if (self.times is not None and self.times < 1) or self.after < 0 or (self.seconds or 0) < 0:
            raise ValueError("a fault's times must be 1 or more; after and seconds 0 or more")
        if self.status is not None and not 100 <= self.status <= 599:
            raise ValueError("a fault's status: 100 to 599")
        if isinstance(self.retry_after, str) and not _RETRY_AFTER.fullmatch(self.retry_after):
            raise ValueError("a fault's retry_after: date+N with N in seconds, or another text without line ends")
        if self.acts and self.kind not in MAY_ACT | _ALWAYS_ACT:
            raise ValueError(f"{self.kind} never takes effect: leave acts out")
        if self.kind in _IMPORT_ONLY and self.on not in {ANY, Operation.MEMBER_IMPORT}:
            raise ValueError(f"{self.kind} is a fault of member_import")

    @property
    def takes_effect(self) -> bool:
        """Whether the call does its work though it fails."""
        return self.acts or self.kind in _ALWAYS_ACT

    def concerns(self, operation: Operation) -> bool:
        """Tell whether this fault may befall a call of that operation."""
        if self.kind in _IMPORT_ONLY:
            return operation is Operation.MEMBER_IMPORT
        return self.on in {ANY, operation}
