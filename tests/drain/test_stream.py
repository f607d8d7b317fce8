"""One table is handed over: every row, in its order, whatever fails."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from td_line_connectors.drain.stream import Stream
from td_line_connectors.errors import RefusedError, TransientError
from td_line_connectors.testing import FaultKind, FaultPlan, StillClock, TreasureDataEmulator, TreasureDataFault
from td_line_connectors.transport.retry import RetryPolicy
from tests.drain.queues import DATABASE, EVENTS, NOON, RAW, Queued, emptied, event

PASSING = (
    FaultKind.SERVER_ERROR,
    FaultKind.CUT_BEFORE,
    FaultKind.GARBAGE,
    FaultKind.HTML,
    FaultKind.RATE_LIMITED,
)


def poison(number: int) -> dict[str, object]:
    """Give an event that Treasure Data takes in no table: a column of that name cannot be."""
    return {**event(number), "event_Ω": "x"}


def test_rows_arrive_once_and_in_their_order(queued: Queued, stream: Stream) -> None:
    queued.receive(*map(event, range(1234)))
    emptied(stream)
    assert queued.arrived() == [f"r{number}" for number in range(1234)]
    assert (stream.tally.handed_over, stream.tally.rejected, queued.far_side.violations) == (1234, 0, [])


def test_a_row_arrives_as_it_is_kept(queued: Queued, stream: Stream) -> None:
    queued.receive(
        event(1, event_message='{"text":"花 \\ud83e"}', event_postback=None, event_big=2**62, event_part=0.5)
    )
    emptied(stream)
    [row] = queued.far_side.rows(DATABASE, EVENTS)
    expected = {**event(1), "event_message": '{"text":"花 \\ud83e"}', "event_big": 2**62, "event_part": 0.5}
    assert row == expected


def test_calls_go_on_as_events_do(queued: Queued, clock: StillClock) -> None:
    queued.receive(event(1))
    with closing(queued.stream(clock.runtime(), table=RAW)) as stream:
        emptied(stream)
    [row] = queued.far_side.rows(DATABASE, RAW)
    assert row == {"record_uuid": "raw of r1", "body": "{}", "event_count": 1, "time": NOON}


def test_a_column_called_uuid_is_sent_under_another_name(queued: Queued, stream: Stream) -> None:
    queued.receive(event(1, uuid="mine"))
    emptied(stream)
    [row] = queued.far_side.rows(DATABASE, EVENTS)
    assert (row.get("uuid"), row["uuid_"]) == (None, "mine")
    assert queued.far_side.pipeline_uuids(DATABASE, EVENTS) == {}


def test_rows_that_come_later_follow(queued: Queued, stream: Stream) -> None:
    for number in range(3):
        queued.receive(event(number))
        emptied(stream)
    assert queued.arrived() == ["r0", "r1", "r2"]


def test_an_event_that_comes_again_is_not_handed_over_again(queued: Queued, stream: Stream) -> None:
    queued.receive(event(1))
    emptied(stream)
    queued.receive(event(1), event(2))
    emptied(stream)
    assert queued.arrived() == ["r1", "r2"]


def test_another_stream_goes_on_where_the_last_one_ended(queued: Queued, clock: StillClock) -> None:
    for number in range(3):
        queued.receive(event(number))
        with closing(queued.stream(clock.runtime())) as stream:
            assert stream.turn()
    assert queued.arrived() == ["r0", "r1", "r2"]


def test_few_rows_of_a_file_wait_for_others_and_not_too_long(imported: Queued, clock: StillClock) -> None:
    with closing(imported.stream(clock.runtime(), patience=None)) as stream:
        imported.receive(event(1, time=int(clock())))
        assert not stream.turn()
        clock.sleep(61)
        assert stream.turn()
    assert imported.arrived() == ["r1"]


@pytest.mark.parametrize("kind", PASSING)
def test_a_far_side_that_fails_for_a_while_is_waited_for(
    queued: Queued, stream: Stream, clock: StillClock, kind: FaultKind
) -> None:
    queued.far_side.faults.add(TreasureDataFault(kind, times=30))
    queued.receive(*map(event, range(10)))
    emptied(stream)
    assert queued.arrived() == [f"r{number}" for number in range(10)]
    assert max(clock.slept) <= 60


def test_retry_after_is_honoured(queued: Queued, stream: Stream, clock: StillClock) -> None:
    queued.far_side.faults.add(TreasureDataFault(FaultKind.RATE_LIMITED, retry_after=300))
    queued.receive(event(1))
    emptied(stream)
    assert clock.slept == [300]


@pytest.mark.parametrize("kind", [FaultKind.CUT_AFTER, FaultKind.CUT_MIDWAY])
def test_a_file_whose_answer_is_lost_is_sent_again_and_stored_once(
    imported: Queued, clock: StillClock, kind: FaultKind
) -> None:
    imported.far_side.faults.add(TreasureDataFault(kind, times=5))
    imported.receive(*map(event, range(10)))
    with closing(imported.stream(clock.runtime())) as stream:
        emptied(stream)
    assert imported.arrived() == [f"r{number}" for number in range(10)]
    assert [each.taken for each in imported.far_side.deliveries] == [10, 0, 0, 0, 0, 0]
    assert imported.far_side.violations == []


def test_a_file_is_the_same_after_its_process_has_died_although_rows_came_meanwhile(
    imported: Queued, clock: StillClock
) -> None:
    imported.far_side.faults.add(TreasureDataFault(FaultKind.CUT_AFTER))
    imported.receive(event(1), event(2))
    once = RetryPolicy(attempts=1)
    with closing(imported.stream(clock.runtime(), retry=once)) as stream, pytest.raises(TransientError):
        stream.turn()
    imported.receive(event(3))
    with closing(imported.stream(clock.runtime())) as stream:
        emptied(stream)
    assert imported.arrived() == ["r1", "r2", "r3"]
    assert [each.sent for each in imported.far_side.deliveries] == [2, 2, 1]
    assert imported.far_side.violations == []


def test_one_poison_row_does_not_stop_its_neighbours(queued: Queued, stream: Stream) -> None:
    rows = [event(number) for number in range(300)]
    rows[137] = poison(137)
    queued.receive(*rows)
    emptied(stream)
    assert queued.arrived() == [f"r{number}" for number in range(300) if number != 137]
    assert (stream.tally.handed_over, stream.tally.rejected) == (299, 1)
    assert queued.backlog().rejected == 1


def test_several_poison_rows_are_all_found(imported: Queued, clock: StillClock) -> None:
    bad = {0, 1, 77, 255, 256, 511}
    imported.receive(*(poison(number) if number in bad else event(number) for number in range(512)))
    with closing(imported.stream(clock.runtime())) as stream:
        emptied(stream)
    assert imported.arrived() == [f"r{number}" for number in range(512) if number not in bad]
    assert imported.backlog().rejected == len(bad)
    assert len(imported.far_side.calls) < 150


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_request_refused_for_its_size_goes_through_by_halves(queued: Queued, stream: Stream, status: int) -> None:
    queued.far_side.faults.add(TreasureDataFault(FaultKind.REFUSED, status=status))
    queued.receive(*map(event, range(100)))
    emptied(stream)
    assert queued.arrived() == [f"r{number}" for number in range(100)]
    assert stream.tally.rejected == 0


def test_where_not_one_row_is_taken_only_a_few_are_set_aside(queued: Queued, stream: Stream) -> None:
    queued.far_side.faults.add(TreasureDataFault(FaultKind.REFUSED, status=400, times=None))
    queued.receive(*map(event, range(100)))
    with pytest.raises(RefusedError):
        emptied(stream)
    backlog = queued.backlog()
    assert (backlog.pending, backlog.rejected) == (80 + 1, 20)  # and the call


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_a_refusal_of_the_connection_keeps_every_row(queued: Queued, stream: Stream, status: int) -> None:
    queued.far_side.faults.add(TreasureDataFault(FaultKind.REFUSED, status=status, times=3))
    queued.receive(*map(event, range(10)))
    for _ in range(3):
        with pytest.raises(RefusedError) as caught:
            stream.turn()
        assert caught.value.status == status
    assert queued.backlog().pending == 10 + 1  # and the call
    emptied(stream)
    assert queued.arrived() == [f"r{number}" for number in range(10)]


def test_records_that_are_refused_for_the_moment_are_sent_again_and_nobody_else(
    ingested: Queued, clock: StillClock
) -> None:
    ingested.far_side.faults.add(
        TreasureDataFault(FaultKind.RECORD_ERRORS, records=(2, 5), times=1),
        TreasureDataFault(FaultKind.RECORD_ERRORS, records=(0,), times=1),
    )
    ingested.receive(*map(event, range(8)))
    with closing(ingested.stream(clock.runtime())) as stream:
        emptied(stream)
    assert [(each.sent, each.taken) for each in ingested.far_side.deliveries] == [(8, 6), (2, 1), (1, 1)]
    assert sorted(ingested.arrived()) == [f"r{number}" for number in range(8)]
    assert stream.tally.rejected == 0


def test_rows_behind_a_record_that_is_refused_for_the_moment_wait_for_it(ingested: Queued, clock: StillClock) -> None:
    ingested.far_side.faults.add(TreasureDataFault(FaultKind.RECORD_ERRORS, records=(0,)))
    ingested.receive(*map(event, range(501)))
    with closing(ingested.stream(clock.runtime())) as stream:
        emptied(stream)
    assert ingested.arrived()[-2:] == ["r0", "r500"]


def test_a_record_that_is_refused_again_and_again_is_set_aside(ingested: Queued, clock: StillClock) -> None:
    ingested.far_side.faults.add(TreasureDataFault(FaultKind.RECORD_ERRORS, records=(0,), times=8))
    ingested.receive(event(1))
    with closing(ingested.stream(clock.runtime())) as stream:
        emptied(stream)
    assert (ingested.backlog().rejected, ingested.arrived()) == (1, [])


@pytest.mark.parametrize(
    "name", ["InvalidCollectionNameError", "InvalidPropertyNameError", "InvalidPropertyValueError"]
)
def test_a_permanent_error_sets_its_record_aside_at_once(ingested: Queued, clock: StillClock, name: str) -> None:
    ingested.far_side.faults.add(TreasureDataFault(FaultKind.RECORD_ERRORS, records=(1,), error=name))
    ingested.receive(*map(event, range(3)))
    with closing(ingested.stream(clock.runtime())) as stream:
        emptied(stream)
    assert ingested.arrived() == ["r0", "r2"]
    assert ingested.kept('SELECT error, queue FROM "drain rejects"') == [(name, EVENTS)]
    assert clock.slept == []


def test_a_row_that_no_request_may_have_is_set_aside_and_never_cut(ingested: Queued, clock: StillClock) -> None:
    ingested.receive(event(1), event(2, event_message="x" * 1_000_000), event(3))
    with closing(ingested.stream(clock.runtime())) as stream:
        emptied(stream)
    assert (ingested.arrived(), ingested.far_side.violations) == (["r1", "r3"], [])
    assert ingested.kept('SELECT error FROM "drain rejects"') == [("record_too_large",)]


def test_requests_keep_the_limits_of_size(queued: Queued, stream: Stream) -> None:
    queued.receive(*(event(number, event_message="字" * 300_000) for number in range(12)))
    emptied(stream)
    assert queued.arrived() == [f"r{number}" for number in range(12)]
    assert queued.far_side.violations == []


def test_a_trouble_is_told_until_it_is_over(queued: Queued, stream: Stream) -> None:
    queued.receive(event(1))
    stream.queue.note_trouble("503, the far side could not answer", NOON)
    assert queued.backlog().troubles == ("503, the far side could not answer",)
    emptied(stream)
    assert queued.backlog().troubles == ()


@pytest.mark.parametrize("seed", range(3))
def test_no_fault_of_the_line_loses_a_row(
    queued: Queued, clock: StillClock, far_side: TreasureDataEmulator, seed: int
) -> None:
    far_side.faults = FaultPlan.random(seed, 0.5)
    for start in range(0, 600, 60):
        queued.receive(*map(event, range(start, start + 60)))
        with closing(queued.stream(clock.runtime())) as stream:
            emptied(stream)
    arrived = queued.arrived()
    assert list(dict.fromkeys(arrived)) == [f"r{number}" for number in range(600)]
    assert queued.writer == "ingest" or len(arrived) == 600
    assert far_side.violations == []


def test_a_file_that_was_replaced_is_read_anew(queued: Queued, stream: Stream, tmp_path: Path) -> None:
    queued.receive(event(1))
    emptied(stream)
    queued.tables.close()
    other = Queued(tmp_path / "other", queued.far_side, queued.writer)
    other.receive(event(2))
    other.tables.close()
    other.path.replace(queued.path)
    for ending in ("-wal", "-shm"):
        Path(f"{queued.path}{ending}").unlink(missing_ok=True)
    emptied(stream)
    assert queued.arrived() == ["r1", "r2"]


def test_the_row_number_is_our_own_affair(queued: Queued, stream: Stream) -> None:
    queued.receive(event(1))
    emptied(stream)
    [row] = queued.far_side.rows(DATABASE, EVENTS)
    assert not [name for name in row if name.startswith("td_line")]


def test_a_key_that_is_mended_lets_the_rows_through(queued: Queued, clock: StillClock) -> None:
    queued.receive(event(1))
    with (
        closing(queued.stream(clock.runtime(), key="1/wrong")) as stream,
        pytest.raises(RefusedError, match="td_api_key"),
    ):
        stream.turn()
    with closing(queued.stream(replace(clock.runtime()))) as stream:
        emptied(stream)
    assert queued.arrived() == ["r1"]
