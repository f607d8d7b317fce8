"""Bytes that must be text: checked, decoded strictly, guessed at."""

import codecs
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TextIO

from td_line_connectors.errors import ConfigError, DataError, StoreError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["MAX_LINE", "ByteSource", "guess", "open_text"]

MAX_LINE: Final = 64 * 1024 * 1024
"""Bytes in one line. A longer one is no table, and would be held in memory whole."""

_CHUNK: Final = 256 * 1024
_WINDOWS_FORM: Final = {"big5": "cp950", "shift_jis": "cp932", "gb2312": "gb18030", "euc_kr": "cp949"}


class ByteSource(Protocol):
    """Where bytes come from."""

    def read(self, size: int, /) -> bytes:
        """Give up to `size` bytes; none at the end."""


def open_text(source: ByteSource, name: str, encoding: str | None) -> TextIO:
    """Open bytes as text, line endings untouched.

    Every chunk is checked before a line of it is seen, so that an error can name its place in the file.

    Args:
        source: the bytes, at their beginning. Closing the text does not close it.
        name: what messages call it.
        encoding: Python's name of an encoding; None for UTF-8, with a byte order mark or without.

    Raises:
        ConfigError: no such encoding; while reading: not UTF-8, and it looks like an encoding that can be given.
        DataError: while reading: a NUL byte, a wrong byte, a line longer than `MAX_LINE`.
        StoreError: while reading: the disk could not.
    """
    codec = _codec(encoding)
    return io.TextIOWrapper(
        io.BufferedReader(_Checked(source, name, codec, given=encoding is not None), _CHUNK), codec, newline=""
    )


def _codec(encoding: str | None) -> str:
    try:
        codec = codecs.lookup(encoding or "utf-8")
        "".encode(codec.name)  # refuses codecs between bytes and bytes, such as base64
    except (LookupError, ValueError):
        rule = "is no encoding that Python knows; use utf-8, utf-16, big5, cp950, shift_jis, cp932 …"
        raise ConfigError.of("encoding", "encoding", f"{encoding!r} {rule}") from None
    return "utf-8-sig" if codec.name == "utf-8" else codec.name


class _Checked(io.RawIOBase):
    """A stream of bytes that are known to decode.

    Args:
        source: where the bytes come from.
        name: what messages call it.
        codec: the encoding's normalised name.
        given: whether a person chose the encoding.
    """

    def __init__(self, source: ByteSource, name: str, codec: str, *, given: bool) -> None:
        super().__init__()
        self._source = source
        self._name = name
        self._codec = codec
        self._given = given
        self._decode = codecs.getincrementaldecoder(codec)("strict")
        self._offset = 0
        self._lines = 0
        self._line_length = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        space = memoryview(buffer).cast("B")
        try:
            chunk = self._source.read(len(space))
        except OSError as error:
            raise StoreError(f"reading {self._name}: {error.strerror}") from error
        self._check(chunk)
        space[: len(chunk)] = chunk
        return len(chunk)

    def _check(self, chunk: bytes) -> None:
        if not self._given and self._offset == 0:
            _refuse_utf_16(chunk, self._name)
        if b"\0" in chunk and not self._codec.startswith(("utf-16", "utf-32")):
            place = self._offset + chunk.index(b"\0")
            raise DataError.of(
                self._name, "binary", f"has a NUL byte at byte offset {place:,}: it is binary, or text in UTF-16 or -32"
            )
        try:
            self._decode.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise self._wrong_byte(error, self._offset + len(chunk)) from error
        except UnicodeError as error:  # UTF-16 without its mark
            raise DataError.of(self._name, "encoding", f"is not {self._codec}: {error}") from error
        self._measure(chunk)
        self._offset += len(chunk)

    def _measure(self, chunk: bytes) -> None:
        self._lines += chunk.count(b"\n") or chunk.count(b"\r")
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self._line_length = len(chunk) - end - 1 if end >= 0 else self._line_length + len(chunk)
        if self._line_length > MAX_LINE:
            rule = f"line {self._lines + 1:,} is longer than {MAX_LINE // 1024**2} MiB; is this a table?"
            raise DataError.of(self._name, "line", rule)

    def _wrong_byte(self, error: UnicodeDecodeError, end: int) -> ConfigError | DataError:
        """Make the error for bytes that do not decode; `error.object` are those up to `end`, counted in the file."""
        line = self._lines + error.object.count(b"\n", 0, error.start) + 1
        place = f"line {line:,} (byte offset {end - len(error.object) + error.start:,})"
        if self._given:
            wider = _WINDOWS_FORM.get(self._codec)
            cure = f"try its wider form: --encoding {wider}" if wider else "is this the file's encoding?"
            return DataError.of(self._name, "encoding", f"{place} is not {self._codec.removesuffix('-sig')}; {cure}")
        found = guess(error.object)
        if found:
            rule = f"is not UTF-8; it looks like {found.title}: give --encoding {found.codec}"
            return ConfigError.of(self._name, "encoding", rule)
        return DataError.of(self._name, "encoding", f"{place} is not UTF-8; save it as UTF-8, or give its --encoding")


