"""What does this text file say?"""

import os
from pathlib import Path

from td_line_connectors.errors import ConfigError
from td_line_connectors.settings.node import Mark

__all__ = ["read_text"]


def read_text(path: Path, name: str) -> str:
    """Read a file of UTF-8 text; a byte order mark at its beginning is no part of it.

    Args:
        path: the file.
        name: what messages call it.

    Raises:
        ConfigError: if it cannot be read, or holds other bytes than UTF-8.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError.of(name, "not_found", "there is no such file", where=name) from None
    except IsADirectoryError:
        raise ConfigError.of(name, "unreadable", "this is a folder, not a file", where=name) from None
    except OSError as error:
        message = f"reading it: {os.strerror(error.errno) if error.errno else 'the system gives no reason'}"
        raise ConfigError.of(name, "unreadable", message, where=name) from error
    except ValueError:  # a NUL in the path
        raise ConfigError.of(name, "not_found", "this is no name of a file", where=name) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # `from None`: the error would carry the whole file, secrets included
        before = content[: error.start].decode("utf-8-sig", "replace")
        at = Mark.in_text(name, before, len(before))
        message = "a byte that is not UTF-8: save the file as UTF-8"
        raise ConfigError.of(name, "encoding", message, where=str(at)) from None
