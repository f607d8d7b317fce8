"""Which source is so far behind that somebody must know?"""

import logging
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from td_line_connectors.drain.backlog import Backlog

__all__ = ["Overdue"]

LOG: Final = logging.getLogger(__name__)

MOST_LAG: Final = 3600.0
LEAST_FREE: Final = 0.1
"""A share of the disk. Rows that wait are never dropped: when it is full, calls are answered 503."""

SECONDS_BETWEEN_WARNINGS: Final = 3600.0


class Overdue:
    """Warns of sources that are behind: of each once an hour.

    Args:
        state: the project's state folder, whose disk counts.
        least_free: a share of the disk; with less, rows that wait are warned of at once.
    """

    def __init__(self, state: Path, least_free: float = LEAST_FREE) -> None:
        self._state = state
        self._least_free = least_free
        self._said: dict[str, float] = {}

    def look(self, backlogs: Iterable[tuple[str, Backlog]], monotonic: float) -> None:
        """Warn, where there is a reason to.

        Args:
            backlogs: of each source.
            monotonic: seconds on a clock that never goes back.
        """
        disk = shutil.disk_usage(self._state)
        tight = disk.free < self._least_free * disk.total
        for source, backlog in backlogs:
            said = self._said.get(source)
            if not backlog.pending or not (backlog.lag > MOST_LAG or tight):
                self._said.pop(source, None)
            elif said is None or monotonic - said >= SECONDS_BETWEEN_WARNINGS:
                self._said[source] = monotonic
                free = f"{disk.free / 2**30:,.1f} GiB of the disk are free; when it is full, calls are answered 503"
                LOG.warning("source %s: %s; %s", source, backlog, free)
