"""What Treasure Data knows of one account."""

import shutil
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from td_line_connectors.testing.emulation.violations import Violation
from td_line_connectors.testing.treasure_data.jobs import JobBook
from td_line_connectors.testing.treasure_data.results import Found
from td_line_connectors.testing.treasure_data.tables import Tables

__all__ = ["Account", "Delivery"]


class Delivery(NamedTuple):
    """Records that were taken in one call.

    Attributes:
        database: the database.
        table: the table.
        sent: how many records the call had.
        taken: how many of them were stored.
        at: epoch seconds.
        unique_id: of an import that has one.
    """

    database: str
    table: str
    sent: int
    taken: int
    at: float
    unique_id: str | None = None


@dataclass(slots=True, eq=False, weakref_slot=True)
class Account:
    """One account. Thread-safe where its parts are; whoever changes several holds `tables.lock`.

    Attributes:
        now: gives epoch seconds.
        job_seconds: how long a job takes.
        time_scale: how many times faster than life; divides durations.
        keys: the keys that open it, and whether each can only write; not shown.
        tables: its databases and tables.
        jobs: its jobs.
        told: what gives the results that were told beforehand, by their SQL.
        unique_ids: of imports: the database and table that were filled, and the digest of what they were filled with.
        deliveries: what was taken, oldest first.
        violations: the limits that callers did not keep, oldest first.
    """

    now: Callable[[], float] = field(repr=False)
    job_seconds: float
    time_scale: float
    keys: dict[str, bool] = field(default_factory=dict, repr=False)
    tables: Tables = field(default_factory=Tables, repr=False)
    jobs: JobBook = field(default_factory=JobBook, repr=False)
    told: dict[str, Callable[[], Found]] = field(default_factory=dict, repr=False)
    unique_ids: dict[str, tuple[str, str, str]] = field(default_factory=dict, repr=False)
    deliveries: list[Delivery] = field(default_factory=list, repr=False)
    violations: list[Violation] = field(default_factory=list, repr=False)
    _folder: Path | None = field(default=None, init=False, repr=False)

    def scaled(self, seconds: float) -> float:
        """Give a nominal duration as this emulator lives it."""
        return seconds / self.time_scale

    def report(self, rule: str) -> None:
        """Write down that a caller did not keep a limit."""
        self.violations.append(Violation(rule, self.now()))

    def result_file(self, number: int) -> Path:
        """Give the place of a job's result, in a folder that goes when the account does."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="treasure-data-emulator-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder / f"{number}.msgpack.gz"
