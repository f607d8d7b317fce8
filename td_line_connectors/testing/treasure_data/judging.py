"""Would Treasure Data take this record?

Published: the error names, which the SDKs treat as permanent; names of columns are lower-case letters, digits and
`_`, not beginning with a digit; 512 columns a table. Unpublished, and chosen here, stricter than life: a column that
Treasure Data would give an alias is refused, so that nobody relies on one; so are integers beyond 64 bits (signed, or
unsigned) and text that is no Unicode.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final, NamedTuple

__all__ = ["COLUMNS", "RecordError", "judge", "unix_seconds"]

COLUMNS: Final = 512
"""How many columns a table may have; `time` counts."""
_COLUMN: Final = re.compile("[a-z_][a-z0-9_]{0,127}")
_MILLISECONDS_FROM: Final = 100_000_000_000
"""Nobody means the year 5138: such a number is a time in milliseconds."""


class RecordError(NamedTuple):
    """Why a record is refused.

    Attributes:
        name: the error's name in the receipt.
        description: what is wrong; never a value.
    """

    name: str
    description: str


def judge(record: Mapping[Any, object], columns: AbstractSet[str]) -> RecordError | None:
    """Judge one record; None: it can be taken.

    Args:
        record: its values by column.
        columns: those that the table has already.
    """
    if not record.keys() <= columns:
        new = record.keys() - columns
        if not all(isinstance(name, str) and _COLUMN.fullmatch(name) for name in new):
            return RecordError("InvalidPropertyNameError", "a column's name is not [a-z_][a-z0-9_]*")
        if len(columns) + len(new) > COLUMNS:
            return RecordError("InvalidPropertyNameError", f"the table would have more than {COLUMNS} columns")
    try:
        for name, value in record.items():
            ascii_text = type(value) is str and value.isascii()  # nearly every value
            if not ascii_text and not _can_be_stored(value):
                return RecordError("InvalidPropertyValueError", f"{name}: neither Unicode text nor a 64-bit number")
    except RecursionError:
        return RecordError("InvalidPropertyValueError", "a value is nested too deep")
    return None


def unix_seconds(value: object) -> int | None:
    """Give a time in unix seconds; None if it is no such time."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value < _MILLISECONDS_FROM else None


def _can_be_stored(value: object) -> bool:
    if isinstance(value, str):
        return _is_unicode(value)
    if isinstance(value, int):
        return -(1 << 63) <= value < 1 << 64
    if isinstance(value, list):
        return all(map(_can_be_stored, value))
    if isinstance(value, dict):
        return all(map(_can_be_stored, value.keys())) and all(map(_can_be_stored, value.values()))
    return value is None or isinstance(value, float)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
