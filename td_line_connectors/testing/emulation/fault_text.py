"""A fault as the command line writes it."""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from td_line_connectors.testing.emulation.faults import ANY, FaultKind, WireFault

__all__ = ["parse_fault"]

FaultType = TypeVar("FaultType", bound=WireFault)


def parse_fault(text: str, fault_type: type[FaultType]) -> FaultType:
    """Read one fault as the command line writes it: `KIND[:OPERATION][:NAME=VALUE]…`.

    Example: `rate_limited:member_import:times=2:retry_after=1`. `times=all` is every call.

    Args:
        text: the fault.
        fault_type: the faults of the far side that is meant.

    Raises:
        ValueError: what is wrong with it.
    """
    kind, *words = text.split(":")
    on = words.pop(0) if words and "=" not in words[0] else ANY
    readers = {**_READERS, **fault_type.READERS}
    settings: dict[str, Any] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name not in readers:
            raise ValueError(f"{name!r} is nothing a fault has; it has {', '.join(readers)}")
        try:
            settings[name] = readers[name](value)
        except (KeyError, ValueError):
            raise ValueError(f"{name}: {value!r} cannot be read") from None
    return fault_type(cast(FaultKind, kind), on, **settings)  # what is no kind, the fault itself says


def _seconds_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


_READERS: Final[dict[str, Callable[[str], object]]] = {
    "times": lambda text: None if text == "all" else int(text),
    "after": int,
    "status": int,
    "acts": lambda text: {"true": True, "false": False}[text],
    "retry_after": _seconds_or_text,
    "seconds": float,
}
