"""How far is a job, and what came of it?

Unpublished, and chosen here: a job waits for its turn for a third of its time; a `domain_key` is remembered for ever.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from math import inf
from threading import RLock
from typing import Final

from td_line_connectors.testing.treasure_data.results import Result

__all__ = ["ENGINES", "Job", "JobBook"]

ENGINES: Final = {"presto": 1_000_000, "trino": 1_000_000, "hive": 2_097_152}
"""The engines, and the most characters that a query of theirs may have."""
_QUEUED_SHARE: Final = 1 / 3


@dataclass(slots=True, eq=False)
class Job:
    """One job.

    Attributes:
        id: its number; on the line it is text.
        engine: `presto`, `trino` or `hive`.
        database: its database.
        query: its SQL.
        domain_key: what makes its issue safe to repeat.
        priority: -2 to 2.
        created_at: epoch seconds.
        done_at: epoch seconds; infinite for one that never ends.
        result: what it found; shown when it is done.
        error: why it failed, in the engine's words; shown when it is done.
        killed_at: epoch seconds at which somebody killed it.
    """

    id: int
    engine: str
    database: str
    query: str
    domain_key: str | None
    priority: int
    created_at: float
    done_at: float
    result: Result | None = None
    error: str | None = None
    killed_at: float | None = None

    def start_at(self) -> float:
        """Give the moment at which it stops waiting."""
        if self.done_at == inf:
            return self.created_at
        return self.created_at + _QUEUED_SHARE * (self.done_at - self.created_at)

    def end_at(self) -> float:
        """Give the moment of its end; infinite for one that never ends."""
        return self.done_at if self.killed_at is None else self.killed_at

    def status(self, now: float) -> str:
        """Give `queued`, `running`, `success`, `error` or `killed`."""
        if self.killed_at is not None:
            return "killed"
        if now < self.done_at:
            return "queued" if now < self.start_at() else "running"
        return "success" if self.error is None else "error"


class JobBook:
    """The jobs of one account. Thread-safe."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._jobs: dict[int, Job] = {}
        self._by_domain_key: dict[str, Job] = {}
        self._ids = count(1000)

    def issue(self, domain_key: str | None, run: Callable[[int], Job]) -> tuple[Job, bool]:
        """Issue a job, or find the one that has the domain key.

        Args:
            domain_key: what makes the issue safe to repeat.
            run: makes the job of a number.

        Returns:
            The job, and whether it is new.
        """
        with self._lock:
            known = self._by_domain_key.get(domain_key) if domain_key is not None else None
            if known is not None:
                return known, False
            job = run(next(self._ids))
            self._jobs[job.id] = job
            if domain_key is not None:
                self._by_domain_key[domain_key] = job
            return job, True

    def find(self, number: str) -> Job | None:
        """Find a job by its number as text."""
        return self._jobs.get(int(number)) if number.isascii() and number.isdecimal() and len(number) < 19 else None

    @property
    def jobs(self) -> list[Job]:
        """All jobs, oldest first."""
        return list(self._jobs.values())
