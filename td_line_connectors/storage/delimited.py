"""CSV, whatever its dialect, as rows."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from typing import Final, TextIO

from td_line_connectors.errors import DataError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report import MAX_ISSUES
from td_line_connectors.storage.names import column_names

__all__ = ["read_csv"]

_DELIMITERS: Final = (",", "\t", ";", "|")
_SAMPLE_LINES: Final = 50


def read_csv(text: TextIO, name: str) -> tuple[tuple[str, ...], Iterator[Sequence[str]]]:
    """Read a CSV file with a header. Cells come as text, unchanged; blank lines are no rows.

    Args:
        text: the file, line endings untouched.
        name: what messages call it.

    Returns:
        The columns, and the rows as a stream.

    Raises:
        ConfigError: the header has an empty or a repeated name.
        DataError: the file is empty; while reading: lines with too many or too few cells (up to ten are told, by
            line), a quote left open, a cell longer than the `csv` module takes.
    """
    sample = list(islice(text, _SAMPLE_LINES))
    delimiter, sample_without_hint = _excel_hint(sample)
    skipped = len(sample) - len(sample_without_hint)
    lines = chain(sample_without_hint, text)
    reader = csv.reader(lines, delimiter=delimiter or _delimiter(sample_without_hint), strict=True)
    try:
        header = next((record for record in reader if not _is_blank(record)), None)
    except csv.Error as error:
        raise _malformed(name, reader.line_num + skipped, error) from error
    if header is None:
        raise DataError.of(name, "empty", "is empty; the first line must be a header")
    columns = column_names(header, name)
    return columns, _rows(reader, len(columns), name, skipped)


def _excel_hint(sample: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """Take away Excel's first line `sep=;`, which names the delimiter."""
    if sample and (first := sample[0].rstrip("\r\n")).lower().startswith("sep=") and len(first) == 5:
        return first[4], sample[1:]
    return None, sample


def _delimiter(sample: Sequence[str]) -> str:
    """Choose the delimiter under which most records are as wide as the header; of equals, the wider header."""
    return max(_DELIMITERS, key=lambda delimiter: _fitness(sample, delimiter))


def _fitness(sample: Sequence[str], delimiter: str) -> tuple[bool, float, int]:
    records: list[list[str]] = []
    with suppress(csv.Error):  # a cell too long: the records before it must do
        records.extend(record for record in csv.reader(sample, delimiter=delimiter) if not _is_blank(record))
    if not records:
        return False, 0.0, 0
    width = len(records[0])
    return width > 1, sum(len(record) == width for record in records) / len(records), width


def _is_blank(record: Sequence[str]) -> bool:
    """Tell a blank line from a row: `,,` and `""` are rows."""
    return not record or (len(record) == 1 and record[0] != "" and not record[0].strip())


def _rows(reader: Iterator[list[str]], width: int, name: str, skipped: int) -> Iterator[Sequence[str]]:
    try:
        for record in reader:
            if len(record) == width and (width > 1 or not _is_blank(record)):
                yield record
            elif not _is_blank(record):
                raise DataError(_ragged(reader, record, width, name, skipped))
    except csv.Error as error:
        raise _malformed(name, _line_of(reader) + skipped, error) from error


def _line_of(reader: Iterator[list[str]]) -> int:
    """Give the number of lines that a csv reader has read."""
    number: int = reader.line_num  # type: ignore[attr-defined]  # the type of csv.reader has no public name before 3.13
    return number


def _ragged(
    reader: Iterator[list[str]], first: Sequence[str], width: int, name: str, skipped: int
) -> Sequence[ValidationIssue]:
    """Look on from the first ragged record, so that a person mends them together."""
    issues = []
    with suppress(csv.Error):  # told once these are mended
        for record in chain([first], reader):
            if len(record) != width and not _is_blank(record):
                issues.append(_ragged_issue(name, _line_of(reader) + skipped, len(record), width))
            if len(issues) == MAX_ISSUES:
                break
    return issues


def _ragged_issue(name: str, line: int, cells: int, width: int) -> ValidationIssue:
    counted = "1 cell" if cells == 1 else f"{cells} cells"
    rule = f"line {line:,} has {counted}, the header has {width}; put cells that contain the delimiter into quotes"
    return ValidationIssue(name, "ragged", rule)


def _malformed(name: str, line: int, error: csv.Error) -> DataError:
    if "field larger" in str(error):
        rule = f"has a cell of more than {csv.field_size_limit():,} characters; is a quote left open further up?"
    elif "unexpected end" in str(error):
        rule = "the file ends inside quotes; is a quote left open further up?"
    else:
        rule = "has text after a closing quote; write a quote inside quotes twice"
    return DataError.of(name, "csv", f"line {line:,}: {rule}")
