"""Waits that last too long are noticed, by one timer."""

import asyncio

from td_line_connectors.server.deadlines import Deadlines


def test_a_wait_that_lasts_too_long_is_told_once_and_in_turn() -> None:
    async def waits() -> tuple[list[str], int]:
        late: asyncio.Queue[str] = asyncio.Queue()
        deadlines = Deadlines(0.01, late.put_nowait)
        loop = asyncio.get_running_loop()
        for name in ("first", "second"):
            deadlines.begin(name, loop)
        return [await late.get(), await late.get()], len(deadlines)

    assert asyncio.run(waits()) == (["first", "second"], 0)


def test_a_wait_that_has_ended_is_not_told_and_a_later_one_is() -> None:
    async def waits() -> list[str]:
        late: asyncio.Queue[str] = asyncio.Queue()
        deadlines = Deadlines(0.01, late.put_nowait)
        loop = asyncio.get_running_loop()
        deadlines.begin("ended", loop)
        deadlines.end("ended")
        deadlines.end("ended")
        deadlines.begin("begun meanwhile", loop)
        told = [await late.get()]
        deadlines.begin("begun when there was no timer", loop)
        return [*told, await late.get()]

    assert asyncio.run(waits()) == ["begun meanwhile", "begun when there was no timer"]


def test_many_waits_cost_one_timer() -> None:
    timers = 0

    class Counting(asyncio.SelectorEventLoop):
        def call_at(self, *arguments: object, **named: object) -> asyncio.TimerHandle:
            nonlocal timers
            timers += 1
            return super().call_at(*arguments, **named)  # type: ignore[arg-type]  # passed on as they are

    async def waits() -> None:
        deadlines = Deadlines(60.0, print)
        loop = asyncio.get_running_loop()
        for number in range(100):
            deadlines.begin(number, loop)
            deadlines.end(number)

    with asyncio.Runner(loop_factory=Counting) as runner:
        runner.run(waits())
    assert timers == 1
