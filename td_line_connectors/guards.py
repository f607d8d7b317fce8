"""When has a query gone wrong?

Two guards stop a run before its first request: too many of its rows are invalid, or a list would lose too many of its
people. Both are off unless somebody sets them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from td_line_connectors.issues import InvalidValueError

__all__ = ["UNGUARDED", "Guards", "Percent", "read_max_invalid", "read_max_shrink"]

ROWS: Final = re.compile(r"0|[1-9][0-9]{0,11}")
SHARE: Final = re.compile(r"((?:0|[1-9][0-9]{0,2})(?:\.[0-9]+)?)%")
LIFTED: Final = "none"
"""The text that stands for no guard, so that a default can be lifted."""


@dataclass(frozen=True, slots=True)
class Percent:
    """A share of a whole.

    Attributes:
        value: 0 to 100.

    Raises:
        ValueError: on construction, if it is less or more.
    """

    value: float

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 100:
            raise ValueError("a share of a whole is 0 to 100 percent")

    def of(self, whole: int) -> Fraction:
        """Give that share of a number, exactly: 0.1 is a tenth here, and not the number nearest to it in binary."""
        return Fraction(str(self.value)) * whole / 100

    def __str__(self) -> str:
        digits = f"{Decimal(str(self.value)):f}"
        return f"{digits.rstrip('0').rstrip('.') if '.' in digits else digits}%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What a run may be like and still be sent. Just as much as is allowed passes.

    Attributes:
        max_invalid: so many rows, or such a share of the rows read, may be invalid; None: any number.
        max_shrink: such a share of its people a list that is there may lose; None: all of them. Has an effect only
            where the far side says how many a list has: on segments.

    Raises:
        TypeError: on construction, if one is neither; a share is a `Percent`, so that 0.3 cannot be taken for one.
        ValueError: on construction, if a number of rows is negative.
    """

    max_invalid: int | Percent | None = None
    max_shrink: Percent | None = None

    def __post_init__(self) -> None:
        invalid: object = self.max_invalid
        shrink: object = self.max_shrink
        if not isinstance(invalid, int | Percent | None) or not isinstance(shrink, Percent | None):
            raise TypeError("a guard is a Percent, or None; max_invalid may also be a whole number of rows")
        if isinstance(invalid, int) and invalid < 0:
            raise ValueError("max_invalid cannot be a negative number of rows")

    def allow_invalid(self, invalid: int, read: int) -> bool:
        """Say whether so many of the rows read may be invalid."""
        if self.max_invalid is None:
            return True
        most = self.max_invalid.of(read) if isinstance(self.max_invalid, Percent) else self.max_invalid
        return invalid <= most

    def allow_shrink(self, before: int, after: int) -> bool:
        """Say whether a list of so many people may become one of so many."""
        return self.max_shrink is None or before - after <= self.max_shrink.of(before)

    def to_json(self) -> dict[str, str | None]:
        """Give the guards as JSON values: the texts that are read back."""
        return {
            "max_invalid": None if self.max_invalid is None else str(self.max_invalid),
            "max_shrink": None if self.max_shrink is None else str(self.max_shrink),
        }

    @classmethod
    def from_json(cls, known: Mapping[str, str | None]) -> "Guards":
        """Read back what `to_json` gave."""
        invalid, shrink = known["max_invalid"], known["max_shrink"]
        return cls(
            max_invalid=None if invalid is None else read_max_invalid(invalid),
            max_shrink=None if shrink is None else read_max_shrink(shrink),
        )


UNGUARDED: Final = Guards()
"""No guard at all."""


def read_max_invalid(text: str) -> int | Percent | None:
    """Read `500`, `2%` or `none`.

    Raises:
        InvalidValueError: if it is none of these.
    """
    if text == LIFTED:
        return None
    if ROWS.fullmatch(text):
        return int(text)
    share = _share(text)
    if share is None:
        message = "must be a number of rows such as 500, a share of them such as 2% (at most 100%), or none"
        raise InvalidValueError("guard", message)
    return share


def read_max_shrink(text: str) -> Percent | None:
    """Read `30%` or `none`.

    Raises:
        InvalidValueError: if it is neither.
    """
    if text == LIFTED:
        return None
    share = _share(text)
    if share is None:
        raise InvalidValueError("guard", "must be a share of the list such as 30% (at most 100%), or none")
    return share


def _share(text: str) -> Percent | None:
    found = SHARE.fullmatch(text)
    value = float(found[1]) if found else -1.0
    return Percent(value) if 0 <= value <= 100 else None
