"""What is known of a call once it is answered?"""

from typing import Final, NamedTuple

from td_line_connectors.server.routes import TASK

__all__ = ["GONE", "Call", "masked"]

GONE: Final = 0
"""The status of a call whose caller went away before there was an answer."""

MASK: Final = "****"


class Call(NamedTuple):
    """One answered call: all that a log or a metric may know. It holds no id, no text, no token.

    Attributes:
        time: of the answer, in seconds since 1970.
        sender: the address at the other end of the connection; None where there is none.
        forwarded: the `X-Forwarded-For` header as it came; empty where there was none. Only a trusted proxy's counts.
        method: of HTTP, as it came.
        path: which of our paths, the id masked; never what the caller wrote.
        status: of the answer, or `GONE`.
        source: the source's name; empty where there was none.
        events: events in the call.
        seconds: from the call's head to the answer.
    """

    time: float
    sender: str | None
    forwarded: bytes
    method: str
    path: str
    status: int
    source: str
    events: int
    seconds: float


def masked(path: str) -> str:
    """Show which of our paths it is without its id; what a caller made up is not shown at all."""
    return f"{TASK}{MASK}" if path.startswith(TASK) else f"/{MASK}"
