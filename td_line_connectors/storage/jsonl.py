"""JSON Lines, one object a line, as rows."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final, TextIO

from td_line_connectors.errors import DataError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report import MAX_ISSUES
from td_line_connectors.storage.names import MAX_COLUMNS, column_names

__all__ = ["rows_of", "survey"]


def survey(text: TextIO, name: str) -> tuple[tuple[str, ...], int]:
    """Read the whole file once: judge every line and collect the columns.

    Args:
        text: the file.
        name: what messages call it.

    Returns:
        The columns (all keys, in the order in which they first appear) and the number of rows.

    Raises:
        ConfigError: keys that cannot be columns: empty, or alike but for case.
        DataError: the file is empty, has no rows, or has lines that are not one JSON object each; up to ten are told.
    """
    columns: dict[str, None] = {}
    issues: list[ValidationIssue] = []
    count = 0
    for number, line in enumerate(text, start=1):
        if line.isspace():
            continue
        try:
            row = _object(_CHECKING, line)
            if not row.keys() <= columns.keys():
                columns |= dict.fromkeys(row)
        except (ValueError, RecursionError) as error:
            issues.append(ValidationIssue(name, "jsonl", f"line {number:,}: {_fault(error)}"))
            if len(issues) == MAX_ISSUES:
                break
        if len(columns) > MAX_COLUMNS:
            rule = f"line {number:,}: there are more than {MAX_COLUMNS:,} different keys so far; keys must be columns"
            raise DataError.of(name, "columns", rule)
        count += 1
    if issues:
        raise DataError(issues)
    if not count:
        raise DataError.of(name, "empty", "is empty; one JSON object a line is needed")
    return column_names(columns, name), count


def rows_of(text: TextIO, name: str, columns: Sequence[str], total: int) -> Iterator[Sequence[object]]:
    """Read the file a second time: the values of each row, None where a line has not got the key.

    Args:
        text: the file, at its beginning again.
        name: what messages call it.
        columns: what `survey` found.
        total: what `survey` counted.

    Raises:
        DataError: the file is not the one that `survey` read.
    """
    count = 0
    exact = set(columns)
    for line in text:
        if line.isspace():
            continue
        try:
            row = _object(_READING, line)
        except (ValueError, RecursionError):
            raise _changed(name) from None
        if not row.keys() <= exact:
            row = {key.strip(): value for key, value in row.items()}
            if not row.keys() <= exact:
                raise _changed(name)
        count += 1
        yield [row.get(column) for column in columns]
    if count != total:
        raise _changed(name)


def _changed(name: str) -> DataError:
    return DataError.of(name, "changed", "changed while it was read; do it again when nothing writes to it")


def _object(decoder: json.JSONDecoder, line: str) -> dict[str, object]:
    value = decoder.decode(line)
    if not isinstance(value, dict):
        raise ValueError("is JSON, but no object; write {…} with the columns as keys")  # noqa: TRY004 - a bad line
    return value


def _fault(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"is no JSON object at character {error.pos + 1}: {error.msg}; write one object a line"
    return "is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _number(text: str) -> float | Decimal:
    """Read a number exactly: a float where that says the same, else a Decimal (1e400, a long fraction)."""
    number = float(text)
    try:
        exact = Decimal(text)
    except InvalidOperation:
        raise ValueError("has a number whose exponent is beyond all reason; write it as text") from None
    return number if Decimal(repr(number)) == exact else exact


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        raise ValueError("has a key twice in one object; rename one of them")
    return keys


def _no_constant(_text: str) -> object:
    raise ValueError("has NaN or Infinity, which JSON does not know; write null")


_CHECKING: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_number, parse_constant=_no_constant)
_READING: Final = json.JSONDecoder(parse_float=_number, parse_constant=_no_constant)
