"""Which limit did a caller not keep?"""

from typing import NamedTuple

__all__ = ["Violation"]


class Violation(NamedTuple):
    """A limit that a caller did not keep.

    Attributes:
        rule: the limit's name; the emulator says which there are.
        at: epoch seconds.
    """

    rule: str
    at: float
