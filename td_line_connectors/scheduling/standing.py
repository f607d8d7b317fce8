"""How does a scheduled workflow stand?"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

__all__ = ["REFUSALS", "SIGNALS", "Off", "OffBecause", "SessionRecord", "Standing"]

REFUSALS: Final = 5
"""So many sessions running that end with exit code 2 switch a workflow off."""
CONFIG: Final = 2
SIGNALS: Final = 128
"""An exit code is this and a signal's number where that ended the run."""


class OffBecause(StrEnum):
    """Why a workflow is switched off."""

    REFUSED = "refused"
    """Its sessions ended with exit code 2, five times running."""
    ASKED = "asked"
    """Somebody asked for it."""


@dataclass(frozen=True, slots=True)
class Off:
    """That a workflow is switched off.

    Attributes:
        since: when that was, in UTC.
        because: why.
    """

    since: datetime
    because: OffBecause


@dataclass(frozen=True, slots=True)
class Standing:
    """What is kept of a workflow.

    Attributes:
        through: its sessions that run up to this moment, in UTC, have begun, were left out or were named as missed.
        refusals: how many sessions running ended with exit code 2.
        off: that it is switched off; None where it is not.
    """

    through: datetime
    refusals: int = 0
    off: Off | None = None

    def after(self, exit_code: int | None, at: datetime) -> "Standing":
        """Give the standing once a session has ended.

        Args:
            exit_code: the session's; None where it was cut off. Where a signal ended it, nothing is said of the
                workflow.
            at: when it ended, in UTC.
        """
        if exit_code is None or exit_code >= SIGNALS:
            return self
        if exit_code != CONFIG:
            return replace(self, refusals=0)
        refusals = self.refusals + 1
        off = self.off or (Off(at, OffBecause.REFUSED) if refusals >= REFUSALS else None)
        return replace(self, refusals=refusals, off=off)


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session that began.

    Attributes:
        workflow: the workflow's file.
        session: the session's time, in UTC.
        run_id: its run.
        began_at: when it began, in UTC.
        ended_at: when it ended; None where nobody has written that down.
        exit_code: how it ended; None as long as it has not, and where it was cut off.
    """

    workflow: str
    session: datetime
    run_id: str
    began_at: datetime
    ended_at: datetime | None = None
    exit_code: int | None = None
