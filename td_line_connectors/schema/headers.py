"""May the names of a header be shown?

A file without a header has its first row taken for one; and that row is somebody's e-mail address and number.
"""

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["is_showable", "shown_names"]

VALUE: Final = re.compile(
    r".*@.*"  # an e-mail address
    r"|.*U[0-9a-f]{32}.*"  # a LINE user id
    r"|[^a-z]*(?:\d[^a-z]*){6,}",  # six digits and no letter: a phone number, a day, a customer's number
    re.DOTALL | re.IGNORECASE,
)


def is_showable(header: Iterable[str]) -> bool:
    """Say whether none of these names looks like a person's value."""
    return not any(map(VALUE.fullmatch, header))


def shown_names(header: Iterable[str]) -> str:
    """Give names for a message: as they are, or how many where one of them looks like a person's value."""
    names = [*header]
    if is_showable(names):
        return ", ".join(names) or "none"
    return f"{len(names)}, not shown since they look like values; is the first line a header?"
