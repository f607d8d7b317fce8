"""Treasure Data is away for an hour, while people go on writing."""

from contextlib import closing
from dataclasses import replace
from itertools import count

from td_line_connectors.drain.backlog import Backlog
from td_line_connectors.testing import StillClock
from tests.drain.queues import Queued, emptied, event

HOUR = 3600.0


def test_an_outage_of_an_hour_loses_nothing_and_is_caught_up_with(queued: Queued, clock: StillClock) -> None:
    began, numbers, seen = clock(), count(), list[Backlog]()
    queued.far_side.stop()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        queued.receive(*(event(next(numbers), time=int(clock())) for _ in range(20)))
        seen.append(queued.backlog(clock()))
        if clock() - began >= HOUR:
            queued.far_side.start()

    queued.receive(event(next(numbers), time=int(began)))
    with closing(queued.stream(replace(clock.runtime(), sleep=sleep))) as stream:
        emptied(stream)

    assert seen[-1].lag >= HOUR
    assert [each.pending for each in seen] == sorted(each.pending for each in seen)
    assert queued.arrived() == [f"r{number}" for number in range(20 * len(seen) + 1)]
    assert len(seen) > HOUR / 60
    assert queued.far_side.violations == []
