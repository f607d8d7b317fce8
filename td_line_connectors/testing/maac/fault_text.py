"""A fault as the command line writes it."""

from collections.abc import Callable
from typing import Any, Final

from td_line_connectors.testing.maac.faults import ANY, Fault, FaultKind

__all__ = ["parse_fault"]


def parse_fault(text: str) -> Fault:
    """Read one fault as the command line writes it: `KIND[:OPERATION][:NAME=VALUE]…`.

    Example: `rate_limited:member_import:times=2:retry_after=1`. `times=all` is every call.

    Raises:
        ValueError: what is wrong with it.
    """
    kind, *words = text.split(":")
    on = words.pop(0) if words and "=" not in words[0] else ANY
    settings: dict[str, Any] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name not in _READERS:
            raise ValueError(f"{name!r} is nothing a fault has; it has {', '.join(_READERS)}")
        try:
            settings[name] = _READERS[name](value)
        except (KeyError, ValueError):
            raise ValueError(f"{name}: {value!r} cannot be read") from None
    return Fault(FaultKind(kind), on, **settings)


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
    "off_by": int,
}
