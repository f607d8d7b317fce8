"""HTTP/1.1 over a real socket."""

import re
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.client import responses
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Event, Lock, Thread
from typing import Final, cast

from td_line_connectors.testing.emulation.answers import Answer, Refuse, Reply, Request, RequestRefusedError, Stream

__all__ = ["HttpServer"]

_BODY_LIMIT: Final = 64_000_000
"""No request of the contract comes near; a longer body is not even read."""
_LENGTH: Final = re.compile("[0-9]{1,8}")
_JOIN_SECONDS: Final = 5.0
_LINGER_SECONDS: Final = 1.0
_LINGER_READS: Final = 1024
_Connection = socket.socket | tuple[bytes, socket.socket]
"""What `socketserver` hands about; here always a socket."""


class HttpServer(ThreadingTCPServer):
    """Hands each request to `respond`, one thread per connection, and stops without leaving any behind.

    Args:
        name: of the far side, for its answers' `Server` and for its thread.
        address: host and port; port 0 takes a free one.
        respond: says what a request is answered with.
        refuse: makes the answer to what is no request at all.
    """

    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self, name: str, address: tuple[str, int], respond: Callable[[Request], Reply], refuse: Refuse
    ) -> None:
        self.name = name
        self.respond = respond
        self.refuse = refuse
        self.stopping = Event()
        self._lock = Lock()
        self._connections: dict[object, Thread] = {}
        self._acceptor = Thread(target=self._accept, name=name, daemon=True)
        super().__init__(address, _Handler)

    def start(self) -> None:
        """Begin to accept connections."""
        self._acceptor.start()

    def stop(self) -> None:
        """Close every connection, and return when all threads have ended."""
        self.stopping.set()
        try:
            socket.create_connection(
                cast(tuple[str, int], self.server_address[:2]), timeout=1
            ).close()  # wakes the acceptor
        finally:
            self._acceptor.join(_JOIN_SECONDS)
            self.server_close()
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            _shut(cast(socket.socket, connection))
        for thread in connections.values():
            thread.join(_JOIN_SECONDS)

    def _accept(self) -> None:
        while not self.stopping.is_set():
            self.handle_request()

    def verify_request(self, _request: object, _client_address: object) -> bool:
        """Take no more connections once it stops."""
        return not self.stopping.is_set()

    def process_request(self, request: _Connection, client_address: object) -> None:
        """Give the connection a thread, and remember both."""
        thread = Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self._lock:
            self._connections[request] = thread
        thread.start()

    def shutdown_request(self, request: _Connection) -> None:
        """Forget the connection."""
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: _Connection, client_address: object) -> None:
        """Pass over callers who went away: some tests are about just that."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        server = cast(HttpServer, self.server)
        try:
            request = self._read()
        except RequestRefusedError as refused:
            self.close_connection = True
            self._send(server.refuse(refused), half=False)
            self._linger()
            return
        if request is None:
            self.close_connection = True
            return
        reply = server.respond(request)
        if reply.wait:
            server.stopping.wait(reply.wait)
        self._deliver(reply)

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815 - the standard library's names

    def log_message(self, *_args: object) -> None:
        """Write nothing: a query may name somebody."""

    def _read(self) -> Request | None:
        """Read the request whole; None if the caller went away before its end."""
        path, _, query = self.path.partition("?")
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers:
            raise RequestRefusedError(411, "Content-Length is required")
        if not _LENGTH.fullmatch(length) or int(length) > _BODY_LIMIT:
            raise RequestRefusedError(400, f"Content-Length: must be a number up to {_BODY_LIMIT}")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            return None
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, path, query, headers, body)

    def _deliver(self, reply: Reply) -> None:
        answer = reply.answer
        if not reply.whole:
            self.close_connection = True
        if answer is None:
            return
        delivered = answer.delivered if reply.whole else None
        if delivered and reply.wait:
            delivered(not self._caller_is_gone())
        try:
            self._send(answer, half=reply.half)
        except OSError:
            self.close_connection = True
            if delivered:
                delivered(False)

    def _send(self, answer: Answer, *, half: bool) -> None:
        """Write the answer; head and body in one piece, so that no caller waits for a second one."""
        server = cast(HttpServer, self.server)
        length = answer.body.length if isinstance(answer.body, Stream) else len(answer.body)
        headers = {"Server": server.name, "Date": self.date_time_string(), **answer.headers}
        if answer.status != HTTPStatus.NO_CONTENT:
            headers |= {"Content-Type": answer.content_type, "Content-Length": str(length)}
        if self.close_connection and not half:
            headers["Connection"] = "close"
        phrase = responses.get(answer.status, "")
        lines = [f"HTTP/1.1 {answer.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
        until = length // 2 if half else length
        if not isinstance(answer.body, Stream):
            self.connection.sendall(head + answer.body[:until])
            return
        self.connection.sendall(head)
        for piece in answer.body.open():
            self.connection.sendall(piece[:until])
            until -= len(piece)
            if until <= 0:
                break

    def _linger(self) -> None:
        """Read what the caller still sends, for a while: closing at once would cost it the answer."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(_LINGER_SECONDS)
            for _ in range(_LINGER_READS):
                if not self.connection.recv(65_536):
                    return

    def _caller_is_gone(self) -> bool:
        self.connection.setblocking(False)
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            self.connection.setblocking(True)


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # the caller was first
        connection.shutdown(socket.SHUT_RDWR)
