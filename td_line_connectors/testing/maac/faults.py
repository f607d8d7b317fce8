"""How can MAAC fail?"""

from dataclasses import dataclass
from typing import ClassVar, Final

from td_line_connectors.testing.emulation import fault_text
from td_line_connectors.testing.emulation.faults import FaultKind, WireFault
from td_line_connectors.testing.maac.routes import Operation

__all__ = ["Fault", "parse_fault"]

_IMPORTS: Final = frozenset({Operation.MEMBER_IMPORT})


@dataclass(frozen=True, slots=True)
class Fault(WireFault):
    """One line of the script: how to fail, on what, how often.

    `wrong_counts` and `stuck` mean imports: an import is done and its counts do not add up to the rows, or it takes
    effect and its task is not done.

    Attributes:
        kind: how to fail.
        on: the `Operation` that fails, or `any`.
        times: how many calls fail; None: all.
        after: how many calls of that operation pass unharmed first.
        status: the HTTP status of `refused` (401), `server_error` (500), `html` (502), `garbage` (200) and `redirect`
            (302).
        acts: whether the call takes effect all the same: for `server_error`, `html`, `redirect` and `garbage`.
        retry_after: for `rate_limited`; as in `WireFault`.
        seconds: for `slow`, how late the answer comes, in real seconds; for `stuck`, how long the task lasts, in the
            emulator's (None: for ever).
        off_by: for `wrong_counts`: what is added to the largest of the counts.
    """

    OPERATIONS: ClassVar = Operation
    OWN_KINDS: ClassVar = {FaultKind.WRONG_COUNTS: _IMPORTS, FaultKind.STUCK: _IMPORTS}
    READERS: ClassVar = {"off_by": int}

    off_by: int = -1


def parse_fault(text: str) -> Fault:
    """Read one fault as the command line writes it: `KIND[:OPERATION][:NAME=VALUE]…`.

    Example: `rate_limited:member_import:times=2:retry_after=1`. `times=all` is every call.

    Raises:
        ValueError: what is wrong with it.
    """
    return fault_text.parse_fault(text, Fault)
