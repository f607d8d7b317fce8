"""What does a table look like on a terminal?"""

from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from td_line_connectors.cli.text import plain, safe

__all__ = ["drawn_table"]

LONGEST_UNBROKEN: Final = 32
"""Places that the first column gets before the others: mostly it names the row."""


def drawn_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Draw a table as wide as the terminal, or as COLUMNS says; NO_COLOR is honoured.

    Args:
        headings: the columns' names; plain text, never markup.
        rows: the values; the same.
    """
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    texts = [[safe(plain(cell)) for cell in row] for row in rows]
    names = [cell_len(row[0]) for row in texts if row]
    for place, heading in enumerate(headings):
        width = None if place else min(LONGEST_UNBROKEN, max(names, default=0))
        table.add_column(Text(safe(heading)), overflow="fold", min_width=width)
    for row in texts:
        table.add_row(*map(Text, row))
    console = Console(file=StringIO(), force_terminal=True)
    with console.capture() as drawn:
        console.print(table)
    return drawn.get()
