"""Clocks for rehearsals."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from td_line_connectors.spi import Runtime
from td_line_connectors.transport.quota_store import MemoryQuotaStore

__all__ = ["FastClock", "StillClock"]


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


class StillClock:
    """A clock that moves only when somebody sleeps by it: hours of waiting take no time at all.

    Called, it gives epoch seconds, so that an emulator can live by it too (`now=clock`).

    Attributes:
        slept: every wait, in seconds.
    """

    def __init__(self) -> None:
        self._epoch = 1_795_262_400.0  # some noon
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Give epoch seconds."""
        return self._epoch

    def now(self) -> datetime:
        """Give this clock's moment."""
        return datetime.fromtimestamp(self._epoch, UTC)

    def sleep(self, seconds: float) -> None:
        """Let so many seconds be gone."""
        self.slept.append(seconds)
        self._epoch += seconds

    def runtime(self, work_folder: Path | None = None) -> Runtime:
        """Give a runtime that lives by this clock, with a quota store of its own, in which chance is always a half.

        Args:
            work_folder: where a run keeps its files; None: a temporary folder, gone with the run.
        """
        return Runtime(
            now=self.now,
            monotonic=self,
            sleep=self.sleep,
            random=lambda: 0.5,
            work_folder=work_folder,
            quota=MemoryQuotaStore(),
        )
