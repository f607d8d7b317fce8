"""What connector authors test with.

The names are looked up on first use, so that importing this package loads neither a server nor pytest.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from td_line_connectors.testing.clock import FastClock
    from td_line_connectors.testing.maac.account import Account
    from td_line_connectors.testing.maac.fault_plan import FaultPlan
    from td_line_connectors.testing.maac.fault_text import parse_fault
    from td_line_connectors.testing.maac.faults import Fault, FaultKind
    from td_line_connectors.testing.maac.routes import Operation
    from td_line_connectors.testing.maac.segments import Segment
    from td_line_connectors.testing.maac.server import Call, MaacEmulator
    from td_line_connectors.testing.maac.tasks import Violation

__all__ = [
    "Account",
    "Call",
    "FastClock",
    "Fault",
    "FaultKind",
    "FaultPlan",
    "MaacEmulator",
    "Operation",
    "Segment",
    "Violation",
    "parse_fault",
]

_HOMES = {
    "Account": "td_line_connectors.testing.maac.account",
    "Call": "td_line_connectors.testing.maac.server",
    "FastClock": "td_line_connectors.testing.clock",
    "Fault": "td_line_connectors.testing.maac.faults",
    "FaultKind": "td_line_connectors.testing.maac.faults",
    "FaultPlan": "td_line_connectors.testing.maac.fault_plan",
    "MaacEmulator": "td_line_connectors.testing.maac.server",
    "Operation": "td_line_connectors.testing.maac.routes",
    "Segment": "td_line_connectors.testing.maac.segments",
    "Violation": "td_line_connectors.testing.maac.tasks",
    "parse_fault": "td_line_connectors.testing.maac.fault_text",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
