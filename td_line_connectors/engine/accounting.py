"""Where did every row end, as far as the journal knows?"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report import MAX_ISSUES, RowCounts, SegmentSummary
from td_line_connectors.runs.history import RequestRecord
from td_line_connectors.runs.journal import Part, State
from td_line_connectors.runs.rejects import refusal_issue
from td_line_connectors.runs.snapshot import Snapshot
from td_line_connectors.spi import Outcome

__all__ = [
    "count_part",
    "count_rows",
    "request_record",
    "request_records",
    "requests_made",
    "sample_issues",
    "segment_of",
    "warnings_of",
]


def count_rows(snapshot: Snapshot, parts: Sequence[Part]) -> RowCounts:
    """Sum up every row of the run by its outcome; the sum equals the rows read."""
    counts = RowCounts(read=snapshot.rows_read(), invalid=snapshot.invalid_rows())
    for part in parts:
        count_part(counts, part)
    return counts


def count_part(counts: RowCounts, part: Part) -> None:
    """Add the rows behind a part to the outcome in which they stand; those of one that was split, to none."""
    if part.state is State.ACCEPTED and part.outcome is not None:
        _count_accepted(counts, part, part.outcome)
    elif part.state is State.REJECTED:
        counts.rejected += part.rows
    elif part.state is not State.SPLIT:
        counts.unsettled += part.rows


def _count_accepted(counts: RowCounts, part: Part, outcome: Outcome) -> None:
    folded = part.rows - part.records
    counts.written += outcome.written
    counts.mismatched += outcome.mismatched
    counts.unsettled += outcome.unsettled
    if outcome.written + outcome.mismatched:
        counts.merged += folded
    else:
        counts.unsettled += folded  # every record they were folded into is unsettled, and they share its fate


def requests_made(parts: Sequence[Part]) -> int:
    """Count the requests that took effect."""
    return sum(part.state is State.ACCEPTED for part in parts)


def request_records(parts: Sequence[Part]) -> list[RequestRecord]:
    """Give what the history keeps of each part that was handed over, or may have been, in the order of the requests."""
    return [request_record(part) for part in parts if part.state is not State.WAITING]


def request_record(part: Part) -> RequestRecord:
    """Give what the history keeps of a part."""
    outcome = part.outcome or Outcome()
    return RequestRecord(
        number=part.request,
        rows=part.rows,
        ticket=part.ticket,
        outcome="open" if part.state in {State.INTENDED, State.SUBMITTED} else part.state.value,
        written=outcome.written,
        mismatched=outcome.mismatched,
        seconds=part.seconds,
        attempts=part.attempts,
    )


def segment_of(parts: Sequence[Part]) -> SegmentSummary | None:
    """Give the segment that was written, if one was."""
    return next((part.outcome.segment for part in parts if part.outcome and part.outcome.segment), None)


def warnings_of(parts: Sequence[Part]) -> list[str]:
    """Give what the far side's outcomes warn of, each sentence once."""
    return list(dict.fromkeys(text for part in parts if part.outcome for text in part.outcome.warnings))


def sample_issues(snapshot: Snapshot, parts: Sequence[Part], data_object: str) -> list[ValidationIssue]:
    """Give the first issues of rows refused by us and by the far side, at most `MAX_ISSUES`."""
    ours = (issue for aside in snapshot.invalid(MAX_ISSUES) for issue in aside.issues)
    return list(islice(chain(ours, _theirs(snapshot, parts, data_object)), MAX_ISSUES))


def _theirs(snapshot: Snapshot, parts: Sequence[Part], data_object: str) -> Iterator[ValidationIssue]:
    for part in parts:
        if part.state is State.REJECTED:
            [first] = snapshot.record_rows(part.request, part.low, part.low + 1)
            yield refusal_issue(part, data_object, first)
