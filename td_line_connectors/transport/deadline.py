"""An answer must be whole in time.

A socket's timeout bounds each wait for the next bytes, so an answer that drips byte by byte can last for ever, in
its headers as well as in its body. Here every read gets what is left of the time for the whole answer.
"""

import io
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any, Protocol

__all__ = ["ReadableSocket", "TimedSocket", "timed_connection"]


class _RawReader(Protocol):
    def readinto(self, buffer: "memoryview[int] | bytearray", /) -> int | None: ...
    def close(self) -> None: ...


class ReadableSocket(Protocol):
    """What is needed of a socket, plain or TLS."""

    def settimeout(self, value: float | None, /) -> None:
        """Bound each later operation."""

    def makefile(self, mode: str, /, *, buffering: int) -> _RawReader:
        """Give the socket as a raw file."""


class TimedSocket:
    """The reading side of a socket, for `http.client.HTTPResponse`, which reads by `makefile` alone.

    Args:
        sock: the connected socket.
        seconds: how long the whole answer may take, from now on.
        monotonic: seconds on a clock that never goes back.
    """

    def __init__(self, sock: ReadableSocket, seconds: float, monotonic: Callable[[], float]) -> None:
        self._sock = sock
        self._seconds = seconds
        self._monotonic = monotonic

    def makefile(self, mode: str) -> io.BufferedReader:
        """Give the answer as a buffered file whose reads raise `TimeoutError` once the time is up."""
        return io.BufferedReader(_TimedReader(self._sock, mode, self._seconds, self._monotonic))


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: ReadableSocket, mode: str, seconds: float, monotonic: Callable[[], float]) -> None:
        super().__init__()
        self._sock = sock
        self._raw = sock.makefile(mode, buffering=0)
        self._seconds = seconds
        self._monotonic = monotonic
        self._until = monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int] | bytearray", /) -> int | None:  # type: ignore[override]  # BufferedReader passes no other kind
        left = self._until - self._monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole answer is up")
        self._sock.settimeout(left)
        try:
            return self._raw.readinto(buffer)
        finally:
            self._sock.settimeout(self._seconds)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


def timed_connection(connection: type[Any], seconds: float, monotonic: Callable[[], float]) -> type[Any]:
    """Give a kind of `http.client.HTTPConnection` whose answers must be whole within `seconds` of the request.

    Args:
        connection: the class to start from; a class that this function made is given back as it is.
        seconds: how long a whole answer, headers and body, may take.
        monotonic: seconds on a clock that never goes back.
    """
    if getattr(connection, "is_timed", False):
        return connection

    def response(sock: ReadableSocket, *args: Any, **kwargs: Any) -> HTTPResponse:  # noqa: ANN401 - passed through
        timed: Any = TimedSocket(sock, seconds, monotonic)
        return HTTPResponse(timed, *args, **kwargs)

    return type(connection.__name__, (connection,), {"is_timed": True, "response_class": staticmethod(response)})
