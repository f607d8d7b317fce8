"""An answer must be whole in time."""

import io
from dataclasses import dataclass, field

import pytest

from td_line_connectors.transport.deadline import TimedSocket
from tests.transport.far_side import Clock


@dataclass
class DrippingSocket:
    """Gives one byte a read, for ever, and remembers its timeouts."""

    timeouts: list[float | None] = field(default_factory=list)

    def settimeout(self, value: float | None) -> None:
        self.timeouts.append(value)

    def makefile(self, mode: str, *, buffering: int) -> "DrippingSocket":
        assert (mode, buffering) == ("rb", 0)
        return self

    def readinto(self, buffer: memoryview | bytearray) -> int:
        buffer[:1] = b"x"
        return 1

    def close(self) -> None:
        self.timeouts.append(None)


def test_each_read_gets_what_is_left_and_then_the_time_is_up() -> None:
    sock = DrippingSocket()
    file = TimedSocket(sock, 30.0, Clock(step=8.0)).makefile("rb")
    with pytest.raises(TimeoutError, match="the time for the whole answer is up"):
        file.read(100)
    assert sock.timeouts == [22.0, 30.0, 14.0, 30.0, 6.0, 30.0]


def test_closing_twice_closes_the_socket_once() -> None:
    sock = DrippingSocket()
    file = TimedSocket(sock, 30.0, Clock()).makefile("rb")
    file.close()
    file.close()
    assert sock.timeouts == [None]


def test_what_came_in_time_is_read() -> None:
    class Whole(DrippingSocket):
        def makefile(self, mode: str, *, buffering: int) -> io.BytesIO:  # type: ignore[override]  # a plain file serves too
            return io.BytesIO(f"{mode}{buffering}".encode())

    assert TimedSocket(Whole(), 30.0, Clock()).makefile("rb").read() == b"rb0"
