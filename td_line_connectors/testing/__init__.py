"""What connector authors test with.

The names are looked up on first use, so that importing this package loads neither a server nor pytest.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from td_line_connectors.testing.clock import FastClock
    from td_line_connectors.testing.line.calls import SignedCall, redelivered, signed_call
    from td_line_connectors.testing.line.events import EventFactory
    from td_line_connectors.testing.line.payloads import EVENT_TYPES
    from td_line_connectors.testing.line.sending import Tally, send_calls
    from td_line_connectors.testing.line.traffic import traffic
    from td_line_connectors.testing.maac.account import Account
    from td_line_connectors.testing.maac.fault_plan import FaultPlan
    from td_line_connectors.testing.maac.fault_text import parse_fault
    from td_line_connectors.testing.maac.faults import Fault, FaultKind
    from td_line_connectors.testing.maac.routes import Operation
    from td_line_connectors.testing.maac.segments import Segment
    from td_line_connectors.testing.maac.server import Call, MaacEmulator
    from td_line_connectors.testing.maac.tasks import Violation

__all__ = [
    "EVENT_TYPES",
    "Account",
    "Call",
    "EventFactory",
    "FastClock",
    "Fault",
    "FaultKind",
    "FaultPlan",
    "MaacEmulator",
    "Operation",
    "Segment",
    "SignedCall",
    "Tally",
    "Violation",
    "parse_fault",
    "redelivered",
    "send_calls",
    "signed_call",
    "traffic",
]

_HOMES = {
    "EVENT_TYPES": "td_line_connectors.testing.line.payloads",
    "Account": "td_line_connectors.testing.maac.account",
    "Call": "td_line_connectors.testing.maac.server",
    "EventFactory": "td_line_connectors.testing.line.events",
    "FastClock": "td_line_connectors.testing.clock",
    "Fault": "td_line_connectors.testing.maac.faults",
    "FaultKind": "td_line_connectors.testing.maac.faults",
    "FaultPlan": "td_line_connectors.testing.maac.fault_plan",
    "MaacEmulator": "td_line_connectors.testing.maac.server",
    "Operation": "td_line_connectors.testing.maac.routes",
    "Segment": "td_line_connectors.testing.maac.segments",
    "SignedCall": "td_line_connectors.testing.line.calls",
    "Tally": "td_line_connectors.testing.line.sending",
    "Violation": "td_line_connectors.testing.maac.tasks",
    "parse_fault": "td_line_connectors.testing.maac.fault_text",
    "redelivered": "td_line_connectors.testing.line.calls",
    "send_calls": "td_line_connectors.testing.line.sending",
    "signed_call": "td_line_connectors.testing.line.calls",
    "traffic": "td_line_connectors.testing.line.traffic",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
