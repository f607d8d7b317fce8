"""Is a text nested deeper than we read?"""

import re
from itertools import accumulate
from typing import Final

__all__ = ["MAX_NESTING", "is_too_deep"]

MAX_NESTING: Final = 500
"""Objects and arrays inside one another, the outermost counted. Decoders give up at about 1,000, and not all alike."""

_BRACKETS: Final = re.compile(r"[\[\]{}]")
_STEPS: Final = {"[": 1, "{": 1, "]": -1, "}": -1}


def is_too_deep(text: str) -> bool:
    """Say whether JSON text has more than `MAX_NESTING` objects and arrays inside one another.

    The cheap questions come first: LINE's calls are nested six deep, and most end here within a microsecond.
    """
    if len(text) <= 2 * MAX_NESTING or text.count("[") + text.count("{") <= MAX_NESTING:
        return False
    unescaped = text.replace("\\\\", "").replace('\\"', "")  # now every quotation mark begins or ends a text
    outside = "".join(unescaped.split('"')[::2])
    steps = map(_STEPS.__getitem__, _BRACKETS.findall(outside))
    return max(accumulate(steps), default=0) > MAX_NESTING
