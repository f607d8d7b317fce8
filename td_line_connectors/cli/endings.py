"""With which code and which words does the command line end?"""

import os
import signal
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Final

import click

from td_line_connectors.cli.groups import asks_for_json, asks_for_json_log
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.output import Output
from td_line_connectors.cli.text import json_text
from td_line_connectors.errors import ConfigError, ConnectorError, DataError, RunFailedError, TerminatedError
from td_line_connectors.issues import ValidationIssue

__all__ = ["Ending", "carry_out", "ending_of"]

PROGRAM: Final = "td-line"
DEBUG: Final = "TD_LINE_DEBUG"
ADVICE: Final = f" With {DEBUG}=1 in the environment the whole traceback is shown."


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command ended that did not succeed.

    Attributes:
        code: the exit code.
        kind: `internal`, `config`, `data`, `unreachable`, `refused` or `signal`.
        message: a sentence, or several, one a line, for the person who must act.
        issues: the same one by one, where there are several things to mend.
        document: what JSON says instead of all this; None for the usual error document.
    """

    code: int
    kind: str
    message: str
    issues: Sequence[ValidationIssue] = ()
    document: object = None

    def to_json(self) -> object:
        """Give the one JSON document."""
        if self.document is not None:
            return self.document
        issues = [
            {"where": _where(each), "field": each.field, "code": each.code, "message": each.message}
            for each in self.issues
        ]
        return {"error": {"kind": self.kind, "message": self.message, "issues": issues}}

    def log_line(self, now: datetime) -> str:
        """Give the ending as a line of a log in JSON."""
        time = now.isoformat(timespec="seconds").replace("+00:00", "Z")
        known = {"kind": self.kind, "message": self.message, "exit_code": self.code}
        return json_text({"time": time, "event": "error", **known})


def carry_out(arguments: Sequence[str], output: Output | None = None) -> int:
    """Do what the arguments say, and see to it that every end has its exit code and its words.

    Args:
        arguments: without the program's name.
        output: where to print; None for the process's own streams.

    Returns:
        the exit code: of the command, or of what ended it.
    """
    output = output or Output(as_json=asks_for_json(arguments))
    try:
        with _terminable():
            code = _invoke(arguments, output)
            output.flush()
    except BrokenPipeError:  # whoever read the result has had enough of it
        output.abandon()
        return 0
    except BaseException as error:  # noqa: BLE001 - the one place where every exception becomes an exit code
        return _tell(error, output, log_in_json=asks_for_json_log(arguments))
    return code


def _invoke(arguments: Sequence[str], output: Output) -> int:
    from td_line_connectors.cli.app import app  # noqa: PLC0415 - here, so that Ctrl-C while it loads is an end as others

    try:
        with app.make_context(PROGRAM, list(arguments), obj=Invocation(output=output)) as context:
            code: Any = app.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    return code if isinstance(code, int) else 0


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does. Only a process's main thread hears signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise TerminatedError


def _tell(error: BaseException, output: Output, *, log_in_json: bool) -> int:
    """Print how it ended, in the form that was asked for, and give the exit code."""
    ending = ending_of(error)
    said = ending.log_line(datetime.now(UTC)) if log_in_json else ending.message
    if os.environ.get(DEBUG):
        output.say("".join(traceback.format_exception(error)))
    try:
        if output.as_json and not output.begun:
            output.document(ending.to_json())
        else:
            output.say(said)
        output.flush()
    except (OSError, ConnectorError):
        output.say(said)
        output.abandon()
    return ending.code


def ending_of(error: BaseException) -> Ending:
    """Give the exit code and the words for an exception; none of them is a person's data or a secret."""
    if isinstance(error, ConnectorError):
        return _deliberate(error)
    if isinstance(error, click.ClickException):
        return Ending(2, "config", _usage(error))
    if isinstance(error, TerminatedError):
        return Ending(143, "signal", "Stopped by SIGTERM.")
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return Ending(130, "signal", "Stopped by Ctrl-C.")
    if isinstance(error, OSError) and error.errno:
        return Ending(1, "internal", f"The system said: {os.strerror(error.errno)}{_place(error)}.{ADVICE}")
    return Ending(1, "internal", f"An internal error: {type(error).__name__}{_place(error)}. Please report it.{ADVICE}")


def _deliberate(error: ConnectorError) -> Ending:
    match error:
        case RunFailedError():
            first = error.report.first_error or error.reported()
            return Ending(error.report.exit_code or 1, first.kind, str(error), document=error.report.to_json())
        case ConfigError() | DataError():
            return Ending(error.exit_code, error.kind, str(error), error.issues)
        case _:
            message = "\n".join([str(error), *getattr(error, "__notes__", ())])
            return Ending(error.exit_code, error.kind, message)


def _usage(error: click.ClickException) -> str:
    message = error.format_message()
    context = getattr(error, "ctx", None)
    return f"{message}\n`{context.command_path} --help` shows how it is used." if context else message


def _place(error: BaseException) -> str:
    """Say where the error arose: a file's name and line, never a value."""
    frames = traceback.extract_tb(error.__traceback__)
    return f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _where(issue: ValidationIssue) -> str | None:
    return issue.where or (f"row {issue.row}" if issue.row else None)
