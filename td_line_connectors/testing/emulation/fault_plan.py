"""Which fault befalls which call?"""

from collections.abc import Iterable, Sequence
from random import Random
from threading import Lock
from typing import Self

from td_line_connectors.testing.emulation.faults import MAY_ACT, RECOVERABLE, FaultKind, WireFault

__all__ = ["FaultPlan"]


class FaultPlan:
    """Which fault befalls which call. Thread-safe.

    The faults are a script, read from its first line: a call that one fault takes is not counted by those after it,
    so that two lines on one operation follow each other.

    Args:
        faults: the script.
    """

    def __init__(self, faults: Iterable[WireFault] = ()) -> None:
        self._lock = Lock()
        self._script: list[WireFault] = list(faults)
        self._seen: list[int] = [0] * len(self._script)
        self._chance: _Chance | None = None

    @classmethod
    def random(cls, seed: int, rate: float, *, kinds: Sequence[FaultKind] = RECOVERABLE, in_a_row: int = 3) -> Self:
        """Make a plan in which any call may fail; the same seed and calls give the same faults.

        Args:
            seed: of the choices.
            rate: the probability that a call fails, 0 to 1.
            kinds: the faults to choose from: kinds that any far side has, at least one.
            in_a_row: after so many faults on end one call is left alone.
        """
        plan = cls()
        plan._chance = _Chance(seed, rate, kinds, in_a_row)
        return plan

    def add(self, *faults: WireFault) -> None:
        """Write further lines at the end of the script."""
        with self._lock:
            self._script += faults
            self._seen += [0] * len(faults)

    def take(self, operation: str) -> WireFault | None:
        """Give the fault that befalls this call, if any, and count the call."""
        with self._lock:
            for line, fault in enumerate(self._script):
                if not fault.concerns(operation):
                    continue
                if fault.times is not None and self._seen[line] >= fault.after + fault.times:
                    continue
                self._seen[line] += 1
                if self._seen[line] > fault.after:
                    return fault
            return self._chance.draw() if self._chance else None


class _Chance:
    """Faults by lot."""

    def __init__(self, seed: int, rate: float, kinds: Sequence[FaultKind], in_a_row: int) -> None:
        if not 0 <= rate <= 1:
            raise ValueError("rate: a probability from 0 to 1")
        self._random = Random(seed)  # noqa: S311 - it must repeat, and guards nothing
        self._rate = rate
        self._kinds = tuple(kinds)
        self._in_a_row = in_a_row
        self._row = 0

    def draw(self) -> WireFault | None:
        fails = self._random.random() < self._rate
        if not fails or self._row >= self._in_a_row:
            self._row = 0
            return None
        self._row += 1
        kind = self._random.choice(self._kinds)
        return WireFault(
            kind,
            acts=kind in MAY_ACT and self._random.random() < 0.5,
            status=self._random.choice((500, 502, 503)) if kind is FaultKind.SERVER_ERROR else None,
            retry_after=self._random.choice((None, 0)) if kind is FaultKind.RATE_LIMITED else None,
        )
