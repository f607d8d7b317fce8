"""Tell a program or an address of the operator's own that a run has ended."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from td_line_connectors.errors import ConnectorError
from td_line_connectors.project.notification import Notification
from td_line_connectors.settings.secrets import VARIABLES, Secrets
from td_line_connectors.spi import Runtime
from td_line_connectors.transport.posting import post_document

__all__ = ["PATIENCE", "notify"]

PATIENCE: Final = 30.0
"""Seconds that the program has; the address has about as many."""

TRY: Final = PATIENCE / 3
"""Seconds of a try to reach the address."""

LAST_WORDS: Final = 1.0
"""Seconds after the program's end in which its last lines are waited for: what it has left running may hold them up."""

LONGEST_LINE: Final = 10_000
"""Bytes of a line that are shown together."""


def notify(
    notification: Notification,
    document: bytes,
    secrets: Secrets,
    folder: Path,
    runtime: Runtime,
    *,
    hear: Callable[[str], None],
    patience: float = PATIENCE,
) -> list[str]:
    """Give a document to whoever is to be told.

    Args:
        notification: who that is.
        document: JSON in UTF-8.
        secrets: the project's.
        folder: where the program runs.
        runtime: the outside world.
        hear: is given each line that the program writes on standard error; a thread calls it.
        patience: seconds after which the program is killed.

    Returns:
        what went wrong, in sentences without a secret; nothing where all were told.
    """
    problems = []
    if notification.command:
        problems += [_run(notification.command, document, folder, hear, patience)]
    try:
        address = notification.address(secrets)
        if address:
            post_document(
                address.url,
                address.headers,
                document,
                timeout=TRY,
                sleep=runtime.sleep,
                monotonic=runtime.monotonic,
                random=runtime.random,
                now=runtime.now,
            )
    except ConnectorError as error:
        problems += [f"notify: url: {error}"]
    except KeyboardInterrupt:
        problems += ["notify: url: was stopped by a signal"]
    return [each for each in problems if each]


def _run(command: Sequence[str], document: bytes, folder: Path, hear: Callable[[str], None], patience: float) -> str:
    """Run a program with the document on its standard input; say what went wrong, or nothing.

    What it prints on standard output is dropped. It and all that it has started end when its time is up.
    """
    named = f"notify: command: {command[0]}"
    with _heard(hear) as ear:
        try:
            process = subprocess.Popen(  # noqa: S603 - the operator's own, of the project file; no shell reads it
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=ear,
                cwd=folder,
                env=_without_secrets(os.environ),
                start_new_session=True,
            )
        except OSError as error:
            return f"{named}: {error.strerror}"
        return _attend(process, named, document, patience)


@contextmanager
def _heard(hear: Callable[[str], None]) -> Iterator[int]:
    """Give a pipe's end to write into, for the length of the block; each line that comes out of it is heard."""
    out_of, into = os.pipe()

    def listen() -> None:
        with os.fdopen(out_of, "rb") as lines:
            while line := lines.readline(LONGEST_LINE):
                hear(line.decode(errors="replace").rstrip("\n"))

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    try:
        yield into
    finally:
        os.close(into)
        listening.join(LAST_WORDS)


def _attend(process: "subprocess.Popen[bytes]", named: str, document: bytes, patience: float) -> str:
    """Give a program its document, and see it to its end; say what went wrong, or nothing."""
    try:
        process.communicate(document, timeout=patience)
    except subprocess.TimeoutExpired:
        return f"{named}: was not done within {patience:g} s, and was killed"
    except KeyboardInterrupt:
        return f"{named}: was stopped by a signal"
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return f"{named}: ended with {_code(process.returncode)}" if process.returncode else ""


def _code(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """Give the environment without the project's secrets: they are for the far sides."""
    return {name: value for name, value in environ.items() if not name.startswith(VARIABLES)}
