"""What became of a request?"""

from collections.abc import Sequence
from dataclasses import dataclass

from td_line_connectors.report import SegmentSummary

__all__ = ["Outcome", "Refusal", "Ticket"]

Ticket = str
"""Plain JSON text that names work the far side has accepted; enough to ask about it from another process."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The far side judged a request and refused the whole of it.

    Attributes:
        code: the far side's word for the reason; several are joined by a comma.
        message: a sentence for people, with counts and column names, never a value.
        rows: how many rows the far side blames; None where it does not say.
        searchable: whether parts of the request could be accepted, so that searching by halves makes sense.
    """

    code: str
    message: str
    rows: int | None = None
    searchable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one request, in counts of its records.

    Attributes:
        written: created or updated.
        mismatched: known to nobody, or blocked.
        refused: the refusal, where the far side judged and refused the whole request.
        unsettled: records whose fate the far side leaves open. What the counts do not cover, the engine adds.
        segment: the segment written, where the request wrote one.
        warnings: sentences for the operator.
    """

    written: int = 0
    mismatched: int = 0
    refused: Refusal | None = None
    unsettled: int = 0
    segment: SegmentSummary | None = None
    warnings: Sequence[str] = ()
