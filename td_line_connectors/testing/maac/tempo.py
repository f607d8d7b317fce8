"""How fast does the emulator's time go?"""

from collections.abc import Callable
from dataclasses import dataclass, field

from td_line_connectors.testing.emulation.clock import steady_clock

__all__ = ["Tempo"]


@dataclass(frozen=True, slots=True)
class Tempo:
    """The clock and the durations of one emulator.

    Attributes:
        now: gives epoch seconds.
        time_scale: how many times faster than life: divides the quota window and the durations below.
        task_seconds: how long an import takes.
        segment_seconds: how long a custom segment is being prepared.
    """

    now: Callable[[], float] = field(default_factory=steady_clock)
    time_scale: float = 1.0
    task_seconds: float = 0.5
    segment_seconds: float = 0.5

    def __post_init__(self) -> None:
        if not self.time_scale > 0:
            raise ValueError(f"time_scale: must be above 0, not {self.time_scale}")
        if min(self.task_seconds, self.segment_seconds) < 0:
            raise ValueError("task_seconds, segment_seconds: must be 0 or more")

    def scaled(self, seconds: float) -> float:
        """Give a nominal duration as this emulator lives it."""
        return seconds / self.time_scale
