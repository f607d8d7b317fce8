"""May what was read be sent?"""

from typing import Any

from td_line_connectors.errors import DataError
from td_line_connectors.guards import Guards
from td_line_connectors.report import RowCounts, SegmentSummary
from td_line_connectors.spi import OutputConnector

__all__ = ["verdict_on", "verdict_on_list"]


def verdict_on(counts: RowCounts, requests: int, connector: OutputConnector[Any], guards: Guards) -> DataError | None:
    """Judge a result as a whole, after its last row and before the first request.

    Args:
        counts: rows read and rows invalid.
        requests: requests that were cut from the valid ones.
        connector: whose rules apply.
        guards: what the result may be like.

    Returns:
        why nothing may be sent; None where it may.
    """
    what = connector.data_object
    if counts.invalid and not connector.skip_invalid:
        message = (
            f"{_rows(counts.invalid)} of {counts.read:,} invalid, and skipping is off: nothing was sent; mend the rows"
        )
        return DataError.of(what, "invalid_rows", message)
    if counts.read and not requests:
        message = f"none of the {counts.read:,} rows is valid: nothing was sent; mend the query"
        return DataError.of(what, "no_valid_row", message)
    if not guards.allow_invalid(counts.invalid, counts.read):
        share = _percent(counts.invalid, counts.read)
        verb = "is" if counts.invalid == 1 else "are"
        found = f"{_rows(counts.invalid)} of {counts.read:,} {verb} invalid ({share})"
        return _stopped("max_invalid", f"{found}, and at most {guards.max_invalid} may be")
    if not requests and connector.limits.minimum:
        message = "the result has no row, and an empty list is not sent: what is there stays as it was"
        return DataError.of(what, "no_rows", message)
    return None


def verdict_on_list(present: SegmentSummary | None, members: int, guards: Guards) -> DataError | None:
    """Judge a list against the one that it would replace.

    Args:
        present: the segment that is there; None, or without an id, where none is.
        members: people in the new list.
        guards: how much smaller it may be.

    Returns:
        why it may not be sent; None where it may.
    """
    if guards.max_shrink is None or present is None or present.id is None:
        return None
    segment, before = f"segment «{present.name}» (id {present.id})", present.member_count
    if before is None:
        unknown = f"how many members {segment} has is not counted yet, so whether it would lose more than"
        return _stopped("max_shrink", f"{unknown} {guards.max_shrink} cannot be judged")
    if guards.allow_shrink(before, members):
        return None
    lost = f"{segment} would shrink from {before:,} to {members:,} members, by {_percent(before - members, before)}"
    return _stopped("max_shrink", f"{lost}, and at most {guards.max_shrink} is allowed")


def _stopped(guard: str, found: str) -> DataError:
    """Say which guard stops the run, for which numbers, and how it is lifted."""
    advice = f"mend the query; or allow more, or lift this guard with `--{guard.replace('_', '-')} none`"
    return DataError.of(guard, guard, f"{found}: nothing was sent; {advice}")


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"
