"""GET /readyz says whether a call would be stored now."""

import asyncio
import threading

import pytest

from td_line_connectors.errors import StoreError
from td_line_connectors.server.readiness import Readiness


class Store:
    """A store that is written to on trial."""

    def __init__(self) -> None:
        self.trials = 0
        self.problem: Exception | None = None
        self.free = threading.Event()
        self.free.set()

    def __call__(self) -> None:
        self.trials += 1
        self.free.wait()
        if self.problem:
            raise self.problem


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    "problem", [StoreError("the disk is full"), PermissionError(13, "Permission denied")], ids=["ours", "the system's"]
)
def test_a_store_that_takes_writes_is_ready_and_one_that_does_not_is_not(problem: Exception) -> None:
    store, clock = Store(), Clock()
    readiness = Readiness(store, clock, keep=1)

    async def statuses() -> list[int]:
        found = [(await readiness.page()).status]
        store.problem = problem
        clock.now += 1
        found.append((await readiness.page()).status)
        store.problem = None
        clock.now += 1
        return [*found, (await readiness.page()).status]

    assert asyncio.run(statuses()) == [200, 503, 200]


def test_many_who_ask_cost_one_trial() -> None:
    store = Store()
    readiness = Readiness(store, Clock())

    async def statuses() -> list[int]:
        pages = await asyncio.gather(*(readiness.page() for _ in range(10)))
        return [page.status for page in [*pages, await readiness.page()]]

    assert asyncio.run(statuses()) == [200] * 11
    assert store.trials == 1


def test_a_store_that_does_not_answer_is_not_ready_and_is_not_asked_again_meanwhile() -> None:
    store, clock = Store(), Clock()
    readiness = Readiness(store, clock, patience=0.01, keep=0)
    store.free.clear()

    async def answers() -> tuple[list[int], int]:
        found = [(await readiness.page()).status for _ in range(3)]
        trials = store.trials
        store.free.set()
        while (await readiness.page()).status != 200:
            pass
        return found, trials

    assert asyncio.run(answers()) == ([503] * 3, 1)
