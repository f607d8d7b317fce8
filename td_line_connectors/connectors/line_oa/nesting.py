"""Is a body nested deeper than we read?"""

import re
from itertools import accumulate
from typing import Final

__all__ = ["MAX_NESTING", "is_too_deep"]

MAX_NESTING: Final = 500
"""Objects and arrays inside one another, the outermost counted. Decoders give up at about 1,000, and not all alike."""

_BRACKETS: Final = re.compile(rb"[\[\]{}]")
_STEPS: Final = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}


def is_too_deep(body: bytes) -> bool:
    """Say whether JSON in UTF-8 has more than `MAX_NESTING` objects and arrays inside one another.

    The cheap questions come first: LINE's calls are nested six deep, and most end here within a microsecond.
    """
    if len(body) <= 2 * MAX_NESTING or body.count(b"[") + body.count(b"{") <= MAX_NESTING:
        return False
    unescaped = body.replace(b"\\\\", b"").replace(b'\\"', b"")  # now every quotation mark begins or ends a text
    outside = b"".join(unescaped.split(b'"')[::2])
    steps = map(_STEPS.__getitem__, _BRACKETS.findall(outside))
    return max(accumulate(steps), default=0) > MAX_NESTING
