"""What is a caller told?"""

from dataclasses import dataclass, field
from typing import Any, Final

__all__ = [
    "ACCEPTED",
    "BODY_TOO_LARGE",
    "BODY_TOO_SLOW",
    "FAULT",
    "FORGED",
    "HEALTHY",
    "LOOK_ONLY",
    "NOT_FOUND",
    "NO_UPGRADE",
    "OVERLOADED",
    "POST_ONLY",
    "READY",
    "UNAVAILABLE",
    "UNSIGNED",
    "Answer",
    "TurnedAwayError",
    "answer",
]

Header = tuple[bytes, bytes]

_TEXT: Final = b"text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers and a body, ready for ASGI.

    Attributes:
        status: of HTTP.
        headers: names in lower case, and values.
        body: its bytes.
    """

    status: int
    headers: tuple[Header, ...]
    body: bytes
    ending: dict[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ending", {"type": "http.response.body", "body": self.body})

    def beginning(self) -> dict[str, Any]:
        """Give the first ASGI message: a new one each time, as a host's middleware may write into its headers."""
        return {"type": "http.response.start", "status": self.status, "headers": [*self.headers]}


def answer(status: int, body: bytes | str = b"", *headers: Header, content_type: bytes = _TEXT) -> Answer:
    """Make an answer. A text gets a newline, for people who try it by hand."""
    content = body if isinstance(body, bytes) else f"{body}\n".encode()
    kind = [(b"content-type", content_type)] if content else []
    length = (b"content-length", str(len(content)).encode("ascii"))
    return Answer(status, (*kind, length, *headers), content)


class TurnedAwayError(Exception):
    """A call is answered before its time, or not at all.

    Args:
        answer: what the caller is told; None where the caller has gone away.
    """

    def __init__(self, answer: Answer | None) -> None:
        super().__init__(answer)
        self.answer = answer


_RETRY: Final = (b"retry-after", b"5")
_CLOSE: Final = (b"connection", b"close")

ACCEPTED: Final = answer(200)
HEALTHY: Final = answer(200, "healthy")
READY: Final = answer(200, "ready")
NO_UPGRADE: Final = answer(400, "no other protocol is spoken here; leave the header `upgrade` out", _CLOSE)
UNSIGNED: Final = answer(401, "the signature header is missing")
FORGED: Final = answer(401, "the signature does not fit the body")
NOT_FOUND: Final = answer(404, "there is nothing at this path")
POST_ONLY: Final = answer(405, "only POST is taken here", (b"allow", b"POST"))
LOOK_ONLY: Final = answer(405, "only GET is taken here", (b"allow", b"GET, HEAD"))
BODY_TOO_SLOW: Final = answer(408, "the body did not come in time", _CLOSE)
BODY_TOO_LARGE: Final = answer(413, "the body is too large")
FAULT: Final = answer(500, "a fault of this server")
UNAVAILABLE: Final = answer(503, "this cannot be stored at the moment; send it again", _RETRY)
OVERLOADED: Final = answer(503, "too many connections are open; send it again", _RETRY, _CLOSE)
