"""What does a plan say to a person?"""

from collections.abc import Iterator, Sequence
from typing import Final

from td_line_connectors.report import PlannedSegment, TaskPlan

__all__ = ["HEADINGS", "WHY", "plan_sentences", "reason_rows"]

WHY: Final = "why rows are invalid, and what the first of each looks like with every letter and digit masked:"
HEADINGS: Final = ("rows", "field", "rule", "first row", "example")


def plan_sentences(requests: int, plan: TaskPlan) -> Iterator[str]:
    """Say what would be done with so many requests."""
    yield _requests(requests, plan)
    if plan.merging_rows:
        verb = "is" if plan.repeated_keys == 1 else "are"
        yield f"{_many(plan.repeated_keys, 'key')} {verb} repeated: {_many(plan.merging_rows, 'row')} would be merged"
    if plan.segment:
        yield _segment(plan.segment)


def reason_rows(plan: TaskPlan) -> list[Sequence[str]]:
    """Give a line for each reason, under `HEADINGS`; its rule is told as the first row breaks it."""
    return [
        (
            f"{each.rows:,}",
            each.field,
            each.message,
            f"{each.row:,}",
            "(empty)" if each.example is None else each.example,
        )
        for each in plan.reasons
    ]


def _requests(requests: int, plan: TaskPlan) -> str:
    if not requests:
        return "would send nothing"
    quota = ""
    if plan.per_minute is not None:
        wait = f"makes that take at least {_many(plan.minutes, 'minute')}" if plan.minutes else "imposes no wait"
        quota = f"; the quota of {plan.per_minute} a minute {wait}"
    return f"would send {_many(requests, 'request')}{quota}"


def _segment(segment: PlannedSegment) -> str:
    if segment.action == "create":
        return f"segment «{segment.name}» would be created with {_many(segment.members, 'member')}"
    named, before, after = f"segment «{segment.name}» (id {segment.id})", segment.member_count, segment.members
    if before is None:
        return f"{named} would be replaced by {_many(after, 'member')}; those it has now are not counted yet"
    change = f" ({100 * (after - before) / before:+.1f} %)" if before and after != before else ""
    return f"{named} would be replaced: {before:,} → {_many(after, 'member')}{change}"


def _many(number: int, word: str) -> str:
    return f"1 {word}" if number == 1 else f"{number:,} {word}s"
