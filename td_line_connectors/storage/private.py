"""Files that only this user may read."""

import os
from contextlib import suppress
from pathlib import Path

from td_line_connectors.errors import StoreError

__all__ = ["make_private_file", "make_private_folder", "sync"]


def make_private_file(path: Path) -> None:
    """Make an empty file (0600) and the missing folders above it (0700), whatever the umask; one that exists stays.

    Raises:
        StoreError: the disk could not do it, or this user may not.
    """
    make_private_folder(path.parent)
    try:
        with suppress(FileExistsError):
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
            os.fchmod(descriptor, 0o600)
            os.close(descriptor)
            sync(path.parent)
    except OSError as error:
        raise StoreError(f"making {path.name}: {error.strerror}") from error


def make_private_folder(path: Path) -> None:
    """Make a folder and the missing ones above it (0700), whatever the umask; one that exists stays as it is.

    Raises:
        StoreError: the disk could not do it, or this user may not.
    """
    try:
        for folder in [each for each in (*reversed(path.parents), path) if not each.exists()]:
            with suppress(FileExistsError):  # another process was faster, and gives the mode
                folder.mkdir(mode=0o700)
                folder.chmod(0o700)
    except OSError as error:
        raise StoreError(f"making the folder {path.name}: {error.strerror}") from error


def sync(path: Path) -> None:
    """Wait until a file, or a folder's entries, are on the disk: a file without an entry is lost.

    Raises:
        OSError: if the disk cannot do it.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
