"""What does this answer mean?"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, NoReturn, TypeAlias

from td_line_connectors.errors import RateLimitedError, RefusedError, TransientError, UncertainError

__all__ = ["Answer", "Call", "Json", "UnexpectedAnswerError", "read_answer"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""A JSON value as `json.loads` gives it."""

REFUSALS: Final = {
    401: "not authorised: check the token",
    403: "forbidden: this account may not do this; check the token and what it is allowed",
    404: "nothing there: check the id and the endpoint",
    407: "the proxy wants credentials: check HTTPS_PROXY and HTTP_PROXY",
    413: "the request is too large",
}
"""What a refusal's status tells the person who must mend it."""

HTML_HINT: Final = "an HTML page instead of JSON: is something between us and the far side (a proxy, a login page)?"

MACHINE_CODE: Final = re.compile(r"[a-z]+(?:_[a-z]+)*|[A-Z]+(?:_[A-Z]+)+")
"""Words of one case only: no e-mail address, phone number, UID or sentence passes."""

LONGEST_CODE: Final = 60


class UnexpectedAnswerError(ValueError):
    """JSON that is not what was asked for.

    Args:
        expected: what the answer should have: `a whole number in id`; nothing of what it has.
    """

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected

    def __str__(self) -> str:
        return f"the answer is not what was expected: it should have {self.expected}"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as an error names it.

    Attributes:
        method: `GET`, `POST`, `PATCH`.
        path: the path below the endpoint, without the query; it is shown in errors, so it holds nobody's data.
        repeatable: whether the call may be sent again after an unclear failure.
    """

    method: str
    path: str
    repeatable: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def unclear(self, what: str, retry_after: float | None = None) -> TransientError | UncertainError:
        """Give the error for a call that the far side may or may not have acted upon."""
        if self.repeatable:
            return TransientError(f"{self}: {what}", retry_after)
        return UncertainError(f"{self}: {what}; it may have taken effect: look before it is sent again")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read to its end or to where it broke.

    Attributes:
        status: the HTTP status.
        retry_after: the `Retry-After` header as it came; None where there was none.
        is_html: whether the headers call it HTML.
        body: the decoded bytes; empty where they did not all come.
        broken: why the body is not whole; None where it is.
    """

    status: int
    retry_after: str | None = None
    is_html: bool = False
    body: bytes = field(default=b"", repr=False)
    broken: str | None = None


def read_answer(call: Call, answer: Answer, now: Callable[[], datetime]) -> Json:
    """Give the answer's JSON, or raise what its status stands for.

    | status | meaning |
    |---|---|
    | 204, and 202 without a body | None |
    | other 2xx | the JSON object or list; anything else is unclear |
    | 3xx | refused: redirects are not followed |
    | 429 | rate limited: the far side did not act |
    | other 4xx | refused |
    | anything else | unclear |

    Unclear is `TransientError` where the call may be repeated, else `UncertainError`. No message repeats the
    answer's text, which may repeat personal data.

    Args:
        call: what was asked.
        answer: what came.
        now: the present moment, aware of its zone; asked where `Retry-After` is a date.
    """
    status = answer.status
    if status == 204 or (status == 202 and not (answer.body or answer.broken)):  # accepted, and there is no more to say
        return None
    if 200 <= status < 300:
        return _parsed(call, answer)
    if 300 <= status < 400:
        raise RefusedError(f"{call}: {status}, a redirect, and redirects are not followed: check the endpoint", status)
    if status == 429:
        raise RateLimitedError(f"{call}: 429, too many requests", _seconds(answer.retry_after, now))
    if 400 <= status < 500:
        _refuse(call, answer)
    problem = _with_hint(f"{status}, the far side could not answer", answer)
    raise call.unclear(problem, _seconds(answer.retry_after, now))


def _parsed(call: Call, answer: Answer) -> list[Json] | dict[str, Json]:
    """Give the JSON object or list of a successful answer."""
    if answer.broken:
        raise call.unclear(f"{answer.status}, but {answer.broken}")
    try:
        value = _strict_json(answer.body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list | dict):
        kind = HTML_HINT if _is_html(answer) else "the answer is no JSON object or list"
        raise call.unclear(f"{answer.status}, but {kind}")
    return value


def _refuse(call: Call, answer: Answer) -> NoReturn:
    """Raise the refusal of a 4xx, with the far side's machine code where it gave one."""
    words = REFUSALS.get(answer.status, "refused: the same request would be refused again")
    code = _machine_code(answer.body)
    named = f"{answer.status} ({code})" if code else f"{answer.status}"
    raise RefusedError(_with_hint(f"{call}: {named}, {words}", answer), answer.status)


def _machine_code(body: bytes) -> str | None:
    """Give the short code for programs that a JSON answer may carry; never a text for people."""
    try:
        value = _strict_json(body)
    except (ValueError, RecursionError):
        return None
    for code in _told(value):
        if isinstance(code, str) and len(code) <= LONGEST_CODE and MACHINE_CODE.fullmatch(code):
            return code
        if isinstance(code, int) and not isinstance(code, bool) and 0 <= code < 1_000_000:
            return str(code)
    return None


def _told(value: Json) -> Iterator[Json]:
    """Give what may be a code: it stands beside the text for people, or, as LINE writes it, in the details."""
    if isinstance(value, dict):
        yield from (value.get(key) for key in ("code", "error_code", "error"))
        details = value.get("details")
        listed = details if isinstance(details, list) else []
        yield from (each.get("message") for each in listed if isinstance(each, dict))


def _strict_json(body: bytes) -> Json:
    """Read JSON in UTF-8, without Python's `NaN` and `Infinity`."""

    def refuse(name: str) -> NoReturn:
        raise ValueError(f"{name} is not JSON")

    value: Json = json.loads(body.decode("utf-8-sig"), parse_constant=refuse)
    return value


def _is_html(answer: Answer) -> bool:
    return answer.is_html or answer.body.lstrip()[:1] == b"<"


def _with_hint(message: str, answer: Answer) -> str:
    return f"{message}; it was {HTML_HINT}" if _is_html(answer) else message


def _seconds(retry_after: str | None, now: Callable[[], datetime]) -> float | None:
    """Read `Retry-After`: seconds, or an HTTP-date (RFC 9110 §10.2.3). None where it says nothing we can read."""
    text = (retry_after or "").strip()
    if re.fullmatch(r"[0-9]{1,15}", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now()).total_seconds(), 0.0)
