"""What the tests of the intake share."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from td_line_connectors.errors import StoreError
from td_line_connectors.ingest.intake import Intake
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.events import Arrival


@dataclass
class SlowStore:
    """Keeps calls in memory, one commit each time the test opens the gate."""

    gate: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    commits: list[tuple[str, Sequence[Arrival]]] = field(default_factory=list)
    fault: BaseException | None = None
    forgotten: int = 0
    kept_up: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    closed: int = 0

    def store(self, database: str, arrivals: Sequence[Arrival]) -> Sequence[StoreError | None]:
        self.begun.release()
        assert self.gate.acquire(timeout=10)
        self.commits.append((database, arrivals))
        if isinstance(self.fault, StoreError):
            return [self.fault] * len(arrivals)
        if self.fault:
            raise self.fault
        return [None] * (len(arrivals) - self.forgotten)

    def upkeep(self) -> None:
        self.kept_up.release()

    def close(self) -> None:
        self.closed += 1


class Answers:
    """Gathers what became of calls, as a server would hand it over."""

    def __init__(self) -> None:
        self.commits: list[Sequence[tuple[int, StoreError | None]]] = []
        self._told = threading.Condition()

    def __call__(self, told: Sequence[tuple[int, StoreError | None]]) -> None:
        with self._told:
            self.commits.append(told)
            self._told.notify_all()

    def wait_for(self, number: int) -> dict[int, StoreError | None]:
        with self._told:
            assert self._told.wait_for(lambda: sum(map(len, self.commits)) >= number, timeout=20)
            return dict(each for told in self.commits for each in told)


@pytest.fixture
def store() -> SlowStore:
    return SlowStore()


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def intake(store: SlowStore, answers: Answers) -> Iterator[Intake[int]]:
    made = Intake(store, answers, max_calls=10, max_bytes=10_000)
    made.start()
    yield made
    store.gate.release(1000)
    made.close()


@pytest.fixture
def shop(tmp_path: Path) -> Databases:
    databases = Databases(tmp_path / "databases")
    for name in ("shop", "other"):
        databases.create(name)
        for table in ("raw_calls", "events"):
            databases.create_table(name, table)
    return databases
