"""Calls go to the store's thread together, and each learns what became of it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from td_line_connectors.errors import StoreError
from td_line_connectors.ingest.intake import Intake
from td_line_connectors.server.application import Settled
from td_line_connectors.server.handover import Handover, hand_over
from td_line_connectors.server.routes import Route
from td_line_connectors.spi import Delivery
from td_line_connectors.storage.events import Arrival

ROUTE = Route(
    source="shop", connector=None, signature_header="x", database="line", raw_table="calls", events_table="events"
)


class Recording:
    """An intake that stores nothing."""

    def __init__(self) -> None:
        self.passed: list[Arrival] = []
        self.full: StoreError | None = None

    def submit(self, arrival: Arrival, _ticket: Settled) -> None:
        if self.full:
            raise self.full
        self.passed.append(arrival)


def delivery(name: str, events: int = 1) -> Delivery:
    return Delivery({"body": name}, ({},) * events)


def passed_after(turns: int, act: Callable[[Handover], Awaitable[None]]) -> list[str]:
    """Say what an intake has been given so many turns of the loop after `act`."""
    intake = Recording()

    async def run() -> list[str]:
        await act(Handover(cast("Intake[Settled]", intake)))
        for _ in range(turns):
            await asyncio.sleep(0)
        return [str(arrival.delivery.raw["body"]) for arrival in intake.passed]

    return asyncio.run(run())


def submit(handover: Handover, name: str, events: int = 1) -> Settled:
    settled: Settled = asyncio.get_running_loop().create_future()
    handover.submit(ROUTE, delivery(name, events), settled)
    return settled


def test_a_lone_call_is_passed_on_as_soon_as_no_other_comes() -> None:
    async def act(handover: Handover) -> None:
        submit(handover, "lone")

    assert passed_after(0, act) == []
    assert passed_after(3, act) == ["lone"]


def test_calls_that_keep_coming_are_passed_on_together_and_in_their_order() -> None:
    async def act(handover: Handover) -> None:
        for number in range(5):
            submit(handover, str(number))
            await asyncio.sleep(0)

    assert passed_after(0, act) == []
    assert passed_after(3, act) == ["0", "1", "2", "3", "4"]


def test_rows_that_are_enough_are_passed_on_though_others_keep_coming() -> None:
    async def act(handover: Handover) -> None:
        submit(handover, "large", events=300)
        await asyncio.sleep(0)
        submit(handover, "next")

    assert passed_after(0, act) == ["large"]


def test_what_the_intake_refuses_is_told_to_the_call() -> None:
    intake = Recording()
    intake.full = StoreError("too many calls wait")

    async def outcome() -> StoreError | None:
        return await submit(Handover(cast("Intake[Settled]", intake)), "refused")

    assert asyncio.run(outcome()) is intake.full


def test_each_call_of_a_commit_learns_its_own_outcome_and_one_that_was_given_up_is_no_fault() -> None:
    problem = StoreError("its rows are odd")

    async def outcomes() -> list[StoreError | None]:
        loop = asyncio.get_running_loop()
        good, bad, given_up = (loop.create_future() for _ in range(3))
        given_up.cancel()
        await loop.run_in_executor(None, hand_over, [(good, None), (given_up, None), (bad, problem)])
        return [await good, await bad]

    assert asyncio.run(outcomes()) == [None, problem]


def test_a_loop_that_is_closed_is_told_nothing() -> None:
    async def future() -> Settled:
        return asyncio.get_running_loop().create_future()

    hand_over([(asyncio.run(future()), None)])
