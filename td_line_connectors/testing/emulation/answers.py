"""What goes over the line."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from td_line_connectors.testing.emulation.faults import WireFault

__all__ = ["Answer", "Refuse", "Reply", "Request", "RequestRefusedError", "Stream", "json_answer"]


class RequestRefusedError(Exception):
    """The request is answered with a status of 400 or more.

    Args:
        status: the HTTP status.
        detail: what is wrong, for the body of the answer.
        headers: further headers of the answer.
        details: further members of the body, where the far side's error bodies have such.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        headers: Mapping[str, str] | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(status, detail, headers, details)
        self.status = status
        self.detail = detail
        self.headers = headers
        self.details = details

    def __str__(self) -> str:
        return f"{self.status}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, read whole.

    Attributes:
        method: the HTTP method.
        path: the path without its query.
        query: the query as written.
        headers: by lower-case name.
        body: the bytes after the headers.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Stream:
    """A body that is read while it is sent, so that nobody holds it.

    Attributes:
        length: how many bytes it has.
        open: gives them, in pieces of any size; called once for each answer.
    """

    length: int
    open: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer.

    Attributes:
        status: the HTTP status.
        body: the bytes after the headers.
        content_type: the media type of `body`.
        headers: further headers.
        delivered: is told whether the caller got this answer; it may be told again when more is known.
    """

    status: int
    body: bytes | Stream = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delivered: Callable[[bool], None] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the line does with an answer.

    Attributes:
        answer: None: the connection is closed without one.
        half: the connection is closed in the middle of the answer.
        wait: real seconds to wait before answering.
        spoilt_by: the fault that took part in it.
    """

    answer: Answer | None
    half: bool = False
    wait: float = 0.0
    spoilt_by: WireFault | None = None

    @property
    def whole(self) -> bool:
        """Whether the caller gets an answer to the end."""
        return self.answer is not None and not self.half


Refuse = Callable[[RequestRefusedError], Answer]
"""Makes the answer to a request that is refused: each far side has error bodies of its own."""


def json_answer(
    status: int,
    document: object,
    *,
    headers: Mapping[str, str] | None = None,
    delivered: Callable[[bool], None] | None = None,
) -> Answer:
    """Make an answer of a JSON document.

    Args:
        status: the HTTP status.
        document: JSON values.
        headers: further headers.
        delivered: is told whether the caller got the answer.
    """
    return Answer(status, json.dumps(document).encode(), headers=headers or {}, delivered=delivered)
