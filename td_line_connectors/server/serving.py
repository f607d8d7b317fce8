"""The door of uvicorn: how is an application served?"""

import asyncio
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import FrameType
from typing import Any, Final

from td_line_connectors.errors import ConfigError
from td_line_connectors.server.answers import OVERLOADED
from td_line_connectors.server.listening import BACKLOG, allow_files
from td_line_connectors.server.tuning import tuned

__all__ = ["ConnectionLimits", "HttpServer", "require_uvicorn"]

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """How many connections, and for how long.

    Attributes:
        connections: open ones; calls on further ones are refused.
        head_bytes: of a call's head.
        head_seconds: from a connection's beginning, or a further call's first byte, until the head must be whole; also
            for what remains of a body when its call has been answered.
        idle_seconds: between two calls of one connection. Longer than a proxy keeps an idle connection (nginx: 60 s),
            so that no call meets a connection that is just being closed.
        stop_seconds: from the stop until calls in flight are given up.
    """

    connections: int = 1000
    head_bytes: int = 64 * 1024
    head_seconds: float = 5.0
    idle_seconds: int = 75
    stop_seconds: int = 10


class HttpServer:
    """Serves an ASGI application over HTTP in this process, until it is stopped.

    Args:
        application: of ASGI 3.
        listener: a listening socket; it is closed at the end.
        limits: how many connections, and for how long.
    """

    def __init__(
        self,
        application: Callable[[Any, Any, Any], Awaitable[None]],
        listener: socket.socket,
        limits: ConnectionLimits | None = None,
    ) -> None:
        self._application = application
        self._listener = listener
        self._limits = limits or ConnectionLimits()
        self._address = listener.getsockname()[:2]
        self._server: Any = None
        self._stopping = False

    @property
    def url(self) -> str:
        """Where it is to be reached."""
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._server.server_state.connections) if self._server else 0

    def run(self, listening: Callable[[], object] = bool) -> None:
        """Serve until `stop`, or in a process's main thread SIGINT or SIGTERM. Calls in flight are finished.

        Args:
            listening: called when a signal would stop it as it should, just before the first call is taken.

        Raises:
            ConfigError: uvicorn is not installed.
        """
        with _own_process(self.stop):
            self._server = server = _load("uvicorn").Server(self._config())
            server.capture_signals = nullcontext  # its own would send the signal once more at the end
            server.should_exit = self._stopping
            allow_files(self._limits.connections)
            listening()
            with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
                runner.run(self._serve())

    def _config(self) -> Any:  # noqa: ANN401 - no foreign type leaves this door
        return _load("uvicorn").Config(
            self._application,
            http=_connection_class(self._limits),
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=self._limits.idle_seconds,
            timeout_graceful_shutdown=self._limits.stop_seconds,
        )

    def stop(self) -> None:
        """Take no more calls and finish those in flight; the second time: do not wait for them. From any thread."""
        if self._server is not None:
            self._server.force_exit = self._stopping
            self._server.should_exit = True
        self._stopping = True

    async def _serve(self) -> None:
        sweeping = asyncio.create_task(self._sweep())
        try:
            await self._server.serve(sockets=[self._listener])
        finally:
            sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await sweeping

    async def _sweep(self) -> None:
        """Close connections whose head does not come."""
        pause = min(1.0, self._limits.head_seconds / 2)
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(pause)
            now = loop.time()
            for connection in tuple(self._server.server_state.connections):
                connection.close_if_slow(now)


@cache
def _connection_class(limits: ConnectionLimits) -> type[asyncio.Protocol]:
    """Give uvicorn's connection with our limits."""
    uvicorn_connection: Any = _load("uvicorn.protocols.http.httptools_impl").HttpToolsProtocol

    class Connection(uvicorn_connection):  # type: ignore[misc] # it has types, but is loaded on first use
        """A connection that is refused, or closed, where it goes over a limit."""

        head_size = 0
        seen_cycle: object = None
        slow_since: float | None = None

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            if len(self.connections) > limits.connections:
                self.app = _overloaded

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.scope is None or "method" in self.scope:  # uvicorn enters the method when the head is whole
                self.head_size = 0
                return
            self.head_size += len(data)
            if self.head_size > limits.head_bytes:
                self.send_400_response("The head is too large.")

        def close_if_slow(self, now: float) -> None:
            """Close the connection if it has neither been idle nor been working on one call for too long."""
            working = self.cycle is not None and not self.cycle.response_complete
            idle = self.timeout_keep_alive_task is not None  # uvicorn closes it in time
            if working or idle or self.slow_since is None or self.cycle is not self.seen_cycle:
                self.slow_since = None if working or idle else now
                self.seen_cycle = self.cycle
            elif now - self.slow_since >= limits.head_seconds:
                self.transport.close()

    return Connection


async def _overloaded(_scope: Any, _receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's dicts
    await send(OVERLOADED.beginning())
    await send(OVERLOADED.ending)


@contextmanager
def _own_process(stop: Callable[[], None]) -> Iterator[None]:
    """Let SIGINT and SIGTERM stop the server for the length of the block, and suit the process to it.

    A server in another thread than the main one is a guest in its process, and changes nothing there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heard(_number: int, _frame: FrameType | None) -> None:
        stop()

    before = {number: signal.signal(number, heard) for number in SIGNALS}
    try:
        with tuned():
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def require_uvicorn() -> None:
    """Do nothing if this module's functions can work.

    Raises:
        ConfigError: uvicorn, or what it needs here, is not installed.
    """
    _load("uvicorn")
    _load("uvicorn.protocols.http.httptools_impl")


def _load(module: str) -> Any:  # noqa: ANN401 - no foreign type leaves this door
    try:
        return import_module(module)
    except ImportError as error:
        rule = "uvicorn is not installed with all it needs; install td-line-connectors[serve]"
        raise ConfigError.of("uvicorn", "extra", rule) from error
