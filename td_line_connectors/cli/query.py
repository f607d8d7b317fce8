"""What does this SQL find?"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

import click

from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.output import Output
from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.rows import Result

__all__ = ["query"]

ROWS_DRAWN: Final = 1_000
"""Rows in a drawn table where `--limit` says nothing: its widths are known when the last row is."""

HELD_IN_MEMORY: Final = 4 * 1024 * 1024
COPIED_AT_A_TIME: Final = 256 * 1024


@click.command(cls=Command)
@click.argument("database", metavar="DB")
@click.argument("sql", metavar="SQL")
@click.option("--limit", metavar="N", type=click.IntRange(min=0), help="Print at most so many rows.")
@click.pass_obj
def query(invocation: Invocation, database: str, sql: str, *, limit: int | None) -> None:
    """Run SQL that reads, and print its rows.

    On a terminal they are drawn as a table; elsewhere each is a line, its cells separated by tabs, the columns' names
    first. With --json: an array of objects, exact to the last character.
    """
    output, databases = invocation.output, invocation.databases()
    with closing(databases.query(database, sql)) as result:
        if output.as_json:
            _print_json(output, result, limit, databases.folder)
        elif output.on_terminal and limit is None:
            _draw(output, result)
        else:
            output.table(result.columns, islice(result.rows, limit), header=True)


def _draw(output: Output, result: Result) -> None:
    rows = iter(result.rows)
    output.table(result.columns, islice(rows, ROWS_DRAWN))
    if next(rows, None) is not None:
        output.say(f"These are the first {ROWS_DRAWN:,} rows; --limit N shows more.")


def _print_json(output: Output, result: Result, limit: int | None, folder: Path) -> None:
    """Print an array of objects in constant memory.

    It is held back, on disk where it is large, until the last row has come: so a query that fails half-way prints
    its error and nothing else.
    """
    if twice := sorted({name for name in result.columns if result.columns.count(name) > 1}):
        rule = f"two columns are called {', '.join(twice)}: a JSON object has a name once; rename one with AS"
        raise ConfigError.of("query", "columns", rule)
    with tempfile.SpooledTemporaryFile(
        HELD_IN_MEMORY, mode="w+", encoding="utf-8", newline="", dir=str(folder)
    ) as held:
        try:
            for piece in _array(output, result.columns, islice(result.rows, limit)):
                held.write(piece)
            held.seek(0)
        except OSError as error:
            raise StoreError(f"keeping the result until its end: {error.strerror}") from error
        while piece := held.read(COPIED_AT_A_TIME):
            output.write(piece)


def _array(output: Output, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Write a JSON array, an object a line."""
    before = "["
    for row in rows:
        yield before + output.json_text(dict(zip(columns, row, strict=True)))
        before = ",\n"
    yield "[]\n" if before == "[" else "]\n"
