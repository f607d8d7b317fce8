"""What does a table look like on a terminal?"""

from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from td_line_connectors.cli.text import plain, safe

__all__ = ["drawn_line", "drawn_table", "laid_out"]

UNLIMITED: Final = 100_000
"""Places of a terminal on which every table fits."""

LONGEST_UNBROKEN: Final = 32
"""Places that the first column gets before the others: mostly it names the row."""


def drawn_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, may_turn: bool = False) -> str:
    """Draw a table as wide as the terminal, or as COLUMNS says; NO_COLOR is honoured.

    Args:
        headings: the columns' names; plain text, never markup.
        rows: the values; the same.
        may_turn: whether a table too wide for the terminal stands on its side: a line for each column.
    """
    console = Console(file=StringIO(), force_terminal=True)
    with console.capture() as drawn:
        console.print(laid_out(headings, rows, console, may_turn=may_turn))
    return drawn.get()


def laid_out(headings: Sequence[str], rows: Iterable[Sequence[object]], console: Console, *, may_turn: bool) -> Table:
    """Lay a table out for a console, as `drawn_table` draws it."""
    lines = [[safe(plain(cell)) for cell in line] for line in (headings, *rows)]
    table = _table(lines)
    if may_turn and console.measure(table, options=console.options.update(width=UNLIMITED)).maximum > console.width:
        table = _table(list(zip(*lines, strict=True)))
    return table


def drawn_line(cells: Sequence[object], widths: Sequence[int]) -> str:
    """Draw one line of a table that grows: each cell padded or cut to its width, the last one to the terminal's end.

    Args:
        cells: the values; plain text, never markup.
        widths: places for each cell but the last.
    """
    texts = [safe(plain(cell)) for cell in cells]
    rest = max(Console(file=StringIO(), force_terminal=True).width - sum(widths) - 2 * len(widths), 1)
    last = texts[-1] if cell_len(texts[-1]) <= rest else set_cell_size(texts[-1], rest - 1) + "…"
    return "  ".join([*(set_cell_size(text, width) for text, width in zip(texts, widths, strict=False)), last]) + "\n"


def _table(lines: Sequence[Sequence[str]]) -> Table:
    """Lay lines out, the headings first."""
    headings, *rows = lines
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    names = [cell_len(row[0]) for row in rows if row]
    for place, heading in enumerate(headings):
        width = None if place else min(LONGEST_UNBROKEN, max(names, default=0))
        table.add_column(Text(heading), overflow="fold", min_width=width)
    for row in rows:
        table.add_row(*map(Text, row))
    return table
