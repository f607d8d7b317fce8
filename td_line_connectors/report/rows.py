"""Where can a row end, and how many did?"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Self

__all__ = ["RowCounts", "RowOutcome"]


class RowOutcome(StrEnum):
    """Where a row can end. Every row that was read ends in exactly one of these."""

    WRITTEN = "written"
    """The far side created or updated it; for a segment: it is in the accepted file."""
    MISMATCHED = "mismatched"
    """The far side knows nobody by this key, or that person has blocked the account."""
    INVALID = "invalid"
    """We refused it: one of its values breaks a rule."""
    MERGED = "merged"
    """Folded into another row of the same key, which was written or mismatched."""
    REJECTED = "rejected"
    """The far side refused it."""
    UNSETTLED = "unsettled"
    """Its fate is unknown, or it was never tried."""


@dataclass(slots=True)
class RowCounts:
    """Rows by outcome. `read` is counted on its own, so that `unaccounted` can catch a miscount.

    Attributes:
        read: rows read from the result.
        written, mismatched, invalid, merged, rejected, unsettled: see `RowOutcome`.
    """

    read: int = 0
    written: int = 0
    mismatched: int = 0
    invalid: int = 0
    merged: int = 0
    rejected: int = 0
    unsettled: int = 0

    @property
    def unaccounted(self) -> int:
        """Rows read that have no outcome: 0, or this package has a bug."""
        ended = self.written + self.mismatched + self.invalid + self.merged + self.rejected + self.unsettled
        return self.read - ended

    def add(self, outcome: RowOutcome, rows: int) -> None:
        """Count `rows` more rows that ended in `outcome`."""
        setattr(self, outcome.value, getattr(self, outcome.value) + rows)

    def __add__(self, other: Self) -> "RowCounts":
        return RowCounts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def to_json(self) -> dict[str, int]:
        """Give the counts by name, `read` first."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def from_json(cls, known: Mapping[str, int]) -> "RowCounts":
        """Read back what `to_json` gave."""
        return cls(**known)
