"""The door of uvicorn: how is an application served?"""

import asyncio
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from importlib import import_module
from types import FrameType
from typing import Any, Final

from td_line_connectors.errors import ConfigError
from td_line_connectors.server.answers import OVERLOADED
from td_line_connectors.server.complaints import Complaints
from td_line_connectors.server.limiting import Application, ConnectionLimits, limited
from td_line_connectors.server.listening import BACKLOG, allow_files
from td_line_connectors.server.tuning import tuned

__all__ = ["HttpServer", "require_uvicorn"]

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class HttpServer:
    """Serves an ASGI application over HTTP in this process, until it is stopped.

    Args:
        application: of ASGI 3.
        listener: a listening socket; it is closed at the end.
        limits: how many connections, and for how long.
    """

    def __init__(
        self,
        application: Application,
        listener: socket.socket,
        limits: ConnectionLimits | None = None,
    ) -> None:
        self._application = application
        self._listener = listener
        self._limits = limits or ConnectionLimits()
        self._address = listener.getsockname()[:2]
        self._server: Any = None
        self._stopping = False
        self._turned_away = 0
        self._complaints = Complaints(logging.getLogger(__name__), time.monotonic)

    @property
    def url(self) -> str:
        """Where it is to be reached."""
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._server.server_state.connections) if self._server else 0

    @property
    def turned_away(self) -> int:
        """How many calls were refused because too many connections were open."""
        return self._turned_away

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
        http = _load("uvicorn.protocols.http.httptools_impl")
        return _load("uvicorn").Config(
            self._application,
            http=limited(http.HttpToolsProtocol, self._limits, self._overloaded),
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

    async def _overloaded(self, _scope: Any, _receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's dicts
        """Refuse a call, as an ASGI application."""
        self._turned_away += 1
        self._complaints.tell(f"calls are refused: more than {self._limits.connections:,} connections are open")
        await send(OVERLOADED.beginning())
        await send(OVERLOADED.ending)

    async def _sweep(self) -> None:
        """Close connections whose head does not come."""
        pause = min(1.0, self._limits.head_seconds / 2)
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(pause)
            now = loop.time()
            for connection in tuple(self._server.server_state.connections):
                connection.close_if_slow(now)


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
