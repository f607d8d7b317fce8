"""What connector authors test with.

The names are looked up on first use, so that importing this package loads neither a server nor pytest.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from td_line_connectors.testing.clock import FastClock, StillClock
    from td_line_connectors.testing.emulation.answers import Answer, Request, RequestRefusedError, json_answer
    from td_line_connectors.testing.emulation.emulator import Call
    from td_line_connectors.testing.emulation.far_side import HttpFarSide
    from td_line_connectors.testing.emulation.fault_plan import FaultPlan
    from td_line_connectors.testing.emulation.faults import FaultKind, WireFault
    from td_line_connectors.testing.emulation.forms import parse_form
    from td_line_connectors.testing.emulation.violations import Violation
    from td_line_connectors.testing.line.calls import SignedCall, redelivered, signed_call
    from td_line_connectors.testing.line.events import EventFactory
    from td_line_connectors.testing.line.payloads import EVENT_TYPES
    from td_line_connectors.testing.line.sending import Tally, send_calls
    from td_line_connectors.testing.line.traffic import traffic
    from td_line_connectors.testing.maac.account import Account
    from td_line_connectors.testing.maac.faults import Fault, parse_fault
    from td_line_connectors.testing.maac.routes import Operation
    from td_line_connectors.testing.maac.segments import Segment
    from td_line_connectors.testing.maac.server import MaacEmulator
    from td_line_connectors.testing.treasure_data.account import Delivery
    from td_line_connectors.testing.treasure_data.faults import TreasureDataFault
    from td_line_connectors.testing.treasure_data.jobs import Job
    from td_line_connectors.testing.treasure_data.routes import TreasureDataOperation
    from td_line_connectors.testing.treasure_data.server import TreasureDataEmulator

__all__ = [
    "EVENT_TYPES",
    "Account",
    "Answer",
    "Call",
    "Delivery",
    "EventFactory",
    "FastClock",
    "Fault",
    "FaultKind",
    "FaultPlan",
    "HttpFarSide",
    "Job",
    "MaacEmulator",
    "Operation",
    "Request",
    "RequestRefusedError",
    "Segment",
    "SignedCall",
    "StillClock",
    "Tally",
    "TreasureDataEmulator",
    "TreasureDataFault",
    "TreasureDataOperation",
    "Violation",
    "WireFault",
    "json_answer",
    "parse_fault",
    "parse_form",
    "redelivered",
    "send_calls",
    "signed_call",
    "traffic",
]

_HOMES = {
    "EVENT_TYPES": "td_line_connectors.testing.line.payloads",
    "Account": "td_line_connectors.testing.maac.account",
    "Answer": "td_line_connectors.testing.emulation.answers",
    "Call": "td_line_connectors.testing.emulation.emulator",
    "Delivery": "td_line_connectors.testing.treasure_data.account",
    "EventFactory": "td_line_connectors.testing.line.events",
    "FastClock": "td_line_connectors.testing.clock",
    "Fault": "td_line_connectors.testing.maac.faults",
    "FaultKind": "td_line_connectors.testing.emulation.faults",
    "FaultPlan": "td_line_connectors.testing.emulation.fault_plan",
    "HttpFarSide": "td_line_connectors.testing.emulation.far_side",
    "Job": "td_line_connectors.testing.treasure_data.jobs",
    "MaacEmulator": "td_line_connectors.testing.maac.server",
    "Operation": "td_line_connectors.testing.maac.routes",
    "Request": "td_line_connectors.testing.emulation.answers",
    "RequestRefusedError": "td_line_connectors.testing.emulation.answers",
    "Segment": "td_line_connectors.testing.maac.segments",
    "SignedCall": "td_line_connectors.testing.line.calls",
    "StillClock": "td_line_connectors.testing.clock",
    "Tally": "td_line_connectors.testing.line.sending",
    "TreasureDataEmulator": "td_line_connectors.testing.treasure_data.server",
    "TreasureDataFault": "td_line_connectors.testing.treasure_data.faults",
    "TreasureDataOperation": "td_line_connectors.testing.treasure_data.routes",
    "Violation": "td_line_connectors.testing.emulation.violations",
    "WireFault": "td_line_connectors.testing.emulation.faults",
    "json_answer": "td_line_connectors.testing.emulation.answers",
    "parse_fault": "td_line_connectors.testing.maac.faults",
    "parse_form": "td_line_connectors.testing.emulation.forms",
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
