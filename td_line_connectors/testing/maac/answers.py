"""What goes over the line."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from td_line_connectors.testing.maac.faults import Fault
from td_line_connectors.testing.maac.tasks import ImportTask

__all__ = ["Answer", "Reply", "Request", "RequestRefusedError", "csv_answer", "json_answer", "refused_answer"]


class RequestRefusedError(Exception):
    """The request is answered with a status of 400 or more.

    Args:
        status: the HTTP status.
        detail: what is wrong, for the JSON body. MAAC's own error bodies are not published.
        headers: further headers of the answer.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)
        self.status = status
        self.detail = detail
        self.headers = headers

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
class Answer:
    """One HTTP answer.

    Attributes:
        status: the HTTP status.
        body: the bytes after the headers.
        content_type: the media type of `body`.
        headers: further headers.
        task: the import that this answer makes known.
    """

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    task: ImportTask | None = None


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
    spoilt_by: Fault | None = None

    @property
    def whole(self) -> bool:
        """Whether the caller gets an answer to the end."""
        return self.answer is not None and not self.half


def json_answer(
    status: int, document: object, *, headers: Mapping[str, str] | None = None, task: ImportTask | None = None
) -> Answer:
    """Make an answer of a JSON document."""
    return Answer(status, json.dumps(document).encode(), headers=headers or {}, task=task)


def refused_answer(refused: RequestRefusedError) -> Answer:
    """Make the answer to a request that is refused."""
    return json_answer(refused.status, {"detail": refused.detail}, headers=refused.headers)


def csv_answer(keys: Iterable[str], filename: str) -> Answer:
    """Make an answer of a CSV with the one column `line_uid`."""
    body = "".join(f"{key}\r\n" for key in ("line_uid", *keys)).encode("utf-8", "replace")
    return Answer(200, body, "text/csv", {"Content-Disposition": f"attachment; filename={filename}"})
