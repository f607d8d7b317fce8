"""The door of td-client.

td-client words the requests and reads the answers. The rest is done here: it would wait and try again by itself, follow
redirects, log its headers, pass over half of the proxy settings, and repeat answers in its errors.
"""

import json
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias, TypeVar
from urllib.parse import unquote, urlsplit

from td_line_connectors.errors import ConfigError, ConnectorError, RefusedError
from td_line_connectors.secret import Secret
from td_line_connectors.spi import Issued, Query, Runtime
from td_line_connectors.transport.answers import Answer, Call, read_answer
from td_line_connectors.transport.exchange import problem_of, text_of, way_to
from td_line_connectors.transport.failures import root_cause
from td_line_connectors.version import VERSION

if TYPE_CHECKING:
    from tdclient.api import API
    from tdclient.types import StreamBody
    from urllib3 import BaseHTTPResponse, PoolManager

__all__ = ["Api", "OpenAnswer", "answered", "close_api", "issue_query", "open_api"]

T = TypeVar("T")

Api: TypeAlias = "API"
"""td-client's calls; nobody else need know whose type it is."""

OpenAnswer: TypeAlias = "BaseHTTPResponse"
"""An answer that is not read yet."""

TIMEOUT: Final = 60.0
"""Seconds for the connection, and for each wait for more of an answer."""

FOR_TD_CLIENT: Final = frozenset({200, 206, 409})
"""The statuses that td-client is left to read; 409 is how Treasure Data says that a `domain_key` was there before."""

MOST_OF_A_REFUSAL: Final = 65_536
"""Bytes that are read of an answer that says no."""

KEY_REFUSED: Final = frozenset({401, 403})
KEY_HINT: Final = "the key may not do this: check api_key, region and endpoint; a write-only key cannot query"

JOB_ID: Final = re.compile(r"[0-9]{1,18}")


def open_api(host: str, key: Secret, runtime: Runtime) -> "Api":
    """Make td-client's API, which does each call once.

    Args:
        host: scheme and host; the key goes nowhere else.
        key: the API key.
        runtime: the outside world.

    Raises:
        ConfigError: if td-client is not installed, or the key, a proxy or the CA file cannot be used.
    """
    try:
        from tdclient.api import API  # noqa: PLC0415 - an extra, loaded on first use
    except ImportError as error:
        rule = "td-client is not installed; install td-line-connectors[td]"
        raise ConfigError.of("td-client", "extra", rule) from error
    authorization = f"TD1 {text_of(key)}"

    class QuietApi(API):
        """td-client's API. The key joins a request where td-client has logged its headers."""

        def send_request(
            self,
            method: str,
            url: str,
            fields: dict[str, Any] | None = None,
            body: "StreamBody" = None,
            headers: dict[str, str] | None = None,
            **request: Any,  # noqa: ANN401 - passed through
        ) -> "BaseHTTPResponse":
            signed = {**(headers or {}), "authorization": authorization, "accept-encoding": "identity"}
            call = Call(method, urlsplit(url).path, repeatable=True)
            send = super().send_request
            response = answered(call, lambda: send(method, url, fields, body, signed, **request))
            if response.status in FOR_TD_CLIENT:
                return response
            with closing(response):
                _refuse(call, response, runtime)

    # A limit below 0: td-client never sleeps.
    agent = f"td-line-connectors/{VERSION}"
    api = QuietApi(apikey="", endpoint=f"{host}/", user_agent=agent, max_cumul_retry_delay=-1)
    api.http = _lines_to(host)
    return api


def close_api(api: "Api") -> None:
    """Close td-client's lines, which it would leave to the garbage collector."""
    pools = api.http.pools
    for key in pools.keys():  # noqa: SIM118 - it is no dict, and refuses to be iterated over
        pools[key].close()
    api.close()


def answered(call: Call, ask: Callable[[], T]) -> T:
    """Ask by td-client, and give its errors as ours. Call it only when td-client has been loaded.

    Raises:
        RemoteError: it could not be asked, or the answer was not what it should be.
    """
    from tdclient.errors import APIError  # noqa: PLC0415 - loaded by now
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - td-client lets its errors through

    problem: ConnectorError
    try:
        return ask()
    except (HTTPError, OSError) as error:
        problem, cause = problem_of(call, error, TIMEOUT), root_cause(error)
    except (APIError, ValueError, TypeError, LookupError, AttributeError):
        problem, cause = call.unclear("the answer is not what was expected"), None
    raise problem from cause  # out here, without td-client's own error, which repeats the answer


def issue_query(api: "Api", query: Query) -> Issued:
    """Issue a job, or find the one that has the query's key already.

    Source of the latter: td-client-java takes it from the answer's `details.conflicts_with`; td-client's error repeats
    the answer.
    """
    from tdclient.errors import AlreadyExistsError  # noqa: PLC0415 - loaded by now

    engine: Any = query.engine  # td-client's types list the engines; which there are, Treasure Data says itself
    try:
        number = api.query(query.sql, type=engine, db=query.database, domain_key=query.key)
    except AlreadyExistsError as error:
        answer = str(error)
        return Issued(_job_id(json.loads(answer[answer.index("{") :])["details"]["conflicts_with"]), is_new=False)
    return Issued(_job_id(number), is_new=True)


def _job_id(told: object) -> str:
    """Give a job's number, which becomes a part of paths."""
    number = str(told)
    if not JOB_ID.fullmatch(number):
        raise ValueError("no number of a job")
    return number


def _lines_to(host: str) -> "PoolManager":
    """Make the lines that td-client goes by: through the environment's proxy, with its CA file, following nothing."""
    from urllib3 import PoolManager, ProxyManager, make_headers  # noqa: PLC0415 - what td-client itself uses
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - the same

    proxy, trusted = way_to(host)
    settings: dict[str, Any] = {"timeout": TIMEOUT, "retries": False, "cert_reqs": "CERT_REQUIRED"}
    settings["ca_cert_dir" if Path(trusted).is_dir() else "ca_certs"] = trusted
    if proxy is None:
        return PoolManager(**settings)
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
    try:
        return ProxyManager(parts.geturl(), proxy_headers=make_headers(proxy_basic_auth=credentials), **settings)
    except (HTTPError, ValueError) as error:
        message = "the environment's proxy (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY) cannot be used: check how it is written"
        raise ConfigError.of("endpoint", "proxy", message) from error


def _refuse(call: Call, response: "BaseHTTPResponse", runtime: Runtime) -> NoReturn:
    """Raise what an answer stands for that td-client is not left to read."""
    status, headers = response.status, response.headers
    if status in KEY_REFUSED:
        raise RefusedError(f"{call}: {status}, {KEY_HINT}", status)
    body = answered(call, lambda: response.read(MOST_OF_A_REFUSAL))
    is_html = headers.get("Content-Type", "").lower().startswith("text/html")
    read_answer(call, Answer(status, headers.get("Retry-After"), is_html, body), runtime.now)
    raise call.unclear(f"{status}, which is no answer that was expected")
