"""How is a run watched while it goes?"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from td_line_connectors.cli.log_lines import LogLines
from td_line_connectors.cli.output import Output
from td_line_connectors.cli.pace import Pace
from td_line_connectors.cli.text import safe
from td_line_connectors.engine.events import Event, Observer, unobserved

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["drawing", "watching"]

DRAWN_PER_SECOND: Final = 4
BAR_WIDTH: Final = 30


def _utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def watching(
    output: Output,
    log_format: str | None = None,
    *,
    now: Callable[[], datetime] = _utc_now,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Observer]:
    """Give the observer that suits standard error, for the length of the block.

    Args:
        output: the command's.
        log_format: `text` or `json` for log lines; None for a progress bar, which a person at a terminal sees alone.
        now: the wall clock, aware of its zone.
        monotonic: a clock in seconds that never jumps.
    """
    if log_format is not None:
        yield LogLines(output, log_format, now)
    elif output.watched:
        with drawing(output, monotonic) as observer:
            yield observer
    else:
        yield unobserved


@contextmanager
def drawing(output: Output, monotonic: Callable[[], float]) -> Iterator[Observer]:
    """Draw a progress bar on standard error for the length of the block; afterwards it is gone.

    Args:
        output: the command's.
        monotonic: a clock in seconds that never jumps.
    """
    from rich.console import Console  # noqa: PLC0415 - rich is for terminals only
    from rich.live import Live  # noqa: PLC0415 - the same

    pace = Pace(monotonic())
    with Live(
        console=Console(file=output.err, force_terminal=True),
        get_renderable=lambda: _picture(pace, monotonic()),
        refresh_per_second=DRAWN_PER_SECOND,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ):

        def observe(event: Event) -> None:
            pace.observe(event, monotonic())

        yield observe


def _picture(pace: Pace, at: float) -> "RenderableType":
    """Draw the bar, the sentence beside it and, on a line below, what is waited for."""
    from rich.console import Group  # noqa: PLC0415 - rich is for terminals only
    from rich.progress_bar import ProgressBar  # noqa: PLC0415 - the same
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    done = pace.done()
    line = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=None if done is None else 1.0, completed=done or 0.0, width=BAR_WIDTH, animation_time=at)
    line.add_row(bar, Text(safe(pace.sentence(at))))
    waiting = pace.waiting(at)
    return Group(line, Text(safe(waiting))) if waiting else line
