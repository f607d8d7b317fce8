"""What did a job find?

A result lies on disk as Treasure Data keeps it, gzipped msgpack with an array for each row, and is read from there
while it is sent: nobody holds it.
"""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from td_line_connectors.testing.treasure_data.packing import row_packer, unpack_rows

__all__ = ["Found", "Result", "write_result"]

_PIECE: Final = 262_144
_QUICK: Final = 1
"""The least compression: the emulator has the caller's processor."""


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that a query gives.

    Attributes:
        rows: each with a value for each column.
        columns: their names.
        types: their types in the engine's words; None: as the values have them.
    """

    rows: Iterable[Sequence[object]]
    columns: Sequence[str]
    types: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A result on disk.

    Attributes:
        path: its file.
        schema: name and type of each column.
        count: how many rows it has.
        size: bytes of the file, which is the result in the format `msgpack.gz`.
        plain_size: bytes of the result in the format `msgpack`.
    """

    path: Path
    schema: tuple[tuple[str, str], ...]
    count: int
    size: int
    plain_size: int

    def packed(self, start: int = 0, until: int | None = None) -> Iterator[bytes]:
        """Give bytes of the format `msgpack.gz`, from `start` to before `until`."""
        left = (self.size if until is None else until) - start
        with self.path.open("rb") as file:
            file.seek(start)
            while left > 0 and (piece := file.read(min(left, _PIECE))):
                left -= len(piece)
                yield piece

    def plain(self) -> Iterator[bytes]:
        """Give the bytes of the format `msgpack`."""
        with gzip.open(self.path) as file:
            yield from iter(partial(file.read, _PIECE), b"")

    def json_lines(self) -> bytes:
        """Give the format `json`, a line for each row. It is held whole: for small results."""
        return b"".join(json.dumps(row).encode() + b"\n" for row in unpack_rows(self.plain()))


def write_result(path: Path, found: Found) -> Result:
    """Write rows to disk as they come.

    Args:
        path: the file to make.
        found: the rows; whatever they raise goes through.
    """
    pack, types = row_packer(), _TypeWatch(len(found.columns))
    watch = types.look if found.types is None else None
    count = plain_size = 0
    with path.open("wb") as file, gzip.GzipFile("", "wb", _QUICK, file, mtime=0) as packed:
        for piece in _pieces(found.rows, pack, watch):
            plain_size += len(piece[1])
            count += piece[0]
            packed.write(piece[1])
    schema = tuple(zip(found.columns, found.types or types.names(), strict=True))
    return Result(path, schema, count, path.stat().st_size, plain_size)


def _pieces(
    rows: Iterable[Sequence[object]],
    pack: Callable[[object], bytes],
    watch: Callable[[Sequence[object]], None] | None,
) -> Iterator[tuple[int, bytes]]:
    """Pack rows into pieces of a fair size, each with its number of rows."""
    piece = bytearray()
    count = 0
    for row in rows:
        if watch:
            watch(row)
        piece += pack(row)
        count += 1
        if len(piece) >= _PIECE:
            yield count, bytes(piece)
            piece.clear()
            count = 0
    yield count, bytes(piece)


class _TypeWatch:
    """The type of each column, where only the values say it."""

    def __init__(self, columns: int) -> None:
        self._seen: list[set[type]] = [set() for _ in range(columns)]

    def look(self, row: Sequence[object]) -> None:
        for seen, value in zip(self._seen, row, strict=True):
            seen.add(type(value))

    def names(self) -> list[str]:
        return [_type_of(seen - {type(None)}) for seen in self._seen]


def _type_of(seen: set[type]) -> str:
    if not seen or not seen <= {int, float}:
        return "varchar"
    return "double" if float in seen else "bigint"
