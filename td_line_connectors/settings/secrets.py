"""Which text does a secret's key stand for?"""

import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.secret import Secret
from td_line_connectors.settings.document import read_document
from td_line_connectors.settings.text import read_text

__all__ = ["VARIABLES", "Secrets", "environment_variable"]

VARIABLES: Final = "TD_LINE_SECRET_"
"""What the name of an environment variable begins with that holds a secret."""

KEY: Final = re.compile(r"[A-Za-z0-9_.-]{1,200}")
ESCAPED: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that JSON writes as they are, and YAML would refuse or fold."""


def environment_variable(key: str) -> str:
    """Give the name of the environment variable that wins over the file: `TD_LINE_SECRET_CRESCENDO_API_TOKEN`."""
    return VARIABLES + key.upper().replace(".", "_").replace("-", "_")


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of a project: from the environment, else from its file. Shows keys, never values.

    Attributes:
        environ: the environment; an empty variable counts as none.
        file: `secrets.yml` in the state folder, a flat mapping of key to text; it need not exist. It is read anew
            each time, so that a process that runs for weeks sees a secret that was set meanwhile.
    """

    environ: Mapping[str, str] = field(repr=False)
    file: Path

    def find(self, key: str) -> Secret | None:
        """Give the secret of that key; None if there is none.

        Raises:
            ConfigError: if the key is no key, or the file cannot be read.
        """
        _check_key(key)
        if text := self.environ.get(environment_variable(key)):
            return Secret(text)
        return self._read().get(key)

    def names(self) -> tuple[str, ...]:
        """Give the keys in the file, sorted. Keys set by the environment alone cannot be told from its variables.

        Raises:
            ConfigError: if the file cannot be read.
        """
        return tuple(sorted(self._read()))

    def set(self, key: str, value: str) -> None:
        """Write a secret into the file: durably, for this user only, keeping what another process writes meanwhile.

        Raises:
            ConfigError: if the key is no key, the value is empty or no Unicode text, or the file cannot be read.
            StoreError: if the file cannot be written; what it held is untouched.
        """
        _check_key(key)
        if not value or any("\ud800" <= character <= "\udfff" for character in value):
            raise ConfigError.of(key, "secret", "the value must be a text that is not empty")
        with self._locked():
            self._write({**self._read(), key: Secret(value)})

    def delete(self, key: str) -> bool:
        """Take a secret out of the file.

        Returns:
            whether it was there.

        Raises:
            ConfigError: if the key is no key, or the file cannot be read.
            StoreError: if the file cannot be written.
        """
        _check_key(key)
        with self._locked():
            kept = self._read()
            found = kept.pop(key, None) is not None
            if found:
                self._write(kept)
        return found

    def _read(self) -> dict[str, Secret]:
        if not os.path.lexists(self.file):
            return {}
        name = self.file.name
        root = read_document(read_text(self.file, name), name).root
        if root.value is not None and not isinstance(root.value, Mapping):
            raise ConfigError([root.issue("type", "must be a mapping of `key: text`")])
        issues: list[ValidationIssue] = []
        for key, node in root.items.items():
            if not KEY.fullmatch(key):
                where = str(node.key_at or node.at)  # the key is not shown: it may be a secret on a line of its own
                issues.append(ValidationIssue(name, "key", "a key consists of letters, digits, `_ . -`", where=where))
            elif not isinstance(node.value, str) or not node.value:
                said = node.blank if node.commented else "must be a text: put it in quotes"
                issues.append(node.key_issue("type", f"{said}, or use `td-line secrets set`"))
        if issues:
            raise ConfigError(issues)
        return {key: Secret(str(node.value)) for key, node in root.items.items()}

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one writer in at a time, in a folder that is this user's alone."""
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.file.parent.chmod(0o700)
            lock = _lock(self.file.with_suffix(".lock"))
        except OSError as error:
            raise _store_error(self.file, error) from error
        try:
            yield
        finally:
            os.close(lock)

    def _write(self, secrets: Mapping[str, Secret]) -> None:
        """Put a new file in the place of the old one, or leave the old one as it is."""
        lines = "".join(f"{_quoted(key)}: {_quoted(secrets[key].reveal())}\n" for key in sorted(secrets))
        try:
            _replace(self.file, lines.encode())
        except OSError as error:
            raise _store_error(self.file, error) from error


def _lock(file: Path) -> int:
    """Wait until no other process holds the lock, and give the handle that holds it until it is closed."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(handle, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _replace(file: Path, content: bytes) -> None:
    """Write a file durably under a temporary name, then move it into place."""
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            os.fchmod(handle, 0o600)  # a umask may have taken even that away
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _quoted(text: str) -> str:
    """Write a text as YAML reads it back exactly: in double quotes, as JSON does, a few characters escaped."""
    return ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def _check_key(key: str) -> None:
    if not KEY.fullmatch(key):
        raise ConfigError.of("secret", "key", "a key consists of 1 to 200 letters, digits, `_`, `.` and `-`")


def _store_error(file: Path, error: OSError) -> StoreError:
    return StoreError(f"writing {file.name}: {os.strerror(error.errno) if error.errno else type(error).__name__}")
