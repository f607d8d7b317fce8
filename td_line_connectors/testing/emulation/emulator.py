"""What does every emulated far side do?"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import StrEnum
from threading import Event
from types import TracebackType
from typing import NamedTuple, Self

from td_line_connectors.testing.emulation.answers import Answer, Reply, Request, RequestRefusedError
from td_line_connectors.testing.emulation.faults import FaultKind
from td_line_connectors.testing.emulation.wire import HttpServer

__all__ = ["Call", "Emulator"]


class Call(NamedTuple):
    """One call that was answered, or cut.

    Attributes:
        method: the HTTP method.
        path: the path with its query, as written.
        status: of the answer; None if the caller got no whole one.
        at: epoch seconds at which the call was read whole.
        operation: what it meant; None for a path, method or credential that the emulator does not know.
        fault: what befell it.
        size: bytes of its body, as they came.
    """

    method: str
    path: str
    status: int | None
    at: float
    operation: StrEnum | None = None
    fault: FaultKind | None = None
    size: int = 0


class Emulator(ABC):
    """A far side on an address of this machine: it starts, writes its calls down, and stops.

    `with` serves until the block ends. Stopped and started again, it keeps its port and all it knows.

    Args:
        name: of the far side, for the answers' `Server`.
        host: the IPv4 address to listen on.
        port: the port; 0 takes a free one.
        now: gives epoch seconds.
    """

    def __init__(self, name: str, host: str, port: int, now: Callable[[], float]) -> None:
        self._name = name
        self._address = (host, port)
        self._now = now
        self._calls: list[Call] = []
        self._server: HttpServer | None = None
        self._stopped = Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, and serve from threads of its own. Started already: nothing.

        Raises:
            OSError: the address cannot be listened on.
        """
        if self._server is None:
            self._server = HttpServer(self._name, self._address, self._respond, self._refuse)
            self._address = (self._address[0], self._server.server_address[1])
            self._stopped.clear()
            self._server.start()

    def stop(self) -> None:
        """Close every connection and stop listening; a second time: nothing."""
        if self._server is not None:
            server, self._server = self._server, None
            server.stop()
            self._stopped.set()

    def serve_forever(self) -> None:
        """Serve until `stop` is called from elsewhere, or this thread is interrupted."""
        self.start()
        try:
            self._stopped.wait()
        finally:
            self.stop()

    @property
    def url(self) -> str:
        """The endpoint: scheme, host and port."""
        if not self._address[1]:
            raise RuntimeError("the emulator has no port yet: start it first")
        host, port = self._address
        return f"http://{host}:{port}"

    @property
    def calls(self) -> list[Call]:
        """Every call so far, in the order of their answers."""
        return list(self._calls)

    @abstractmethod
    def _answer(self, request: Request) -> tuple[StrEnum | None, Reply]:
        """Give what a request meant, None if the emulator does not know, and what becomes of it."""

    @abstractmethod
    def _refuse(self, refused: RequestRefusedError) -> Answer:
        """Make the answer to a request that is refused."""

    def _respond(self, request: Request) -> Reply:
        at = self._now()
        operation, reply = self._answer(request)
        path = f"{request.path}?{request.query}" if request.query else request.path
        status = reply.answer.status if reply.answer is not None and reply.whole else None
        fault = reply.spoilt_by.kind if reply.spoilt_by else None
        self._calls.append(Call(request.method, path, status, at, operation, fault, len(request.body)))
        return reply
