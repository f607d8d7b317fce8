"""How do calls get from the event loop to the store's thread, and what became of them back?"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from td_line_connectors.errors import StoreError
from td_line_connectors.ingest.intake import Intake
from td_line_connectors.server.application import Settled
from td_line_connectors.server.routes import Route
from td_line_connectors.spi import Delivery
from td_line_connectors.storage.events import Arrival

__all__ = ["Handover", "hand_over"]

ENOUGH_ROWS: Final = 256
"""Rows that do not wait for company."""

Told = Sequence[tuple[Settled, StoreError | None]]


class Handover:
    """The receiver's way into an intake whose `on_stored` is `hand_over`.

    Calls that the loop meets one right after the other are passed on together: for as long as each turn of the loop
    brings further ones, up to `ENOUGH_ROWS`. A commit has a price of its own, and the store's thread takes turns with
    a busy loop, so few large commits leave both of them more time than many small ones. A lone call waits for one
    turn of an idle loop, which is nothing.

    Args:
        intake: where calls go.
    """

    def __init__(self, intake: Intake[Settled]) -> None:
        self._intake = intake
        self._gathered: list[tuple[Arrival, Settled]] = []
        self._rows = 0
        self._rows_a_turn_ago = 0

    def submit(self, route: Route, delivery: Delivery, settled: Settled) -> None:
        """Take a delivery; returns at once. `settled` gets None, or what kept the delivery from being stored."""
        if not self._gathered:
            self._rows = self._rows_a_turn_ago = 0
            loop = settled.get_loop()
            loop.call_soon(self._turn, loop)
        self._rows += 1 + len(delivery.events)
        self._gathered.append((Arrival(route.database, route.raw_table, route.events_table, delivery), settled))

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Pass on what was gathered, unless more is coming."""
        if self._rows_a_turn_ago < self._rows < ENOUGH_ROWS:
            self._rows_a_turn_ago = self._rows
            loop.call_soon(self._turn, loop)
            return
        gathered, self._gathered = self._gathered, []
        for arrival, settled in gathered:
            try:
                self._intake.submit(arrival, settled)
            except StoreError as error:
                _settle([(settled, error)])


def hand_over(told: Told) -> None:
    """Settle the calls of one commit in their loop, which is woken once for all of them."""
    loop = told[0][0].get_loop()
    with suppress(RuntimeError):  # the loop was closed without waiting for its calls; they are stored all the same
        loop.call_soon_threadsafe(_settle, told)


def _settle(told: Told) -> None:
    for settled, problem in told:
        if not settled.done():  # it was given up, or its caller's task was cancelled
            settled.set_result(problem)
