"""Where does a property go that has no column?"""

import json
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Final, NoReturn

from td_line_connectors.rows import EventRow, Row

__all__ = ["OTHER", "PREFIX", "with_other"]

OTHER: Final = "event_other"
"""The column that holds names and values of properties without a column, as a JSON object."""

PREFIX: Final = "event_"
"""A property's column is called this and the property in lower case."""


def with_other(row: Row, names: Sequence[str]) -> Row:
    """Move columns of an event's row into its `event_other`, beside what is there.

    A row that brings its event along has names and values there as they were sent. In any other a property is called
    as its column would have been, without `event_`; where that name is taken, with it. A JSON object or array goes in
    as such, any other value as the column would have shown it, NULL not at all.

    Args:
        row: an event's row.
        names: the columns to move.
    """
    members, taken = _members(row.get(OTHER))
    moved = _sent(row, names, taken) if isinstance(row, EventRow) else _shown(row, names, taken)
    members += [f"{json.dumps(name)}:{value}" for name, value in moved]
    kept = {name: value for name, value in row.items() if name not in {*names, OTHER}}
    return {**kept, OTHER: "{" + ",".join(members) + "}"} if members else kept


def _sent(row: EventRow, names: Sequence[str], taken: set[str]) -> Iterator[tuple[str, str]]:
    """Give the properties whose columns are moved, but those that had none before."""
    for name, value in row.properties.items():
        if PREFIX + name.lower() in names and name not in taken:
            yield name, value


def _shown(row: Row, names: Sequence[str], taken: set[str]) -> Iterator[tuple[str, str]]:
    """Give names and values as the columns say them."""
    for column in names:
        if row[column] is not None:
            name = column.removeprefix(PREFIX)
            name = column if name in taken else name
            taken.add(name)
            yield name, _json(row[column])


def _members(other: object) -> tuple[list[str], set[str]]:
    """Give what `event_other` holds already, as it was written, and the names in it."""
    if other is None:
        return [], set()
    parsed = _parsed(other) if isinstance(other, str) else None
    if not isinstance(parsed, dict):  # an element of `events` that is no object
        return [f"{json.dumps(OTHER)}:{_json(other)}"], {OTHER}
    inside = str(other).strip()[1:-1]
    return [inside] if parsed else [], set(parsed)


def _json(value: object) -> str:
    if isinstance(value, str) and isinstance(_parsed(value), dict | list):
        return value
    if isinstance(value, float) and not isfinite(value):
        value = str(value)
    return json.dumps(value, ensure_ascii=False)


def _parsed(text: str) -> object:
    """Give what a JSON object or array says; None for any other text."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text, parse_int=str, parse_constant=_refuse)  # an int of 5,000 digits would be refused
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
