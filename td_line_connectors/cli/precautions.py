"""What must hold before anything is sent?"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Final

import click

from td_line_connectors.guards import Guards, read_max_invalid, read_max_shrink
from td_line_connectors.issues import InvalidValueError

__all__ = ["NONE_SAID", "Precautions", "with_precautions"]


@dataclass(frozen=True, slots=True)
class Precautions:
    """What was said of them on the command line.

    Attributes:
        plan: whether nothing may be sent at all.
        max_invalid: a guard's text, known to be right; None where it was not given.
        max_shrink: the same.
    """

    plan: bool = False
    max_invalid: str | None = None
    max_shrink: str | None = None

    def guards(self, default: Guards) -> Guards:
        """Give the guards: what was said here wins over the project's."""
        guards = default
        if self.max_invalid is not None:
            guards = replace(guards, max_invalid=read_max_invalid(self.max_invalid))
        if self.max_shrink is not None:
            guards = replace(guards, max_shrink=read_max_shrink(self.max_shrink))
        return guards


NONE_SAID: Final = Precautions()
"""A run as the project has it."""


def _seen_by(read: Callable[[str], object]) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    """Give click's callback that looks whether a guard's text can be read, and leaves it as it is."""

    def see(context: click.Context, option: click.Parameter, text: str | None) -> str | None:
        try:
            if text is not None:
                read(text)
        except InvalidValueError as error:
            raise click.BadParameter(str(error), context, option) from error
        return text

    return see


OPTIONS: Final = (
    click.option("--plan", is_flag=True, help="Read and check every row, send nothing, and say what would be done."),
    click.option(
        "--max-invalid",
        metavar="N|P%",
        callback=_seen_by(read_max_invalid),
        help="Send nothing where more rows are invalid: 500, or 2% of those read; none for any number.",
    ),
    click.option(
        "--max-shrink",
        metavar="P%",
        callback=_seen_by(read_max_shrink),
        help="Send nothing where a segment would lose more of its members: 30%; none for any number.",
    ),
)


def with_precautions(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command these options; it is called with what they say as `precautions`."""

    @wraps(command)
    def careful(
        *arguments: object, plan: bool, max_invalid: str | None, max_shrink: str | None, **options: object
    ) -> int:
        return command(*arguments, precautions=Precautions(plan, max_invalid, max_shrink), **options)

    for option in reversed(OPTIONS):
        careful = option(careful)
    return careful
