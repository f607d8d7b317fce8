"""What would be sent, and why would the rest not be?"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from td_line_connectors.engine.masking import masked
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report import MAX_REASONS, PlannedSegment, Reason, SegmentSummary, TaskPlan
from td_line_connectors.runs.snapshot import SetAside, Snapshot
from td_line_connectors.spi import OutputConnector

__all__ = ["minutes_of_quota", "plan_of", "top_reasons"]


def plan_of(
    snapshot: Snapshot, connector: OutputConnector[Any], requests: int, present: SegmentSummary | None
) -> TaskPlan:
    """Say what sending a snapshot would do.

    Args:
        snapshot: the rows as they would be sent.
        connector: whose quota applies.
        requests: requests that would be made.
        present: the segment that would be written, as it is now; None where none would, or where that is not known.
    """
    repeated_keys, merging_rows = snapshot.count_merging()
    per_minute = connector.limits.per_minute
    return TaskPlan(
        reasons=top_reasons(snapshot.invalid()),
        repeated_keys=repeated_keys,
        merging_rows=merging_rows,
        per_minute=per_minute,
        minutes=minutes_of_quota(requests, per_minute),
        segment=_segment(present, snapshot.count_records()) if present else None,
    )


def minutes_of_quota(requests: int, per_minute: int | None) -> int:
    """Give the minutes that so many requests last at least, where each is answered at once.

    The rule is that of `transport.quota`: a request goes once a minute has passed since the answer to the one that is
    `per_minute` places before it. None of those that the account has made already is counted.
    """
    return max(requests - 1, 0) // per_minute if per_minute else 0


def top_reasons(invalid: Iterable[SetAside]) -> tuple[Reason, ...]:
    """Count rows by the column and rule that they break; the most frequent first, the earlier of equals first.

    Args:
        invalid: the rows set aside, in their order. However many there are, one of each reason is held.
    """
    rows: Counter[tuple[str, str]] = Counter()
    firsts: dict[tuple[str, str], tuple[SetAside, ValidationIssue]] = {}
    for aside in invalid:
        issues = {(issue.field, issue.code): issue for issue in aside.issues}
        rows.update(issues.keys())
        for reason, issue in issues.items():
            firsts.setdefault(reason, (aside, issue))
    found = [_reason(*firsts[reason], number) for reason, number in rows.items()]
    return tuple(sorted(found, key=lambda each: (-each.rows, each.row))[:MAX_REASONS])


def _reason(first: SetAside, issue: ValidationIssue, rows: int) -> Reason:
    return Reason(
        field=issue.field,
        code=issue.code,
        message=issue.message,
        rows=rows,
        row=first.row,
        example=masked(_value(first.record, issue.field)),
    )


def _value(record: Mapping[str, object], field: str) -> object:
    """Give the value of the column that the schema calls `field`, in whatever case; None if the row has no such one."""
    return next((value for name, value in record.items() if name.strip().lower() == field), None)


def _segment(present: SegmentSummary, members: int) -> PlannedSegment:
    return PlannedSegment(id=present.id, name=present.name, member_count=present.member_count, members=members)
