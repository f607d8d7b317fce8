"""One HTTP layer for every connector."""

import io
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from td_line_connectors.errors import ConfigError, ConnectorError, TransientError
from td_line_connectors.secret import Secret
from td_line_connectors.transport.answers import Answer, Call, Json, UnexpectedAnswerError, read_answer
from td_line_connectors.transport.deadline import timed_connection
from td_line_connectors.transport.failures import causes, how_it_broke, root_cause
from td_line_connectors.transport.retry import OnWait, RetryPolicy

if TYPE_CHECKING:
    import requests

__all__ = ["MAX_ANSWER", "HttpClient", "Json", "UnexpectedAnswerError", "UploadedFile"]

T = TypeVar("T")

MAX_ANSWER: Final = 32 * 2**20
"""Bytes of an answer, decoded, above which it is not read on."""

CHUNK: Final = 2**16


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
    _session: "requests.Session | None" = field(default=None, init=False, repr=False)

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
            What `read` makes of the answer's JSON object or list, or of None for 204.
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
        method: Literal["POST", "PATCH"],
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
            method: `POST` or `PATCH`.
            path: below `base_url`, beginning with `/`.
            fields: texts by name.
            files: files by name.
            repeatable: whether the call may be sent again after an unclear failure.
            retry: how often this call is tried; None: as the client's others.
            read: as for `get_json`.

        Returns:
            What `read` makes of the answer.
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
            self._session = _open_session(self.token, self.timeout, self.monotonic)
        session = self._session
        prepared = _prepared(session, call, self.base_url.rstrip("/") + call.path, request)

        def attempt() -> T:
            answer = read_answer(call, _exchange(session, prepared, call, self.timeout), self.now)
            try:
                return read(answer)
            except UnexpectedAnswerError as error:
                problem = call.unclear(str(error))
            raise problem

        return retry.call(attempt, sleep=self.sleep, monotonic=self.monotonic, random=self.random, on_wait=self.on_wait)


def _open_session(token: Secret, timeout: float, monotonic: Callable[[], float]) -> "requests.Session":
    """Make a session that sends the token, whose answers must be whole within `timeout` seconds."""
    import requests  # noqa: PLC0415 - a host that sends nothing does not pay for the import
    from requests.adapters import HTTPAdapter  # noqa: PLC0415 - the same

    from td_line_connectors import __version__  # noqa: PLC0415 - the root is above us; its version is a constant

    text = token.reveal()
    if not (text and text.isascii() and text.isprintable() and " " not in text):
        message = "is empty or has white space or characters beyond ASCII, which no HTTP header carries: copy it again"
        raise ConfigError.of("token", "token", message)

    def authorised(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
        request.headers["Authorization"] = f"Bearer {text}"
        return request

    pools: dict[int, Any] = {}

    class TimedAdapter(HTTPAdapter):
        def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - passed through
            pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
            pool.ConnectionCls = timed_connection(pool.ConnectionCls, timeout, monotonic)
            pools[id(pool)] = pool
            return pool

        def close(self) -> None:
            # requests only forgets its pools, and their lines stay open until the garbage collector comes by.
            while pools:
                pools.popitem()[1].close()
            super().close()

    session = requests.Session()
    # An `auth` of the session keeps requests from looking into .netrc; `trust_env = False` would also drop the proxies.
    session.auth = authorised
    session.headers.update({"Accept": "application/json", "User-Agent": f"td-line-connectors/{__version__}"})
    adapter = TimedAdapter()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _prepared(
    session: "requests.Session", call: Call, url: str, request: Mapping[str, Any]
) -> "requests.PreparedRequest":
    """Encode the request; its bytes are the same in every try."""
    from requests import Request  # noqa: PLC0415 - the door's package, loaded by now

    try:
        return session.prepare_request(Request(call.method, url, **request))
    except ValueError:
        problem = _unusable_address(call)
    raise problem


def _exchange(session: "requests.Session", prepared: "requests.PreparedRequest", call: Call, timeout: float) -> Answer:
    """Send the request once and read the answer."""
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - requests lets some of its errors through

    if not call.repeatable:
        session.close()  # a fresh line: an idle one may have been closed by the far side, which would leave us unsure
    url = prepared.url or ""
    try:
        settings: Mapping[str, Any] = session.merge_environment_settings(url, {}, stream=True, verify=None, cert=None)
        # The adapter itself, not session.send: that one keeps cookies, and reads a redirect's body without end.
        response = session.get_adapter(url).send(prepared, timeout=timeout, **settings)
    except (OSError, ValueError, HTTPError) as error:
        problem, cause = _problem(call, error, timeout), root_cause(error)
    else:
        with closing(response):
            return _answer(response, timeout)
    # Raised out here, and from the system's own error: requests' errors hold the request, its token and its rows.
    raise problem from cause


def _answer(response: "requests.Response", timeout: float) -> Answer:
    """Read the answer to its end, or to where it breaks."""
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - requests lets some of its errors through

    status, headers = response.status_code, response.headers
    retry_after = headers.get("Retry-After")
    is_html = headers.get("Content-Type", "").lower().startswith(("text/html", "application/xhtml"))
    body, broken = io.BytesIO(), None
    try:
        for chunk in response.iter_content(CHUNK):
            body.write(chunk)
            if body.tell() > MAX_ANSWER:
                broken = f"the answer is longer than {MAX_ANSWER >> 20} MiB"
                break
    except (OSError, HTTPError) as error:
        broken = how_it_broke(error, timeout)
    return Answer(status, retry_after, is_html, b"" if broken else body.getvalue(), broken)


def _problem(call: Call, error: Exception, timeout: float) -> ConnectorError:
    """Say what the failure of an exchange that brought no answer means."""
    from requests import exceptions as ours  # noqa: PLC0415 - the door's package, loaded by now
    from urllib3 import exceptions as theirs  # noqa: PLC0415 - the same

    never_arrived: Mapping[type[Exception], str] = {
        ours.ProxyError: "the proxy could not be reached or refused: check HTTPS_PROXY, HTTP_PROXY and NO_PROXY",
        theirs.NameResolutionError: "the host's name is not known: check the endpoint and the network",
        theirs.NewConnectionError: "no connection could be made: check the endpoint and the network",
        ours.ConnectTimeout: f"no connection within {timeout:g} s",
        ssl.SSLCertVerificationError: "its certificate is not trusted: check the endpoint and REQUESTS_CA_BUNDLE",
    }
    if not isinstance(error, ours.RequestException | theirs.HTTPError):
        return _unusable_ca_bundle(call) if isinstance(error, OSError) else _unusable_address(call)
    if isinstance(error, ours.InvalidURL | ours.MissingSchema | ours.InvalidSchema | theirs.LocationValueError):
        return _unusable_address(call)
    made_of = list(causes(error))
    for kind, words in never_arrived.items():
        if any(isinstance(each, kind) for each in made_of):
            return TransientError(f"{call}: {words}")
    return call.unclear(how_it_broke(error, timeout))


def _unusable_address(call: Call) -> ConfigError:
    message = (
        f"{call}: this address, or a proxy of the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY), cannot be used"
    )
    return ConfigError.of("endpoint", "endpoint", f"{message}: check how they are written")


def _unusable_ca_bundle(call: Call) -> ConfigError:
    message = f"{call}: the CA file that REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names is not there: check the path"
    return ConfigError.of("endpoint", "ca_bundle", message)
