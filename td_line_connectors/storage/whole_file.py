"""A file that is there whole, or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.storage.private import sync

__all__ = ["new_file", "whole_file"]


@contextmanager
def whole_file(path: Path, *, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Write a file under a name of its own, and move it into place when the block ends well; an older one gives way.

    Args:
        path: the file. Its folder must be there.
        mode: who may read it, whatever the umask.

    Raises:
        StoreError: if the disk cannot do it; what was there before is untouched.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".unfinished")
    except OSError as error:
        raise _unwritten(path, error) from error
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, mode)
            yield file
            file.flush()
            os.fsync(handle)
        unfinished.replace(path)
        sync(path.parent)
    except OSError as error:
        raise _unwritten(path, error) from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file as `whole_file` does, for this user alone, where none is yet.

    Raises:
        ConfigError: if something of that name is there; it is untouched.
        StoreError: if the disk cannot do it.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # its place, which nobody else takes now
    except FileExistsError as error:
        message = "is there already, and is not overwritten: choose another name, or delete it first"
        raise ConfigError.of(str(path), "exists", message) from error
    except OSError as error:
        raise _unwritten(path, error) from error
    try:
        with whole_file(path) as file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _unwritten(path: Path, error: OSError) -> StoreError:
    return StoreError(f"writing {path.name}: {error.strerror or type(error).__name__}")
