"""What would a run do?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["MAX_REASONS", "PlannedSegment", "Reason", "TaskPlan"]

MAX_REASONS = 10
"""A plan shows at most this many reasons, those of the most rows; the rejects file has every row's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why rows are invalid. A row that breaks several rules counts under each.

    Attributes:
        field: the column.
        code: a word for programs, as in `ValidationIssue.code`.
        message: the rule, in a sentence, as the first row breaks it; never a value.
        rows: so many rows break it.
        row: the number of the first of them.
        example: that row's value with every letter and digit masked; None where it has none.
    """

    field: str
    code: str
    message: str
    rows: int
    row: int
    example: str | None

    def to_json(self) -> dict[str, object]:
        """Give the reason as JSON values."""
        return {
            "field": self.field,
            "code": self.code,
            "message": self.message,
            "rows": self.rows,
            "row": self.row,
            "example": self.example,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSegment:
    """The segment that a run would write.

    Attributes:
        id: the id of the one that is there; None where it would be created.
        name: its name.
        member_count: people in it now; None where it is not there, or the far side has not counted them.
        members: people in the list that would be uploaded.
    """

    id: int | str | None
    name: str
    member_count: int | None
    members: int

    @property
    def action(self) -> str:
        """What would be done: `create`, or `replace` its list."""
        return "create" if self.id is None else "replace"

    def to_json(self) -> dict[str, object]:
        """Give the segment as JSON values."""
        return {
            "action": self.action,
            "id": self.id,
            "name": self.name,
            "member_count": self.member_count,
            "members": self.members,
        }

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> "PlannedSegment":
        """Read back what `to_json` gave."""
        return cls(**{name: value for name, value in known.items() if name != "action"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPlan:
    """What a task would do, as far as can be said without sending anything.

    Attributes:
        reasons: why rows are invalid, at most `MAX_REASONS`, those of the most rows first.
        repeated_keys: keys that several rows of one request have.
        merging_rows: rows that would be merged into another row of their key.
        per_minute: requests that the far side takes in a minute; None where it has no such rule.
        minutes: minutes that the requests last at least because of that, if no other has been made of late.
        segment: the segment that would be written; None where none would, or where that could not be learnt.
    """

    reasons: Sequence[Reason] = ()
    repeated_keys: int = 0
    merging_rows: int = 0
    per_minute: int | None = None
    minutes: int = 0
    segment: PlannedSegment | None = None

    def to_json(self) -> dict[str, object]:
        """Give the plan as JSON values, in the order of the published form."""
        quota = None if self.per_minute is None else {"per_minute": self.per_minute, "minutes": self.minutes}
        return {
            "reasons": [each.to_json() for each in self.reasons],
            "repeated": {"keys": self.repeated_keys, "rows": self.merging_rows},
            "quota": quota,
            "segment": self.segment.to_json() if self.segment else None,
        }

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> "TaskPlan":
        """Read back what `to_json` gave.

        Raises:
            KeyError, TypeError: if it is something else.
        """
        return cls(
            reasons=tuple(Reason(**each) for each in known["reasons"]),
            repeated_keys=known["repeated"]["keys"],
            merging_rows=known["repeated"]["rows"],
            segment=PlannedSegment.from_json(known["segment"]) if known["segment"] else None,
            **(known["quota"] or {}),
        )
