"""How do a run's outcomes look on a terminal?"""

from collections.abc import Iterable, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Final

from rich.bar import Bar
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from td_line_connectors.cli.drawing import laid_out
from td_line_connectors.report import RowCounts, RowOutcome

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["drawn_with_chart"]

COLOURS: Final = {
    RowOutcome.WRITTEN: "green",
    RowOutcome.MISMATCHED: "blue",
    RowOutcome.INVALID: "red",
    RowOutcome.MERGED: "cyan",
    RowOutcome.REJECTED: "red",
    RowOutcome.UNSETTLED: "yellow",
}
"""For the eye alone: each bar has its name and number."""

LONGEST_BAR: Final = 40
SHORTEST_BAR: Final = 8
BETWEEN: Final = 4
"""Places between the table and the chart beside it."""


def drawn_with_chart(headings: Sequence[str], rows: Iterable[Sequence[object]], counts: RowCounts) -> str:
    """Draw a table as `drawing.drawn_table` does, and a bar for each outcome: beside it, or below where it is too wide.

    Args:
        headings: the columns' names.
        rows: the values.
        counts: the rows by outcome. No rows, or no place for bars: no chart.
    """
    console = Console(file=StringIO(), force_terminal=True)
    table = laid_out(headings, rows, console, may_turn=True)
    width = console.measure(table).maximum
    beside = _chart(counts, console.width - width - BETWEEN)
    below = None if beside else _chart(counts, console.width)
    with console.capture() as drawn:
        if beside:
            both = Table.grid(padding=(0, BETWEEN, 0, 0))
            both.add_row(table, Padding(beside, (1, 0)))
            console.print(both)
        else:
            console.print(table)
        if below:
            console.print(below)
    return drawn.get()


def _chart(counts: RowCounts, width: int) -> "RenderableType | None":
    """Draw the bars as wide as there is place; None where there is too little, or nothing to draw."""
    known = [(outcome, getattr(counts, outcome.value)) for outcome in RowOutcome]
    shown = [(outcome, number, f"{number:,}", f"{number / counts.read:.1%}") for outcome, number in known if number]
    if not shown:
        return None
    texts = zip(*((outcome.value, words, share) for outcome, _, words, share in shown), strict=True)
    longest = min(LONGEST_BAR, width - sum(max(map(len, each)) + 1 for each in texts))
    if longest < SHORTEST_BAR:
        return None
    grid = Table.grid(padding=(0, 1))
    for side in ("left", "right", "right"):
        grid.add_column(justify=side, no_wrap=True)
    for outcome, number, words, share in shown:
        bar = Bar(counts.read, 0, number, width=longest, color=COLOURS[outcome])
        grid.add_row(Text(outcome.value), Text(words), Text(share), bar)
    return grid
