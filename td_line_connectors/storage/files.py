"""A file of rows: CSV, JSON Lines or Parquet."""

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from td_line_connectors.errors import ConfigError, DataError, StoreError
from td_line_connectors.rows import Result
from td_line_connectors.storage.delimited import read_csv
from td_line_connectors.storage.encodings import open_text
from td_line_connectors.storage.jsonl import rows_of, survey

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["FORMATS", "read_file"]

FORMATS: Final = ("csv", "jsonl", "parquet")
"""What can be read."""

_ENDINGS: Final = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_FOREIGN: Final = {
    b"PK\x03\x04": "is a ZIP archive or an Excel workbook; save the sheet as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook; save the sheet as CSV (UTF-8)",
    b"\x1f\x8b": "is compressed with gzip; unpack it first",
    b"\x28\xb5\x2f\xfd": "is compressed with zstd; unpack it first",
    b"BZh": "is compressed with bzip2; unpack it first",
    b"SQLite format 3\0": "is a SQLite database; give a CSV, JSONL or Parquet file",
}
_IN_MEMORY: Final = 8 * 1024 * 1024
_COPIED_AT_A_TIME: Final = 1024 * 1024


def read_file(source: Path | BinaryIO, *, format: str | None = None, encoding: str | None = None) -> Result:  # noqa: A002 - the option's name
    """Open a file of rows. Its rows are streamed: memory does not grow with the file.

    CSV needs a header; its cells come as text, unchanged. JSON Lines is read twice, because its columns are known
    at the end of the first reading only; so standard input is kept in a temporary file, as it is for Parquet.

    Args:
        source: a path, or a stream of bytes (standard input) that stays open.
        format: one of `FORMATS`; None to go by the path's ending, else by the first bytes.
        encoding: of the text; None for UTF-8.

    Returns:
        The columns and rows; `total` is known for JSON Lines and Parquet.

    Raises:
        ConfigError: the file or the format cannot be read, the header is wrong, or an `encoding` must be given.
        DataError: what is in the file must change. For CSV this may also come while the rows are read.
        StoreError: our own disk could not do it. May also come while the rows are read.
    """
    if format is not None and format not in FORMATS:
        raise ConfigError.of("format", "choice", f"must be one of {', '.join(FORMATS)}")
    stream, name, close = _opened(source)
    try:
        stream, kind, close = _prepared(stream, name, format or _ending(source), close)
        if kind == "parquet":
            return _parquet(stream, name, encoding, close)
        return (_jsonl if kind == "jsonl" else _csv)(stream, name, encoding, close)
    except BaseException:
        close()
        raise


Close = Callable[[], None]


def _opened(source: Path | BinaryIO) -> tuple[BinaryIO, str, Close]:
    if not isinstance(source, Path):
        return source, "standard input", _stay_open
    try:
        stream = source.open("rb")
    except OSError as error:
        raise ConfigError.of("file", "unreadable", f"{source}: {error.strerror}") from error
    return stream, source.name, stream.close


def _stay_open() -> None:
    """Leave a stream open that its owner closes."""


def _ending(source: Path | BinaryIO) -> str | None:
    return _ENDINGS.get(source.suffix.lower()) if isinstance(source, Path) else None


def _prepared(stream: BinaryIO, name: str, kind: str | None, close: Close) -> tuple[BinaryIO, str, Close]:
    """Look at the first bytes; make the stream seekable where its format needs it."""
    try:
        head = stream.read(_COPIED_AT_A_TIME)
        _refuse_foreign(head, name)
        kind = kind or _sniffed(head)
        if kind != "csv" and not stream.seekable():
            spool = _spooled(head, stream, name)
            return spool, kind, spool.close
        if stream.seekable():
            stream.seek(-len(head), io.SEEK_CUR)
            return stream, kind, close
    except OSError as error:
        raise StoreError(f"reading {name}: {error.strerror}") from error
    return io.BufferedReader(_Joined(head, stream)), kind, close


def _refuse_foreign(head: bytes, name: str) -> None:
    if not head:
        raise DataError.of(name, "empty", "is empty")
    for magic, sentence in _FOREIGN.items():
        if head.startswith(magic):
            raise DataError.of(name, "format", sentence)


def _sniffed(head: bytes) -> str:
    if head.startswith(b"PAR1"):
        return "parquet"
    return "jsonl" if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["} else "csv"


def _spooled(head: bytes, stream: BinaryIO, name: str) -> BinaryIO:
    spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the Result closes it
    try:
        while head:
            spool.write(head)
            head = stream.read(_COPIED_AT_A_TIME)
        spool.seek(0)
    except OSError as error:
        spool.close()
        raise StoreError(f"keeping {name} in a temporary file: {error.strerror}") from error
    return spool  # type: ignore[return-value]  # it has all that BinaryIO asks for but the name


class _Joined(io.RawIOBase):
    """Bytes already taken from a pipe, then the rest of it."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        space = memoryview(buffer).cast("B")
        chunk, self._head = self._head[: len(space)], self._head[len(space) :]
        chunk = chunk or self._rest.read(len(space))
        space[: len(chunk)] = chunk
        return len(chunk)


def _csv(stream: BinaryIO, name: str, encoding: str | None, close: Close) -> Result:
    columns, rows = read_csv(open_text(stream, name, encoding), name)
    return Result(columns, _closing(rows, close), close=close)


def _jsonl(stream: BinaryIO, name: str, encoding: str | None, close: Close) -> Result:
    start = stream.tell()
    columns, total = survey(open_text(stream, name, encoding), name)
    stream.seek(start)
    rows = rows_of(open_text(stream, name, encoding), name, columns, total)
    return Result(columns, _closing(rows, close), total, close)


def _parquet(stream: BinaryIO, name: str, encoding: str | None, close: Close) -> Result:
    from td_line_connectors.storage.arrow import read_parquet  # noqa: PLC0415 - only Parquet needs the extra

    if encoding is not None:
        raise ConfigError.of("encoding", "not_applicable", "Parquet has no text encoding; leave it out")
    result = read_parquet(stream, name)
    return Result(result.columns, _closing(result.rows, close), result.total, close)


def _closing(rows: Iterable[Sequence[object]], close: Close) -> Iterator[Sequence[object]]:
    try:
        yield from rows
    finally:
        close()
