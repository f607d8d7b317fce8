"""What do msgpack bytes say?"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from types import ModuleType
from typing import Any

__all__ = ["UnreadableError", "load_msgpack", "row_packer", "unpack_objects", "unpack_rows"]


class UnreadableError(ValueError):
    """Bytes are not what they should be."""


def load_msgpack() -> ModuleType:
    """Load the msgpack package.

    Raises:
        ModuleNotFoundError: it is not installed; the message says what to install.
    """
    try:
        import msgpack  # noqa: PLC0415 - an extra, loaded on first use
    except ModuleNotFoundError as error:
        message = "msgpack is not installed; install td-line-connectors[td]"
        raise ModuleNotFoundError(message, name="msgpack") from error
    return msgpack  # type: ignore[no-any-return]  # it has no types


def unpack_objects(body: bytes) -> tuple[bytes, list[Any]]:
    """Read the objects of a msgpack.gz body.

    Returns:
        The bytes that were compressed, and the objects that stand in them one after the other.

    Raises:
        UnreadableError: it is not gzip, or not msgpack to the end.
    """
    msgpack = load_msgpack()
    try:
        packed = gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError("the body must be gzip") from error
    unpacker = msgpack.Unpacker(
        BytesIO(packed),
        max_buffer_size=len(packed) + 1,
        strict_map_key=False,  # what a column may be called is judged later
        unicode_errors="surrogateescape",
    )
    try:
        objects = list(unpacker)
    except (ValueError, TypeError, msgpack.exceptions.UnpackException) as error:
        raise UnreadableError("the body must be msgpack") from error
    if unpacker.tell() != len(packed):
        raise UnreadableError("the msgpack ends in the middle of an object")
    return packed, objects


def row_packer() -> Callable[[object], bytes]:
    """Make a function that packs a row; what msgpack has no type for, it packs as text."""
    pack: Callable[[object], bytes] = load_msgpack().Packer(default=str, unicode_errors="replace").pack
    return pack


def unpack_rows(chunks: Iterator[bytes]) -> Iterator[Any]:
    """Read packed rows from pieces of any size."""
    unpacker = load_msgpack().Unpacker()
    for chunk in chunks:
        unpacker.feed(chunk)
        yield from unpacker
