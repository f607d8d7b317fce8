"""How do a job's rows come?

As gzipped msgpack, an array for each row, in one long answer. They are unpacked while they come, and held neither in
memory nor on disk. Where the line breaks it is taken up at that byte: rows that have gone by are not asked for again.
"""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from td_line_connectors.errors import RemoteError, TransientError
from td_line_connectors.spi import Runtime
from td_line_connectors.transport.retry import RetryPolicy

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Part", "ResultStream", "rows_in"]

CHUNK: Final = 65_536
"""Bytes that are read at once; what has come of such a piece when the line breaks is read again."""

GZIP: Final = b"\x1f\x8b"
DATES: Final = 3
"""msgpack's own number for «timestamps become a datetime»."""


class Part(Protocol):
    """A result, from one of its bytes on."""

    @property
    def total(self) -> int | None:
        """Bytes of the whole result, where that is known."""

    def read(self, size: int) -> bytes:
        """Read so many bytes; fewer only at the end. Raises `RemoteError` where the line breaks."""

    def close(self) -> None:
        """Let go of the line."""


class ResultStream(io.RawIOBase):
    """A job's result as a file that is read once, from its first byte to its last.

    Args:
        name: of the job, for errors.
        open_at: gives the result from a byte on.
        runtime: clocks, sleep and randomness.

    Raises:
        RemoteError: from every read, where the line breaks so often that patience ends.
    """

    def __init__(self, name: str, open_at: Callable[[int], Part], runtime: Runtime) -> None:
        super().__init__()
        self.name = name
        self._open_at = open_at
        self._runtime = runtime
        self._retry = RetryPolicy()
        self._part: Part | None = None
        self._at = 0
        self._total: int | None = None

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill the buffer as far as there is something."""
        world, view = self._runtime, memoryview(buffer)
        data = self._retry.call(
            lambda: self._read(len(view)), sleep=world.sleep, monotonic=world.monotonic, random=world.random
        )
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Let go of the line."""
        self._let_go()
        super().close()

    def _read(self, size: int) -> bytes:
        """Read on, on a new line where there is none."""
        try:
            part = self._part = self._part or self._open_at(self._at)
            data = part.read(size)
            if self._at == 0 and not GZIP.startswith(data[: len(GZIP)]):
                raise TransientError(f"reading the result of {self.name}: what came is none")
            if None not in (self._total, part.total) and part.total != self._total:
                raise TransientError(f"reading the result of {self.name}: it has another length than before")
        except RemoteError:
            self._let_go()
            raise
        self._total = part.total
        return data

    def _let_go(self) -> None:
        part, self._part = self._part, None
        if part is not None:
            part.close()


def rows_in(stream: ResultStream, width: int, count: int | None) -> Iterator[Sequence[object]]:
    """Give the rows of a result.

    Text that is no UTF-8 is read with replacement, so that no row can make a query fail.

    Args:
        stream: the result.
        width: so many columns it has.
        count: so many rows; None where that is not known.

    Raises:
        RemoteError: the line broke for good, or what came is not the whole of it.
    """
    from msgpack import Unpacker  # noqa: PLC0415 - td-client's own dependency, loaded on first use

    read = 0
    try:
        with gzip.GzipFile(fileobj=io.BufferedReader(stream, CHUNK)) as unzipped:
            for row in Unpacker(unzipped, unicode_errors="replace", strict_map_key=False, timestamp=DATES):
                if not isinstance(row, list) or len(row) != width:
                    raise _damaged(stream.name, f"row {read + 1:,} has not the {width} columns that it should have")
                read += 1
                yield row
    except (EOFError, gzip.BadGzipFile, zlib.error, ValueError, TypeError, OverflowError) as error:
        raise _damaged(stream.name, f"{type(error).__name__} after row {read:,}") from None  # its text may have a value
    if count is not None and read != count:
        raise _damaged(stream.name, f"{read:,} rows came, and it has {count:,}")


def _damaged(name: str, what: str) -> RemoteError:
    return RemoteError(f"reading the result of {name}: {what}; nothing of it was sent")
