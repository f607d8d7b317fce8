"""Which rows does a call become?"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from td_line_connectors.connectors.line_oa.scanning import Call, Wire
from td_line_connectors.rows import EventRow, Row

__all__ = ["Value", "event_rows", "name_uuid", "raw_row"]

Value = str | int | float | None
"""What a cell may hold."""

Cells = dict[str, Value]
"""One row: column → value."""

_IDENTITY: Final = "event_webhookeventid"
_OTHER: Final = "event_other"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_WORDS: Final = {"true": "true", "false": "false", "null": None}
_BEYOND: Final = 2**63
_SURE_DIGITS: Final = 18
_MOST_CHARACTERS: Final = 20
_VARIANT: Final = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


def name_uuid(name: bytes) -> str:
    """Give the UUID of version 3 that the bytes have: their MD5, without a namespace."""
    digest = hashlib.md5(name, usedforsecurity=False).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-3{digest[13:16]}-{_VARIANT[digest[16]]}{digest[17:20]}-{digest[20:]}"


def raw_row(body: bytes, text: str, call: Call | None, time: int) -> Cells:
    """Give the row of the Raw table.

    Args:
        body: the bytes as they came.
        text: the same as text.
        call: what they say; None where they could not be read.
        time: of the ingestion, in seconds.
    """
    return {
        "record_uuid": name_uuid(body),
        "destination": _destination(call.destination) if call else None,
        "body": text,
        "event_count": len(call.events) if call else 0,
        "time": time,
    }


def event_rows(call: Call, raw: Cells) -> tuple[Row, ...]:
    """Give the rows of the Events table, one for each element of `events`, in their order.

    Args:
        call: what the call says.
        raw: its row of the Raw table.
    """
    return tuple([_event_row(event, place, raw) for place, event in enumerate(call.events)])


def _event_row(event: Mapping[str, Wire] | Wire, place: int, raw: Cells) -> Row:
    row: dict[str, object] = {_OTHER: event} if isinstance(event, str) else _own_cells(event)
    identity = row.get(_IDENTITY)
    name = identity if isinstance(identity, str) else f"{raw['record_uuid']}/{place}"
    row["destination"] = raw["destination"]
    row["record_uuid"] = name_uuid(name.encode())
    row["time"] = raw["time"]
    return row


def _own_cells(event: Mapping[str, Wire]) -> EventRow:
    """Give the cells that an event's properties make; those that find no column go together into one.

    So does an id that is no text and whose cell would look like one: no event may be taken for a repeat because of it.
    """
    row = EventRow()
    row.properties = event
    other: dict[str, Wire] = {}
    for name, wire in event.items():
        column = _column(name)
        if column is None or column in row:
            other[name] = wire
        elif wire[0] == '"':
            row[column] = wire[1:-1] if "\\" not in wire else _unescaped(wire)
        else:
            cell = wire if wire[0] in "{[" else _scalar(wire)
            if column == _IDENTITY and isinstance(cell, str):
                other[name] = wire
            else:
                row[column] = cell
    if other:
        row[_OTHER] = _object(other)
    return row


@lru_cache(maxsize=1024)
def _column(name: str) -> str | None:
    """Give the column of a property; None if its name makes none, or one that is kept for something else."""
    lower = name.lower()
    kept = lower == "other" or (lower == "webhookeventid" and name != "webhookEventId")
    return f"event_{lower}" if _NAME.fullmatch(lower) and not kept else None


def _unescaped(wire: Wire) -> str:
    r"""Read a text; half a character, which no table can hold, stays the escape that it was (`\ud83e`)."""
    return _storable(json.loads(wire))


def _storable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()


def _scalar(wire: Wire) -> Value:
    """Read what is neither text nor object nor array; a number that a cell cannot hold stays text."""
    if wire.isdigit() and len(wire) <= _SURE_DIGITS:
        return int(wire)
    if wire in _WORDS:
        return _WORDS[wire]
    if not wire.removeprefix("-").isdigit():
        return _float(wire)
    number = int(wire) if len(wire) <= _MOST_CHARACTERS else _BEYOND
    return number if -_BEYOND <= number < _BEYOND else wire


def _float(wire: Wire) -> float | str:
    """Read a number with a fraction or an exponent; one too large or too small for a double stays text."""
    number = float(wire)
    vanished = number == 0 and re.search("[1-9]", re.split("[eE]", wire)[0])
    return wire if math.isinf(number) or vanished else number


def _destination(wire: Wire) -> str | None:
    """Read the account's id: a text; null or nothing is None, and anything else its JSON text."""
    if wire.startswith('"'):
        return wire[1:-1] if "\\" not in wire else _unescaped(wire)
    return None if wire in {"", "null"} else wire


def _object(members: Mapping[str, Wire]) -> Wire:
    """Write a JSON object of values that are JSON text already."""
    names = (_storable(json.dumps(name, ensure_ascii=False)) for name in members)
    return "{" + ",".join(f"{name}:{wire}" for name, wire in zip(names, members.values(), strict=True)) + "}"
