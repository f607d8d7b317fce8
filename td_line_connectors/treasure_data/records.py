"""How is a row written down for Treasure Data, and what may be wrong with it there?"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["Limits", "RecordFault", "as_json", "column_names", "too_large"]

KEPT_FOR_THE_PIPELINE: Final = "uuid"
"""The Data Ingestion API takes this column for its own and does not store it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much goes in one request.

    Attributes:
        records: rows.
        bytes: of all rows, written down and not compressed.
        record_bytes: of one row; None: no more than `bytes`.
    """

    records: int
    bytes: int
    record_bytes: int


@dataclass(frozen=True, slots=True)
class RecordFault:
    """Why one row is not at Treasure Data.

    Attributes:
        name: for programs: the error's name, as Treasure Data gives it or as ours.
        description: for whoever looks after the rows; it may repeat what is in the row, so it is never logged.
    """

    name: str
    description: str


def too_large(size: int, limits: Limits) -> RecordFault:
    """Give the fault of a row that is larger than a row may be; it is never cut."""
    rule = f"the row has {size:,} bytes as it would be sent, and this writer takes {limits.record_bytes:,}"
    return RecordFault("record_too_large", rule)


def column_names(names: Iterable[str]) -> tuple[str, ...]:
    """Give the columns' names as Treasure Data can store them."""
    return tuple(f"{name}_" if name == KEPT_FOR_THE_PIPELINE else name for name in names)


def as_json(record: Mapping[str, object]) -> bytes:
    """Write a row down as JSON in UTF-8: integers as numbers, text as text.

    Args:
        record: column → text, integer, float or bytes; without NULLs.
    """
    try:
        return _ENCODER.encode(record).encode()
    except (TypeError, ValueError):  # bytes, or a number that JSON does not know
        return _ENCODER.encode({name: _plain(value) for name, value in record.items()}).encode()


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
