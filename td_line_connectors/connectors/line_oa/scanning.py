"""What does a call say, read with the standard library?"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, NoReturn

__all__ = ["Call", "MalformedBodyError", "Wire", "scan"]

Wire = str
"""One value as compact JSON text: white space gone, and everything else (numbers, escapes, keys) as it was sent."""


class Call(NamedTuple):
    """What a call says.

    Attributes:
        destination: the value of that property; empty where there is none.
        events: the properties of each event, in the order in which they were sent; of a name that comes twice the last
            value, in the first one's place. What is no object stands as it is.
    """

    destination: Wire
    events: Sequence[Mapping[str, Wire] | Wire]


class MalformedBodyError(ValueError):
    """The body is not what LINE sends. The message says which rule it breaks, and nothing of what is in it."""


def _refuse_constant(_: str) -> NoReturn:
    raise MalformedBodyError("the body has NaN or an infinite number, which JSON does not know")


_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse_constant)
"""Numbers are not read: an integer of 5,000 digits is JSON, and Python would refuse it."""

_SPACE: Final = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")|[ \t\n\r]+')
"""A text, which stays, or white space between values."""


def scan(text: str) -> Call:
    """Take a call apart.

    Args:
        text: the body.

    Raises:
        MalformedBodyError: if it is no JSON object with an `events` array.
    """
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise MalformedBodyError(f"the body is no JSON from character {error.pos + 1} on: {error.msg}") from None
    except RecursionError:
        raise MalformedBodyError("the body is nested too deeply") from None
    if not isinstance(value, dict):
        raise MalformedBodyError("the body is no JSON object")
    if not isinstance(value.get("events"), list):
        raise MalformedBodyError("the body has no `events` array")
    members = _members(_SPACE.sub(r"\1", text))
    events = [_members(each) if each.startswith("{") else each for each in _elements(members["events"])]
    return Call(members.get("destination", ""), events)


def _members(wire: Wire) -> dict[str, Wire]:
    """Give the members of an object that is known to be one."""
    members = {}
    at = 1
    while wire[at] != "}":
        name, colon = _DECODER.raw_decode(wire, at)
        _, end = _DECODER.raw_decode(wire, colon + 1)
        members[name] = wire[colon + 1 : end]
        at = end + (wire[end] == ",")
    return members


def _elements(wire: Wire) -> list[Wire]:
    """Give the elements of an array that is known to be one."""
    elements = []
    at = 1
    while wire[at] != "]":
        _, end = _DECODER.raw_decode(wire, at)
        elements.append(wire[at:end])
        at = end + (wire[end] == ",")
    return elements
