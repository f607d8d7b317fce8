"""What does the host give a connector?"""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from td_line_connectors.transport.quota_store import MemoryQuotaStore, QuotaStore

__all__ = ["Runtime"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@cache
def _process_quota() -> QuotaStore:
    """Give the one store that all runs of this process share."""
    return MemoryQuotaStore()


def _this_process() -> str:
    return f"process {os.getpid()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The outside world, given by the host.

    Attributes:
        now: the wall clock, aware of its zone.
        monotonic: a clock in seconds that never jumps.
        sleep: waits the given seconds.
        random: a number from 0 up to, not including, 1.
        work_folder: where a run keeps its snapshot; None: a temporary folder, gone with the run.
        quota: where starts of requests are written down. The default is shared within this process only: runs of
            one account in several processes need a store that they share, such as `storage.quota_folder.QuotaFolder`.
        holder: who sends, in words for whoever waits for it in another process; no secret, no personal data.
    """

    now: Callable[[], datetime] = _utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
    work_folder: Path | None = None
    quota: QuotaStore = field(default_factory=_process_quota)
    holder: str = field(default_factory=_this_process)
