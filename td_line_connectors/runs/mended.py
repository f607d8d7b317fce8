"""Which rows does a file of rejects hold, once a person has mended it?

It is JSON Lines as `runs.rejects` writes it, of whose objects `record` counts, or a CSV: a column for each of the
record's, beside those that say where the row comes from, whose names begin with `#`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from td_line_connectors.errors import DataError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report import MAX_ISSUES
from td_line_connectors.rows import Result
from td_line_connectors.runs.spreadsheet import is_cut, value_of
from td_line_connectors.storage.files import read_file

__all__ = ["ISSUES", "OUTCOME", "ROWS", "MendedFile", "folded", "look_at"]

ROWS: Final = "#rows"
OUTCOME: Final = "#outcome"
ISSUES: Final = "#issues"
"""The columns of a CSV that are no columns of the row."""

RECORD: Final = "record"
LOST_DIGITS: Final = (
    "is in scientific notation: a spreadsheet has cut its digits; make the column a text column, and enter it again"
)


@dataclass(frozen=True, slots=True)
class MendedFile:
    """A file of rejects that has been looked through.

    Attributes:
        path: the file.
        encoding: of its text; None for UTF-8.
        columns: the rows' columns, in lower case.
        outcomes: what had become of its rows, as far as it says.
        total: so many rows it has.
    """

    path: Path
    encoding: str | None
    columns: tuple[str, ...]
    outcomes: frozenset[str]
    total: int

    def open(self) -> Result:
        """Give its rows; whoever calls it closes them."""
        source = read_file(self.path, encoding=self.encoding)
        rows = _records(source, self.columns) if _is_as_written(source) else _cells(source)
        return Result(self.columns, rows, self.total, source.close)


def look_at(path: Path, encoding: str | None = None) -> MendedFile:
    """Look through a file of rejects, to its end.

    Args:
        path: the file.
        encoding: of its text; None for UTF-8.

    Raises:
        ConfigError: if it cannot be read, or its header is wrong.
        DataError: if its rows are not such as can be sent; up to ten faults are told.
        StoreError: if the disk cannot do it.
    """
    with closing(read_file(path, encoding=encoding)) as source:
        if _is_as_written(source):
            columns, outcomes, total = _look_at_records(source, path.name)
        elif OUTCOME.removeprefix("#") in source.columns:  # JSON Lines whose `record` was taken out
            message = "each object needs `record`, with the row's own columns"
            raise DataError.of(path.name, "record", message)
        else:
            columns, outcomes, total = _look_at_cells(source, path.name)
    if not columns:
        raise DataError.of(path.name, "columns", "has no column that could be sent")
    return MendedFile(path, encoding, columns, outcomes, total)


def _is_as_written(source: Result) -> bool:
    return RECORD in source.columns and ROWS not in source.columns


def _look_at_records(source: Result, name: str) -> tuple[tuple[str, ...], frozenset[str], int]:
    """Look through JSON Lines: the columns of all records, the outcomes, the number of rows."""
    columns: dict[str, None] = {}
    outcomes: set[str] = set()
    issues: list[ValidationIssue] = []
    number = 0
    for number, row in enumerate(source.mappings(), start=1):
        record = row[RECORD]
        if not isinstance(record, Mapping):
            issues.append(ValidationIssue(name, "record", "needs `record`: an object with the row's columns", number))
        elif len(known := folded(record)) < len(record):
            issues.append(ValidationIssue(name, "record", "has two columns alike but for case: keep one", number))
        else:
            columns |= dict.fromkeys(known)
        outcomes.add(str(row.get("outcome")))
        if len(issues) == MAX_ISSUES:
            break
    if issues:
        raise DataError(issues)
    return tuple(columns), frozenset(outcomes), number


def _records(source: Result, columns: Sequence[str]) -> Iterator[Sequence[object]]:
    for row in source.mappings():
        record = row[RECORD]
        known = folded(record) if isinstance(record, Mapping) else {}
        yield [known.get(column) for column in columns]


def folded(record: Mapping[str, object]) -> Mapping[str, object]:
    """Give a record by its columns' names as they are compared: in lower case."""
    return {name.strip().lower(): value for name, value in record.items()}


def _look_at_cells(source: Result, name: str) -> tuple[tuple[str, ...], frozenset[str], int]:
    """Look through a CSV: the rows' columns, the outcomes, the number of rows."""
    outcomes: set[str] = set()
    issues: list[ValidationIssue] = []
    number = 0
    for number, cells in enumerate(_filled(source), start=1):
        row = dict(zip(source.columns, cells, strict=True))
        outcomes.add(str(row.get(OUTCOME)))
        for column, cell in row.items():
            if not column.startswith("#") and isinstance(cell, str) and is_cut(cell):
                issues.append(ValidationIssue(column, "scientific", LOST_DIGITS, number))
        if len(issues) >= MAX_ISSUES:
            break
    if issues:
        raise DataError(issues[:MAX_ISSUES])
    if not number:
        raise DataError.of(name, "empty", "has no row")
    return (
        tuple(str(value_of(source.columns[place])).lower() for place in _places(source.columns)),
        frozenset(outcomes),
        number,
    )


def _cells(source: Result) -> Iterator[Sequence[object]]:
    places = _places(source.columns)
    for row in _filled(source):
        yield [value_of(cell) if isinstance(cell := row[place], str) else cell for place in places]


def _filled(source: Result) -> Iterator[Sequence[object]]:
    """Give the rows of a CSV, but for those of empty cells alone, which a spreadsheet writes for blank lines."""
    return (row for row in source.rows if any(str(cell).strip() for cell in row))


def _places(columns: Iterable[str]) -> list[int]:
    """Give the places of the columns that are the row's own."""
    return [place for place, name in enumerate(columns) if not name.startswith("#")]
