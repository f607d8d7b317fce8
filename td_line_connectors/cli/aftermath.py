"""What follows a run?

The figures of runs are written anew, and whoever is to be told is told. Neither changes how the run ended: what goes
wrong here is a warning, on standard error and in the history.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.log_lines import output_line, warning_line
from td_line_connectors.cli.notifying import notify
from td_line_connectors.cli.text import json_text
from td_line_connectors.errors import ConfigError, ConnectorError, StoreError
from td_line_connectors.project.project import Project
from td_line_connectors.report import RunReport, RunStatus
from td_line_connectors.runs.figures import write_figures
from td_line_connectors.runs.history_store import History
from td_line_connectors.runs.recording import Recording
from td_line_connectors.spi import Runtime

__all__ = ["follow"]

Line = Callable[[str | None, datetime, str | None, str], str]


def follow(invocation: Invocation, report: RunReport) -> None:
    """Do what the project wants done after a run; nothing after a plan.

    A run that could not even begin is told too, unless a person watches at a terminal. Where the project's file cannot
    be read, nobody knows whom to tell.

    Args:
        invocation: how the command was called.
        report: the run's.
    """
    if report.status is RunStatus.PLANNED or (report.run_id is None and invocation.output.watched):
        return
    say = partial(_say, invocation, report.run_id)
    with suppress(ConnectorError):
        project = invocation.project()
        warnings = [*_figures(project), *_told(project, report, partial(say, output_line))]
        if warnings and report.run_id:
            warnings += _recorded(History(project.state), report.run_id, warnings)
        for each in warnings:
            say(warning_line, each)


def _say(invocation: Invocation, run_id: str | None, line: Line, text: str) -> None:
    """Write a line of the log, in its form."""
    invocation.output.say(line(invocation.log_format, datetime.now(UTC), run_id, text))


def _figures(project: Project) -> Iterator[str]:
    """Write the figures; say what went wrong."""
    if project.metrics_textfile:
        try:
            write_figures(project.metrics_textfile, History(project.state), _name(project))
        except StoreError as error:
            yield f"metrics_textfile: {error}"


def _told(project: Project, report: RunReport, hear: Callable[[str], None]) -> Sequence[str]:
    """Tell whoever is to be told; say what went wrong."""
    notification = project.notification
    if notification is None or not (notification.always or report.exit_code):
        return ()
    known = {"project": _name(project), "what": _what(project, report.run_id), **report.to_json()}
    return notify(notification, json_text(known).encode(), project.secrets, project.folder, Runtime(), hear=hear)


def _what(project: Project, run_id: str | None) -> str | None:
    """Give what was run, in words; None where nobody knows."""
    with suppress(ConfigError, StoreError):
        return History(project.state).find(run_id).what if run_id else None
    return None


def _recorded(history: History, run_id: str, warnings: Sequence[str]) -> Iterator[str]:
    """Record warnings; say what went wrong."""
    try:
        with Recording.open(history.path, run_id) as recording:
            recording.run_warned(warnings)
    except StoreError as error:
        yield str(error)


def _name(project: Project) -> str:
    return project.folder.resolve().name
