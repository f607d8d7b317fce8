"""What does a call that was let in ask for?"""

from dataclasses import dataclass

from td_line_connectors.testing.emulation.answers import Request
from td_line_connectors.testing.emulation.faults import FaultKind, WireFault
from td_line_connectors.testing.treasure_data.faults import TreasureDataFault
from td_line_connectors.testing.treasure_data.routes import TreasureDataOperation

__all__ = ["AdmittedCall"]


@dataclass(frozen=True, slots=True)
class AdmittedCall:
    """A call whose path and key are right.

    Attributes:
        operation: what it means.
        request: the request.
        parts: the names in its path.
        spoilt_by: the fault that befalls it.
    """

    operation: TreasureDataOperation
    request: Request
    parts: tuple[str, ...]
    spoilt_by: WireFault | None = None

    def fault(self, kind: FaultKind) -> TreasureDataFault | None:
        """Give the fault if it is of a kind that only Treasure Data has."""
        fault = self.spoilt_by
        return fault if isinstance(fault, TreasureDataFault) and fault.kind is kind else None
