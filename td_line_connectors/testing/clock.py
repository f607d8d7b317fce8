"""A clock that runs faster than life."""

import time
from datetime import UTC, datetime, timedelta

from td_line_connectors.spi import Runtime
from td_line_connectors.transport.quota import MemoryQuotaStore

__all__ = ["FastClock"]


class FastClock:
    """Time for rehearsals against an emulator with the same `time_scale`: a minute's quota lasts a second or so.

    Args:
        scale: how many times faster than life.
    """

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._began = time.monotonic()
        self._epoch = datetime.now(UTC)

    def monotonic(self) -> float:
        """Give the seconds that have gone by on this clock."""
        return (time.monotonic() - self._began) * self._scale

    def now(self) -> datetime:
        """Give this clock's moment."""
        return self._epoch + timedelta(seconds=self.monotonic())

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds of this clock."""
        time.sleep(seconds / self._scale)

    def runtime(self) -> Runtime:
        """Give a runtime that lives by this clock, with a quota store of its own."""
        return Runtime(now=self.now, monotonic=self.monotonic, sleep=self.sleep, quota=MemoryQuotaStore())
