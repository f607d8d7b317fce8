"""What does a fault make of an answer?"""

from collections.abc import Callable
from email.utils import formatdate
from typing import Final

from td_line_connectors.testing.emulation.answers import Answer, Refuse, Reply, RequestRefusedError
from td_line_connectors.testing.emulation.faults import FaultKind, WireFault

__all__ = ["spoil"]

_SLOW_SECONDS: Final = 0.2
_GARBAGE: Final = b'\x00\xff{"id": 9\xc3("result'
_PAGE: Final = b"<!DOCTYPE html>\n<html><body><h1>Bad Gateway</h1></body></html>\n"
_DATE_PREFIX: Final = "date+"


def spoil(fault: WireFault, act: Callable[[], Answer], now: float, refuse: Refuse) -> Reply:
    """Answer a call as the fault has it.

    Args:
        fault: what befalls the call.
        act: does the call's work and gives the honest answer. Called at most once, and only if the fault lets the
            call take effect.
        now: epoch seconds, for a `Retry-After` that is a date.
        refuse: makes the far side's own error bodies.
    """
    honest = act() if fault.takes_effect else None
    if fault.kind in {FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER}:
        return Reply(None, spoilt_by=fault)
    if honest is None or fault.kind in _SUBSTITUTES:
        return Reply(_SUBSTITUTES[fault.kind](fault, now, refuse), spoilt_by=fault)
    wait = (_SLOW_SECONDS if fault.seconds is None else fault.seconds) if fault.kind is FaultKind.SLOW else 0.0
    return Reply(honest, half=fault.kind is FaultKind.CUT_MIDWAY, wait=wait, spoilt_by=fault)


def _rate_limited(fault: WireFault, now: float, refuse: Refuse) -> Answer:
    wish = fault.retry_after
    if isinstance(wish, str) and wish.startswith(_DATE_PREFIX):
        wish = formatdate(now + float(wish.removeprefix(_DATE_PREFIX)), usegmt=True)
    elif isinstance(wish, float | int):
        wish = f"{wish:g}"
    headers = {} if wish is None else {"Retry-After": wish}
    return refuse(RequestRefusedError(429, "too many requests", headers))


def _refused(fault: WireFault, _now: float, refuse: Refuse) -> Answer:
    return refuse(RequestRefusedError(fault.status or 401, "refused"))


def _server_error(fault: WireFault, _now: float, _refuse: Refuse) -> Answer:
    return Answer(fault.status or 500, b"upstream error\n", "text/plain")


def _garbage(fault: WireFault, _now: float, _refuse: Refuse) -> Answer:
    return Answer(fault.status or 200, _GARBAGE)


def _html(fault: WireFault, _now: float, _refuse: Refuse) -> Answer:
    return Answer(fault.status or 502, _PAGE, "text/html; charset=utf-8")


def _redirect(fault: WireFault, _now: float, _refuse: Refuse) -> Answer:
    return Answer(fault.status or 302, headers={"Location": "/elsewhere/"})


_SUBSTITUTES: Final[dict[FaultKind, Callable[[WireFault, float, Refuse], Answer]]] = {
    FaultKind.RATE_LIMITED: _rate_limited,
    FaultKind.REFUSED: _refused,
    FaultKind.SERVER_ERROR: _server_error,
    FaultKind.GARBAGE: _garbage,
    FaultKind.HTML: _html,
    FaultKind.REDIRECT: _redirect,
}
