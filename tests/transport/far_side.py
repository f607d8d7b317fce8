"""A far side that does as it is told, over a real socket."""

import socketserver
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from td_line_connectors.transport.http import HttpClient
from td_line_connectors.transport.retry import RetryPolicy

LOOPBACK_PEM = Path(__file__).with_name("loopback.pem")
"""A key and its own certificate for 127.0.0.1, made for these tests; it guards nothing."""

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOKEN = "tok-5ecret-9Zq"


@dataclass(frozen=True)
class Received:
    """A request as it came over the wire."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FarSide:
    """Answers the n-th request with the n-th of `answers`, later ones with the last. None: hangs up, silently."""

    answers: list[bytes | None]
    requests: list[Received] = field(default_factory=list)
    url: str = ""
    connections: int = 0
    is_left_alone: threading.Event = field(default_factory=threading.Event)
    """Set when a client has ended a connection that was open for its next request."""


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    """Make a whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


OK = answer("200 OK", b'{"id": 1}', "Content-Type: application/json")


class Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        far_side = server.far_side
        far_side.connections += 1
        while line := self.rfile.readline().decode().strip():
            headers: dict[str, str] = {}
            while field_line := self.rfile.readline().decode().strip():
                name, _, value = field_line.partition(":")
                headers[name.lower()] = value.strip()
            body = self.rfile.read(int(headers.get("content-length", "0")))
            far_side.requests.append(Received(line, headers, body))
            turn = min(len(far_side.requests), len(far_side.answers)) - 1
            reply = far_side.answers[turn]
            if reply is None:
                return
            self.wfile.write(reply)
            if b"Connection: close" in reply:
                return
        far_side.is_left_alone.set()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = False
    far_side: FarSide
    tls: ssl.SSLContext | None = None

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is part of the play."""

    def get_request(self) -> tuple[Any, Any]:  # a socket, plain or TLS, and its address
        sock, address = super().get_request()
        if self.tls is not None:
            sock = self.tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return sock, address


class Serve(Protocol):
    def __call__(self, *answers: bytes | None, tls: bool = False) -> FarSide: ...


@dataclass
class Clock:
    """A clock that moves when somebody sleeps by it, and by `step` seconds at each look."""

    time: float = 1000.0
    step: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        self.time += self.step
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


class Connect(Protocol):
    def __call__(
        self,
        url: str,
        *,
        retry: RetryPolicy | None = None,
        token: str = TOKEN,
        monotonic: Callable[[], float] | None = None,
    ) -> HttpClient: ...
