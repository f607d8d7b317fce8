"""How does a session run?

As a process of its own, so that whatever becomes of one workflow leaves the scheduler and the others alone.
"""

import json
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final, Protocol

from td_line_connectors.errors import StoreError
from td_line_connectors.scheduling.standing import SIGNALS

__all__ = ["Child", "ChildEnded", "Launch", "ProcessLauncher", "Told"]

LAST_WORDS: Final = 2.0
"""Seconds after a session's end in which its last lines are waited for."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What is to run.

    Attributes:
        workflow: the workflow's file, seen from the project's folder.
        path: that file.
        session: the session's time.
        run_id: the name that its run gets.
    """

    workflow: str
    path: Path
    session: datetime
    run_id: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a run's JSON report says, as far as a line about it needs.

    Attributes:
        rows: rows by outcome, of all tasks together.
        error: what ended it early; None where nothing did.
    """

    rows: Mapping[str, int]
    error: str | None


@dataclass(frozen=True, slots=True)
class ChildEnded:
    """That a session's process has ended.

    Attributes:
        launch: what ran.
        exit_code: how it ended; 128 and more for the signal that ended it.
        told: its report; None where it gave none.
    """

    launch: Launch
    exit_code: int
    told: Told | None


class Child(Protocol):
    """A session's process."""

    def terminate(self) -> None:
        """Ask it to stop: it reports what it did, and can be resumed."""

    def kill(self) -> None:
        """Stop it, whatever it does; it can be resumed."""


@dataclass(frozen=True, slots=True)
class ProcessLauncher:
    """Starts sessions as processes.

    Attributes:
        command: what to execute for a launch, its arguments included; it prints its report as JSON.
        hear: is given each line that a session writes on standard error; threads call it.
    """

    command: Callable[[Launch], Sequence[str]]
    hear: Callable[[Launch, str], None]

    def start(self, launch: Launch, done: Callable[[ChildEnded], None]) -> Child:
        """Start a session.

        Args:
            launch: what is to run.
            done: is called once when it has ended, by another thread.

        Raises:
            StoreError: the system could not start a process.
        """
        try:
            process = subprocess.Popen(  # noqa: S603 - our own command, without a shell
                self.command(launch),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # Ctrl-C at the terminal is the scheduler's to judge
            )
        except OSError as error:
            raise StoreError(f"starting a process for {launch.workflow}: {error.strerror}") from error
        threading.Thread(target=self._attend, args=(process, launch, done), daemon=True).start()
        return process

    def _attend(self, process: "subprocess.Popen[str]", launch: Launch, done: Callable[[ChildEnded], None]) -> None:
        assert process.stdout is not None, "a pipe"
        assert process.stderr is not None, "a pipe"
        hearing = threading.Thread(target=self._hear, args=(process.stderr, launch), daemon=True)
        hearing.start()
        with process.stdout:
            document = process.stdout.read()
        code = process.wait()
        hearing.join(LAST_WORDS)  # what the session has left running, such as a hook's own child, may hold the pipe
        done(ChildEnded(launch, code if code >= 0 else SIGNALS - code, _told(document)))

    def _hear(self, lines: IO[str], launch: Launch) -> None:
        with lines:
            for line in lines:
                self.hear(launch, line.rstrip("\n"))


def _told(document: str) -> Told | None:
    """Read what `run --json` printed: a report, or why there is none. Anything else tells nothing."""
    try:
        report = json.loads(document)
        tasks = report.get("tasks", [])
        rows: Counter[str] = Counter()
        for task in tasks:
            rows.update(task["rows"])
        errors = [each["error"]["message"] for each in (report, *tasks) if each.get("error")]
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return Told(dict(rows), errors[0] if errors else None)
