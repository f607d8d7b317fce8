"""Where does a property go that has no column?"""

import json
from collections.abc import Sequence
from math import isfinite
from typing import Final, NoReturn

from td_line_connectors.rows import Row

__all__ = ["OTHER", "PREFIX", "with_other"]

OTHER: Final = "event_other"
"""The column that holds names and values of properties without a column, as a JSON object."""

PREFIX: Final = "event_"
"""A property's column is called this and the property in lower case."""


def with_other(row: Row, names: Sequence[str]) -> Row:
    """Move columns of an event's row into its `event_other`, beside what is there.

    A property is called there as its column would have been, without `event_`; where that name is taken, with it. A
    JSON object or array goes in as such, any other value as the column would have shown it, NULL not at all.

    Args:
        row: an event's row.
        names: the columns to move.
    """
    members, taken = _members(row.get(OTHER))
    for name in names:
        if row[name] is not None:
            key = name.removeprefix(PREFIX)
            key = name if key in taken else key
            taken.add(key)
            members.append(f"{json.dumps(key)}:{_json(row[name])}")
    moved = {*names, OTHER}
    kept = {name: value for name, value in row.items() if name not in moved}
    return {**kept, OTHER: "{" + ",".join(members) + "}"} if members else kept


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
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
