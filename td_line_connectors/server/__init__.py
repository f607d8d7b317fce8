"""The receiver of signed calls, as an ASGI application and as a process.

What another application needs of it are the names below; they are looked up on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from td_line_connectors.server.application import Limits, Receiver
    from td_line_connectors.server.calls import Call
    from td_line_connectors.server.mounting import receiving

__all__ = ["Call", "Limits", "Receiver", "receiving"]

_HOMES = {"Call": "calls", "Limits": "application", "Receiver": "application", "receiving": "mounting"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