def _refuse_utf_16(head: bytes, name: str) -> None:
    """Tell UTF-16 from binary: a byte order mark, or Latin letters with a NUL on one side of each."""
    marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    sample = head[:1000]
    nuls = sample.count(b"\0")
    little = nuls > len(sample) // 4 and sample[1::2].count(b"\0") == nuls
    big = nuls > len(sample) // 4 and sample[::2].count(b"\0") == nuls
    if marked or little or big:
        codec = "utf-16" if marked else "utf-16-le" if little else "utf-16-be"
        raise ConfigError.of(name, "encoding", f"is not UTF-8; it looks like UTF-16: give --encoding {codec}")


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding that a table from East Asia may be in.

    Attributes:
        title: as people call it.
        codecs: Python's codecs for it, the narrow one first.
        is_common: whether a pair of bytes is one of the language's everyday characters (or kana, or punctuation).
    """

    title: str
    codecs: tuple[str, ...]
    is_common: Callable[[int, int], bool]


@dataclass(frozen=True, slots=True)
class Guess:
    """What some bytes look like.

    Attributes:
        title: the encoding as people call it.
        codec: what to give as `--encoding`.
    """

    title: str
    codec: str


# Each of these standards puts its everyday characters into a first level of rows. Text in the wrong encoding falls
# outside: that is what tells them apart, where all of them can decode.
_CANDIDATES: Final = (
    Encoding("Big5", ("big5", "cp950"), lambda lead, _: 0xA1 <= lead <= 0xC6),
    Encoding("Shift-JIS", ("shift_jis", "cp932"), lambda lead, _: 0x81 <= lead <= 0x83 or 0x88 <= lead <= 0x97),
    Encoding(
        "EUC-JP",
        ("euc_jp",),
        lambda lead, trail: trail >= 0xA1 and (lead in {0xA1, 0xA4, 0xA5} or 0xB0 <= lead <= 0xCF),
    ),
    Encoding(
        "GBK",
        ("gb2312", "gb18030"),
        lambda lead, trail: trail >= 0xA1 and (lead in {0xA1, 0xA3} or 0xB0 <= lead <= 0xD7),
    ),
)


def guess(data: bytes) -> Guess | None:
    """Say which East Asian encoding bytes look like; None where none is likely. It is a hint, never acted on.

    Args:
        data: bytes that are not UTF-8; the first 256 KiB are enough.
    """
    sample = data[:_CHUNK]
    best: tuple[float, Guess] | None = None
    for candidate in _CANDIDATES:
        for codec in candidate.codecs:
            share = _common_share(sample, codec, candidate.is_common)
            if share is not None:
                if share > 0.7 and (best is None or share > best[0]):
                    best = (share, Guess(candidate.title, codec))
                break
    return best[1] if best else None


def _common_share(sample: bytes, codec: str, is_common: Callable[[int, int], bool]) -> float | None:
    """Give the share of everyday characters among those that are not ASCII; None where the bytes do not decode."""
    try:
        text = codecs.getincrementaldecoder(codec)("strict").decode(sample)  # a character cut at the end is kept back
    except UnicodeDecodeError:
        return None
    pairs = [each.encode(codec) for each in text if not each.isascii()]
    return sum(len(pair) == 2 and is_common(*pair) for pair in pairs) / len(pairs) if pairs else None
