"""The usage of accounts, shared by all processes of one user."""

import errno
import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from td_line_connectors.errors import ConfigError, ConnectorError, StoreError
from td_line_connectors.storage.file_lock import FileLock
from td_line_connectors.storage.private import sync
from td_line_connectors.transport.quota import Flight, Start, Usage
from td_line_connectors.transport.quota_store import AccountBook

__all__ = ["QuotaFolder", "user_quota_folder"]

VARIABLE: Final = "XDG_STATE_HOME"
NOT_OURS: Final = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOENT, errno.ELOOP}
)
NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL})


def user_quota_folder(environ: Mapping[str, str]) -> Path:
    """Give the folder that all processes of this user share: `td-line/quota` in the user's state folder.

    Args:
        environ: the environment. `XDG_STATE_HOME` names the state folder, by an absolute path; else it is
            `~/.local/state` (XDG Base Directory Specification 0.8).

    Raises:
        ConfigError: if neither that variable nor the user's home is known.
    """
    state = Path(environ.get(VARIABLE, ""))
    if not state.is_absolute():
        home = Path(environ.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111 - Path's own raises without a home
        if not home.is_absolute():
            message = "must name a folder, for this user has no home to keep the accounts' quota in"
            raise ConfigError.of(VARIABLE, "not_given", message)
        state = home / ".local" / "state"
    return state / "td-line" / "quota"


@dataclass(frozen=True, slots=True)
class QuotaFolder:
    """A `QuotaStore` in a folder: for each account a file that is locked and a file that holds the usage.

    The lease is the lock: it ends with its process. The usage is written anew each time, under a name of its own, and
    moved into place. What cannot be read counts as a full window, and is written anew. A deleted folder has forgotten
    everything. On a network file system it serves if that one's locks do.

    Attributes:
        folder: made (0700) when it is needed, on a local disk for best.
    """

    folder: Path

    def acquire(self, account: str, holder: str) -> AccountBook | str:
        """See `QuotaStore.acquire`."""
        name = hashlib.sha256(account.encode(errors="surrogatepass")).hexdigest()  # any text becomes a file's name
        try:
            lock = FileLock.take(self.folder / f"{name}.lock", holder)
        except OSError as error:
            raise self._translated(error) from error
        except StoreError as error:
            raise (self._translated(error.__cause__) if isinstance(error.__cause__, OSError) else error) from error
        return lock if isinstance(lock, str) else _FileBook(self.folder / f"{name}.json", lock)

    def _translated(self, error: OSError) -> ConnectorError:
        """Sort an error by who must act: whoever set this up, or whoever looks after the disk."""
        if error.errno in NOT_OURS:
            rule = f"the accounts' quota is kept there; give this user the right to write there, or set {VARIABLE}"
        elif error.errno in NO_LOCKS:
            rule = f"the file system knows no locks, by which processes share a quota; set {VARIABLE} to a local folder"
        else:
            return StoreError(f"taking the account's lease: {error.strerror}")
        return ConfigError.of(str(self.folder), "quota_folder", f"{error.strerror}: {rule}")


@dataclass(frozen=True, slots=True, eq=False)
class _FileBook:
    """An account's file, behind its lock."""

    file: Path
    lock: FileLock

    def read(self) -> Usage | None:
        try:
            return _from_json(json.loads(self.file.read_bytes()))
        except FileNotFoundError:
            return Usage()
        except OSError as error:
            raise StoreError(f"reading the account's usage: {error.strerror}") from error
        except (ValueError, TypeError, LookupError, OverflowError, RecursionError):
            return None

    def write(self, usage: Usage, *, durable: bool = True) -> None:
        unfinished = self.file.with_suffix(".new")
        content = json.dumps(_to_json(usage), separators=(",", ":")).encode()
        try:
            with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as stream:
                os.fchmod(stream.fileno(), 0o600)  # a umask may have taken even that away
                stream.write(content)
                stream.flush()
                if durable:
                    os.fsync(stream.fileno())
            unfinished.replace(self.file)
            if durable:
                sync(self.file.parent)
        except OSError as error:
            raise StoreError(f"writing the account's usage: {error.strerror}") from error

    def close(self) -> None:
        self.lock.release()


def _to_json(usage: Usage) -> Mapping[str, object]:
    flight = usage.flight and [usage.flight.holder, usage.flight.since, usage.flight.ticket]
    return {"starts": [[each.started_at, each.answered_at] for each in usage.starts], "flight": flight}


def _from_json(value: Any) -> Usage:  # noqa: ANN401 - JSON of any shape: what is not ours raises what `read` knows
    starts = [Start(_moment(began), None if came is None else _moment(came)) for began, came in value["starts"]]
    if value["flight"] is None:
        return Usage(tuple(starts))
    holder, since, ticket = value["flight"]
    return Usage(tuple(starts), Flight(_text(holder), _moment(since), None if ticket is None else _text(ticket)))


def _moment(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TypeError("no moment")
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
