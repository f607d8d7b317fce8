"""The rejects as a file that a spreadsheet opens."""

import csv
from codecs import getwriter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from td_line_connectors.runs.mended import ISSUES, OUTCOME, ROWS, folded, look_at
from td_line_connectors.runs.rejects import read_rejects
from td_line_connectors.runs.spreadsheet import GUARD, cell_of
from td_line_connectors.storage.whole_file import new_file

__all__ = ["write_sheet"]

MOST_NUMBERS: Final = 100
"""Rows of one record whose numbers are all told; a cell holds 32,767 characters."""


def write_sheet(path: Path, rejects: Path) -> int:
    """Write a rejects file as CSV: UTF-8 with a byte order mark, for this user alone; `runs.mended` reads it back.

    A record has a line, with the numbers of all rows that were merged into it, the outcome, the reasons, and a cell for
    each of its columns. See `runs.spreadsheet` for what stands in a cell.

    Args:
        path: the file to make; none may be there.
        rejects: the file as `runs.rejects` writes it.

    Returns:
        so many lines, the header aside.

    Raises:
        ConfigError: if there is such a file.
        StoreError: if the disk cannot do it, or the rejects are not as they were written.
    """
    mended = look_at(rejects)
    with new_file(path) as file:
        writer = csv.writer(getwriter("utf-8-sig")(file, "backslashreplace"))
        writer.writerow([ROWS, OUTCOME, ISSUES, *map(_heading, mended.columns)])
        writer.writerows(_cells(line, mended.columns) for line in read_rejects(rejects))
    return mended.total


def _heading(column: str) -> str:
    """Give a column's name; one that looks like those of ours is guarded too."""
    return f"{GUARD}{column}" if column.startswith("#") else cell_of(column)


def _cells(line: Mapping[str, Any], columns: Sequence[str]) -> list[str]:
    record = folded(line["record"])
    reasons = "; ".join(f"{issue['field']}: {issue['message']}" for issue in line["issues"])
    values = (record.get(column) for column in columns)
    return [_numbers(line["rows"]), line["outcome"], cell_of(reasons), *map(cell_of, values)]


def _numbers(rows: Sequence[int]) -> str:
    """Give the rows' numbers, so that no spreadsheet takes them for one number."""
    shown = "; ".join(map(str, rows[:MOST_NUMBERS]))
    return shown if len(rows) <= MOST_NUMBERS else f"{shown}; … ({len(rows):,} rows)"
