"""For which session is a run?"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Final

import click

from td_line_connectors.cli.running import new_session
from td_line_connectors.issues import InvalidValueError
from td_line_connectors.workflow.session import Session, read_session_time, session_at

__all__ = ["Occasion", "with_occasion"]

RUN_ID: Final = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What was said of it on the command line.

    Attributes:
        session_time: the session's; None for a session of its own, at this moment.
        run_id: the run's name; None for a new one.
    """

    session_time: datetime | None = None
    run_id: str | None = None

    def session(self, file: Path) -> Session:
        """Give the session of a workflow file."""
        return session_at(self.session_time, file) if self.session_time else new_session()


def _time(context: click.Context, option: click.Parameter, text: str | None) -> datetime | None:
    try:
        return None if text is None else read_session_time(text)
    except InvalidValueError as error:
        raise click.BadParameter(str(error), context, option) from error


def _run_id(context: click.Context, option: click.Parameter, text: str | None) -> str | None:
    if text is not None and not RUN_ID.fullmatch(text):
        raise click.BadParameter("must be as 20261121T073000-4f09c2", context, option)
    return text


OPTIONS: Final = (
    click.option(
        "--session",
        "session_time",
        metavar="TIME",
        callback=_time,
        help="Run it as if for this session: 2026-11-21T00:00:00+08:00. Without it: for one of its own, now.",
    ),
    click.option("--run-id", metavar="ID", callback=_run_id, hidden=True, help="The run's name; a scheduler gives it."),
)


def with_occasion(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command these options; it is called with what they say as `occasion`."""

    @wraps(command)
    def on_occasion(*arguments: object, session_time: datetime | None, run_id: str | None, **options: object) -> int:
        return command(*arguments, occasion=Occasion(session_time, run_id), **options)

    for option in reversed(OPTIONS):
        on_occasion = option(on_occasion)
    return on_occasion
