"""Which records does the far side refuse?"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from td_line_connectors.runs.journal import Part
from td_line_connectors.spi import Refusal

__all__ = ["MAX_SEARCHES", "NOT_ISOLATED", "Consequence", "Verdict", "judge"]

MAX_SEARCHES: Final = 40
"""Further requests that one run may spend on the search."""

NOT_ISOLATED: Final = "not_isolated"
"""The code of rows that were refused together, with no requests left to tell the good ones apart."""


class Consequence(Enum):
    """What to do with a refused part."""

    SPLIT = "split"
    """Send its halves on their own."""
    REJECT = "reject"
    """All its rows are refused; go on."""
    REJECT_AND_END = "reject and end"
    """All its rows are refused, and so would be the next request's; end the run."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a refused part, and under which code its rows are rejected.

    Attributes:
        consequence: what to do.
        refusal: the refusal as the report and the rejects show it.
    """

    consequence: Consequence
    refusal: Refusal


def judge(part: Part, refusal: Refusal, searches: int) -> Verdict:
    """Decide what becomes of a refused part.

    A refusal that blames fewer rows than were sent, for a reason that lies in rows, is searched by halves.

    Args:
        part: the refused part.
        refusal: what the far side said.
        searches: further requests that the run has spent on searching, or promised.
    """
    if refusal.searchable and refusal.rows is not None and refusal.rows < part.records:
        if searches + 2 <= MAX_SEARCHES:
            return Verdict(Consequence.SPLIT, refusal)
        spent = f"{refusal.message}; the {MAX_SEARCHES} further requests of this run did not tell which rows"
        return Verdict(Consequence.REJECT, Refusal(NOT_ISOLATED, spent, refusal.rows))
    return Verdict(Consequence.REJECT if part.searched else Consequence.REJECT_AND_END, refusal)
