"""One HTTP layer for every connector."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from td_line_connectors.secret import Secret
from td_line_connectors.transport.answers import Call, Json, UnexpectedAnswerError, read_answer
from td_line_connectors.transport.exchange import exchange, open_session, prepare
from td_line_connectors.transport.retry import OnWait, RetryPolicy

if TYPE_CHECKING:
    from td_line_connectors.transport.exchange import Session

__all__ = ["HttpClient", "Json", "UnexpectedAnswerError", "UploadedFile"]

T = TypeVar("T")


def as_is(answer: Json) -> Json:
    """Read an answer as the JSON it is."""
    return answer


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as a part of a multipart request.

    Attributes:
        name: the file's name, ASCII.
        content: its bytes.
        content_type: its media type.
    """

    name: str
    content: bytes = field(repr=False)
    content_type: str


@dataclass(slots=True, eq=False)
class HttpClient:
    """JSON over HTTP with a bearer token, tried again where that is safe.

    Redirects are not followed, cookies not kept, `.netrc` not read. Proxies and CA settings of the environment
    (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE`) apply. For one
    thread at a time.

    Every call raises the errors of `read_answer`, and besides
    `TransientError` where the request surely never reached the far side, repeatable or not;
    `TransientError` (repeatable) or `UncertainError` where the line broke or the answer was not whole in time;
    `ConfigError` where the address, the token, a proxy or a CA setting cannot be used at all.

    Attributes:
        base_url: scheme, host and port of the far side; the token goes nowhere else.
        token: the bearer token.
        timeout: seconds for the connection, and again for the whole answer, of one try.
        retry: how often a call is tried, unless the call says otherwise.
        sleep: waits that many seconds.
        monotonic: seconds on a clock that never goes back.
        random: an even draw from [0, 1).
        now: the present moment, aware of its zone.
        on_wait: told before each wait.
    """

    base_url: str
    token: Secret
    _: KW_ONLY
    timeout: float
    retry: RetryPolicy
    sleep: Callable[[float], None] = field(repr=False)
    monotonic: Callable[[], float] = field(repr=False)
    random: Callable[[], float] = field(repr=False)
    now: Callable[[], datetime] = field(repr=False)
    on_wait: OnWait | None = field(default=None, repr=False)
    _session: "Session | None" = field(default=None, init=False, repr=False)

    def get_json(
        self,
        path: str,
        query: Mapping[str, str | int] | None = None,
        *,
        read: Callable[[Json], T] = as_is,  # type: ignore[assignment]  # without `read`, T is Json
    ) -> T:
        """Ask for `path`; a GET may always be repeated.

        Args:
            path: below `base_url`, beginning with `/`.
            query: the query's parameters; never shown in an error.
            read: JSON → what is wanted of it; raises `UnexpectedAnswerError`, and the call counts as unclear.

        Returns:
            What `read` makes of the answer's JSON object or list, or of None where `read_answer` says so.
        """
        return self._call(Call("GET", path, repeatable=True), self.retry, read, params=query)

    def post_json(
        self,
        path: str,
        body: bytes,
        *,
        repeatable: bool,
        retry: RetryPolicy | None = None,
        read: Callable[[Json], T] = as_is,  # type: ignore[assignment]  # without `read`, T is Json
    ) -> T:
        """Post JSON that is already encoded.

        Args:
            path: below `base_url`, beginning with `/`.
            body: JSON in UTF-8.
            repeatable: whether the call may be sent again after an unclear failure.
            retry: how often this call is tried; None: as the client's others.
            read: as for `get_json`.

        Returns:
            What `read` makes of the answer.
        """
        headers = {"Content-Type": "application/json"}
        return self._call(Call("POST", path, repeatable), retry or self.retry, read, data=body, headers=headers)

    def send_multipart(
        self,
        method: Literal["POST", "PUT", "PATCH"],
        path: str,
        fields: Mapping[str, str],
        files: Mapping[str, UploadedFile],
        *,
        repeatable: bool,
        retry: RetryPolicy | None = None,
        read: Callable[[Json], T] = as_is,  # type: ignore[assignment]  # without `read`, T is Json
    ) -> T:
        """Send a form of fields and files as multipart/form-data; at least one of either.

        Args:
            method: `POST`, `PUT` or `PATCH`.
            path: below `base_url`, beginning with `/`.
            fields: texts by name.
            files: files by name.
            repeatable: whether the call may be sent again after an unclear failure.
            retry: how often this call is tried; None: as the client's others.
            read: as for `get_json`.

        Returns:
            What `read` makes of the answer.

        Raises:
            ValueError: there is neither a field nor a file.
        """
        # A part without a file name is a field; given so, a form without a file is multipart too.
        texts = {name: (None, text.encode()) for name, text in fields.items()}
        uploads = {name: (file.name, file.content, file.content_type) for name, file in files.items()}
        parts: list[tuple[str, Any]] = [*texts.items(), *uploads.items()]
        if not parts:
            raise ValueError("a form has at least one field or file")
        return self._call(Call(method, path, repeatable), retry or self.retry, read, files=parts)

    def close(self) -> None:
        """Let go of the connections. Safe to call twice; a later call connects anew."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _call(
        self,
        call: Call,
        retry: RetryPolicy,
        read: Callable[[Json], T],
        **request: Any,  # noqa: ANN401 - requests' own keywords
    ) -> T:
        """Prepare a request once and try it as `retry` says."""
        if not call.path.startswith("/"):
            raise ValueError(f"{call}: a path begins with /, so that it cannot change the host")
        if self._session is None:
            self._session = open_session(self.token, self.timeout, self.monotonic)
        session = self._session
        prepared = prepare(session, call, self.base_url.rstrip("/") + call.path, request)

        def attempt() -> T:
            answer = read_answer(call, exchange(session, prepared, call, self.timeout), self.now)
            try:
                return read(answer)
            except UnexpectedAnswerError as error:
                problem = call.unclear(str(error))
            raise problem

        return retry.call(attempt, sleep=self.sleep, monotonic=self.monotonic, random=self.random, on_wait=self.on_wait)
