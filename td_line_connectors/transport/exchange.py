"""The door of requests: one request, one answer."""

import io
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from td_line_connectors.errors import ConfigError, ConnectorError, TransientError
from td_line_connectors.secret import Secret
from td_line_connectors.transport.answers import Answer, Call
from td_line_connectors.transport.deadline import timed_connection
from td_line_connectors.transport.failures import causes, how_it_broke, root_cause
from td_line_connectors.version import VERSION

if TYPE_CHECKING:
    import requests

__all__ = ["MAX_ANSWER", "Session", "exchange", "open_session", "prepare", "problem_of", "text_of", "way_to"]

Session: TypeAlias = "requests.Session"
"""Lines to the far side, kept open between calls; nobody else need know whose type it is."""

MAX_ANSWER: Final = 32 * 2**20
"""Bytes of an answer, decoded, above which it is not read on."""

CHUNK: Final = 2**16

PROXY: Final = "the proxy could not be reached or refused: check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"


def open_session(
    token: Secret | None, timeout: float, monotonic: Callable[[], float], scheme: str = "Bearer"
) -> "requests.Session":
    """Make a session that sends the token, if there is one; its answers must be whole within `timeout` seconds.

    Args:
        token: what the far side knows us by.
        timeout: seconds.
        monotonic: seconds on a clock that never goes back.
        scheme: the word before the token in the `Authorization` header.
    """
    import requests  # noqa: PLC0415 - a host that sends nothing does not pay for the import
    from requests.adapters import HTTPAdapter  # noqa: PLC0415 - the same

    text = None if token is None else text_of(token)

    def authorised(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
        if text is not None:
            request.headers["Authorization"] = f"{scheme} {text}"
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
    session.headers.update({"Accept": "application/json", "User-Agent": f"td-line-connectors/{VERSION}"})
    adapter = TimedAdapter()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def text_of(token: Secret) -> str:
    """Give a token as an HTTP header carries it.

    Raises:
        ConfigError: if none can.
    """
    text = token.reveal()
    if not (text and text.isascii() and text.isprintable() and " " not in text):
        message = "is empty or has white space or characters beyond ASCII, which no HTTP header carries: copy it again"
        raise ConfigError.of("token", "token", message)
    return text


def prepare(
    session: "requests.Session", call: Call, url: str, request: Mapping[str, Any]
) -> "requests.PreparedRequest":
    """Encode the request; its bytes are the same in every try."""
    from requests import Request  # noqa: PLC0415 - the door's package, loaded by now

    try:
        return session.prepare_request(Request(call.method, url, **request))
    except ValueError:
        problem = _unusable_address(call)
    raise problem


def exchange(session: "requests.Session", prepared: "requests.PreparedRequest", call: Call, timeout: float) -> Answer:
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
        problem, cause = problem_of(call, error, timeout), root_cause(error)
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


def way_to(url: str) -> tuple[str | None, str]:
    """Give the proxy and the CA file by which a far side's own client library must go, as every call of ours does.

    Args:
        url: where it calls.

    Returns:
        the proxy's URL, None for none; the file, or folder, of the certificates that are trusted.
    """
    import requests  # noqa: PLC0415 - a host that sends nothing does not pay for the import
    from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy  # noqa: PLC0415 - the same

    with requests.Session() as session:
        settings = session.merge_environment_settings(url, {}, stream=None, verify=None, cert=None)
    verify = settings["verify"]
    return select_proxy(url, settings["proxies"]), verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH


def problem_of(call: Call, error: Exception, timeout: float) -> ConnectorError:
    """Say what the failure of an exchange that brought no answer means.

    Args:
        call: what was asked.
        error: what requests or urllib3 raised.
        timeout: seconds that the answer had.
    """
    from requests import exceptions as ours  # noqa: PLC0415 - the door's package, loaded by now
    from urllib3 import exceptions as theirs  # noqa: PLC0415 - the same

    never_arrived: Mapping[type[Exception], str] = {
        ours.ProxyError: PROXY,
        theirs.ProxyError: PROXY,
        socket.gaierror: "the host's name is not known: check the endpoint and the network",
        theirs.NewConnectionError: "no connection could be made: check the endpoint and the network",
        ours.ConnectTimeout: f"no connection within {timeout:g} s",
        theirs.ConnectTimeoutError: f"no connection within {timeout:g} s",
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
