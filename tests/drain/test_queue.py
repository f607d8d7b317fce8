"""What is handed over is written down, beside the rows."""

import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from td_line_connectors.drain.queue import Queue, Seal, State
from td_line_connectors.drain.rejects import hand_over_again, rejects_of
from td_line_connectors.drain.stream import Stream
from td_line_connectors.errors import StoreError
from td_line_connectors.storage.names import table_name
from td_line_connectors.treasure_data.records import RecordFault
from tests.drain.queues import EVENTS, NOON, RAW, Queued, emptied, event

DAY = 86_400
FAULT = RecordFault("InvalidPropertyValueError", "neither text nor number")


@pytest.fixture
def queue(ingested: Queued) -> Iterator[Queue]:
    with closing(Queue(ingested.path, table_name(EVENTS), power_proof=True)) as made:
        yield made


def numbers(queue: Queue, after: int = 0) -> list[int]:
    return [number for number, _ in queue.rows(after)]


def test_a_new_queue_has_handed_nothing_over(queue: Queue) -> None:
    assert queue.state() == State(0, None, None, 0)
    assert numbers(queue) == []


def test_what_was_written_down_outlives_the_process(ingested: Queued, queue: Queue) -> None:
    queue.settle(7, {}, NOON)
    queue.seal(Seal(12, "some id"), 0)
    queue.note_trouble("401, check td_api_key", NOON)
    queue.close()
    with closing(Queue(ingested.path, table_name(EVENTS), power_proof=True)) as other:
        assert other.state() == State(7, Seal(12, "some id"), "401, check td_api_key", 0)


def test_settling_breaks_the_seal_and_ends_the_trouble(queue: Queue) -> None:
    queue.seal(Seal(12, "some id"), 0)
    queue.note_trouble("503", NOON)
    queue.settle(12, {}, NOON)
    assert queue.state() == State(12, None, None, 0)


def test_each_table_has_a_state_of_its_own(ingested: Queued, queue: Queue) -> None:
    queue.settle(7, {}, NOON)
    with closing(Queue(ingested.path, table_name(RAW), power_proof=True)) as calls:
        assert calls.state().through == 0


def test_a_number_is_never_given_twice_even_if_all_rows_are_gone(ingested: Queued, queue: Queue) -> None:
    ingested.receive(event(1), event(2))
    queue.settle(2, {}, NOON)
    assert queue.trim(NOON + 1, 0) == 2
    ingested.receive(event(3))
    assert numbers(queue) == [3]


def test_old_rows_go_a_few_hundred_at_a_time_and_young_ones_stay(ingested: Queued, queue: Queue) -> None:
    ingested.receive(*(event(number, time=NOON - 8 * DAY) for number in range(1200)))
    ingested.receive(*(event(number, time=NOON) for number in range(1200, 1210)))
    queue.settle(1210, {}, NOON)
    looked_at, steps = 0, []
    while step := queue.trim(NOON - 7 * DAY, looked_at):
        looked_at = step
        steps.append(step)
    assert steps == [500, 1000, 1200]
    assert numbers(queue) == list(range(1201, 1211))


def test_rows_that_wait_are_never_deleted(ingested: Queued, queue: Queue) -> None:
    ingested.receive(*(event(number, time=NOON - 30 * DAY) for number in range(10)))
    assert queue.trim(NOON, 0) is None
    queue.settle(4, {}, NOON)
    assert queue.trim(NOON, 0) == 4
    assert numbers(queue) == list(range(5, 11))


def test_rows_that_were_set_aside_are_never_deleted(ingested: Queued, queue: Queue) -> None:
    ingested.receive(*(event(number, time=NOON - 30 * DAY) for number in range(5)))
    queue.settle(5, {2: FAULT, 4: FAULT}, NOON)
    assert queue.trim(NOON, 0) == 5
    assert numbers(queue) == [2, 4]


def test_an_event_that_comes_again_after_it_was_forgotten_is_a_new_one(ingested: Queued, queue: Queue) -> None:
    ingested.receive(event(1, time=NOON - 8 * DAY))
    queue.settle(1, {}, NOON)
    queue.trim(NOON - 7 * DAY, 0)
    ingested.receive(event(1))
    assert numbers(queue, after=1) == [2]


def test_a_backlog_says_how_much_waits_and_for_how_long(ingested: Queued, queue: Queue) -> None:
    assert str(ingested.backlog()) == ""
    ingested.receive(event(1, time=NOON - 90), event(2, time=NOON - 60))
    backlog = ingested.backlog(NOON)
    assert (backlog.pending, backlog.lag, backlog.rejected, backlog.troubles) == (3, 90, 0, ())
    queue.settle(1, {1: FAULT}, NOON)
    queue.note_trouble("403, check td_api_key", NOON)
    assert str(ingested.backlog(NOON)) == (
        "rows that wait for Treasure Data: 2, the oldest for 90 s; rows set aside: 1; 403, check td_api_key"
    )


def test_a_backlog_of_very_many_rows_is_told_by_their_numbers(ingested: Queued) -> None:
    for start in range(0, 12_000, 4_000):
        ingested.receive(*map(event, range(start, start + 4_000)))
    assert ingested.backlog().pending == 12_000 + 3


def test_a_file_that_is_gone_is_the_trouble(ingested: Queued, queue: Queue) -> None:
    path = ingested.path
    ingested.tables.close()
    path.unlink()
    assert "no database" in ingested.backlog().troubles[0]
    with pytest.raises(StoreError):
        queue.state()


def test_rows_that_were_set_aside_are_shown_with_their_reasons(ingested: Queued, queue: Queue) -> None:
    assert list(rejects_of(ingested.source, ingested.places)) == []
    ingested.receive(*map(event, range(3)))
    queue.settle(3, {2: FAULT}, NOON)
    [reject] = rejects_of(ingested.source, ingested.places)
    assert (reject.table, reject.error, reject.description, reject.rejected_at) == (
        EVENTS,
        FAULT.name,
        FAULT.description,
        NOON,
    )
    assert reject.record == event(1)


def test_rows_that_were_set_aside_are_handed_over_again(queued: Queued, stream: Stream) -> None:
    queued.receive(*(event(1), {**event(2), "event_Ω": 1}, event(3)))
    emptied(stream)
    assert hand_over_again(queued.source, queued.places) == 1
    assert (queued.backlog().pending, queued.backlog().rejected) == (1 + 1, 0)  # and the call
    emptied(stream)
    assert queued.backlog().rejected == 1
    queued.kept_change('UPDATE events SET "event_Ω" = NULL')
    assert hand_over_again(queued.source, queued.places) == 1
    queued.receive(event(4))
    emptied(stream)
    assert queued.arrived() == ["r1", "r3", "r2", "r4"]


def test_the_files_are_for_this_user_alone(queued: Queued, stream: Stream, tmp_path: Path) -> None:
    queued.receive(event(1))
    emptied(stream)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(queued.path.parent.stat().st_mode) == 0o700
