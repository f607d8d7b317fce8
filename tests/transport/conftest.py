"""Far sides, clocks and clients for one test."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from td_line_connectors.secret import Secret
from td_line_connectors.storage.quota_folder import QuotaFolder
from td_line_connectors.transport.http import HttpClient
from td_line_connectors.transport.quota_store import MemoryQuotaStore, QuotaStore
from td_line_connectors.transport.retry import RetryPolicy
from tests.transport.far_side import LOOPBACK_PEM, NOON, TOKEN, Clock, Connect, Connection, FarSide, Serve, Server


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start far sides; they end with the test."""
    with ExitStack() as stack:

        def start(*answers: bytes | None, tls: bool = False) -> FarSide:
            server = stack.enter_context(Server(("127.0.0.1", 0), Connection))
            if tls:
                server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                server.tls.load_cert_chain(LOOPBACK_PEM)
            scheme = "https" if tls else "http"
            url = f"{scheme}://127.0.0.1:{server.server_address[1]}"
            server.far_side = FarSide(list(answers), url=url)
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return server.far_side

        yield start


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def connect(clock: Clock) -> Iterator[Connect]:
    """Make clients that try once, wait by the test's clock, and are closed with the test."""
    with ExitStack() as stack:

        def client(
            url: str,
            *,
            retry: RetryPolicy | None = None,
            token: str = TOKEN,
            monotonic: Callable[[], float] | None = None,
        ) -> HttpClient:
            made = HttpClient(
                url,
                Secret(token),
                timeout=30.0,
                retry=retry or RetryPolicy(attempts=1),
                sleep=clock.sleep,
                monotonic=monotonic or clock,
                random=lambda: 0.5,
                now=lambda: NOON,
            )
            stack.callback(made.close)
            return made

        yield client


@pytest.fixture(params=["memory", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> QuotaStore:
    """Each store in turn: what holds for one holds for all."""
    return MemoryQuotaStore() if request.param == "memory" else QuotaFolder(tmp_path / "quota")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep this machine's proxies, certificates and .netrc out of the tests."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))
