"""Rows under way stay what they are, whatever happens here meanwhile; afterwards nothing of them is left behind."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from td_line_connectors.drain.queue import Seal
from td_line_connectors.drain.stream import Stream
from td_line_connectors.errors import StoreError, TransientError
from td_line_connectors.sources.unsending import forget_unsent
from td_line_connectors.testing import FaultKind, StillClock, TreasureDataFault
from td_line_connectors.transport.retry import RetryPolicy
from tests.drain.queues import NOON, Queued, emptied, event

ONCE = RetryPolicy(attempts=1)
MESSAGE = event(1, event_message='{"type":"text","id":"m1","text":"hello"}')
TAKEN_BACK = event(2, event_type="unsend", event_unsend='{"messageId":"m1"}')
FULL = """
    CREATE TRIGGER full BEFORE UPDATE ON "drain state" WHEN new.through <> old.through
    BEGIN SELECT RAISE(ABORT, 'as a full disk does'); END
"""


def messages(rows: Sequence[Mapping[str, object]]) -> list[object]:
    return [row["event_message"] for row in rows if "event_message" in row]


def test_a_message_taken_back_while_its_file_is_under_way_changes_nothing_of_the_file(
    imported: Queued, clock: StillClock
) -> None:
    imported.far_side.faults.add(TreasureDataFault(FaultKind.CUT_AFTER))
    imported.receive(MESSAGE)
    with closing(imported.stream(clock.runtime(), retry=ONCE)) as stream, pytest.raises(TransientError):
        stream.turn()
    imported.receive(TAKEN_BACK)
    assert forget_unsent(imported.path, imported.source).events == 0
    with closing(imported.stream(clock.runtime())) as stream:
        emptied(stream)
    assert (imported.arrived(), imported.far_side.violations) == (["r1", "r2"], [])
    assert forget_unsent(imported.path, imported.source).events == 1


def test_rows_that_change_between_reading_and_sealing_are_read_again(imported: Queued, clock: StillClock) -> None:
    imported.receive(MESSAGE, TAKEN_BACK)
    with closing(imported.stream(clock.runtime())) as stream:
        before = stream.queue.state()
        assert forget_unsent(imported.path, imported.source).events == 1
        assert not stream.queue.seal(Seal(2, "an id"), before.edits)
        assert stream.queue.state().seal is None
        emptied(stream)
    assert messages(imported.far_side.rows("line", "events")) == ['{"type":"text","id":"m1"}']


def test_while_it_cannot_be_written_down_nothing_is_sent_again(queued: Queued, stream: Stream) -> None:
    queued.receive(event(1))
    stream.queue.state()
    queued.kept_change(FULL)
    for _ in range(3):
        with pytest.raises(StoreError):
            stream.turn()
    queued.kept_change("DROP TRIGGER full")
    emptied(stream)
    assert (queued.arrived(), len(queued.far_side.deliveries), stream.tally.handed_over) == (["r1"], 1, 1)


def test_rows_that_come_from_the_future_do_not_wait_for_it(queued: Queued, clock: StillClock) -> None:
    queued.receive(event(1, time=NOON + 86_400))
    with closing(queued.stream(clock.runtime(), patience=None)) as stream:
        emptied(stream)
    assert queued.arrived() == ["r1"]


def test_of_rows_that_are_deleted_no_text_stays_in_the_file(queued: Queued, stream: Stream) -> None:
    queued.receive(*(event(number, event_message="a secret " + "." * 3000) for number in range(200)))
    emptied(stream)
    assert stream.queue.trim(NOON + 1, 0) == 200
    stream.close()
    queued.tables.close()
    queued.kept_change("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"a secret" not in queued.path.read_bytes()


def test_what_became_of_rows_is_not_written_down_in_another_file(
    queued: Queued, stream: Stream, tmp_path: Path
) -> None:
    other = Queued(tmp_path / "other", queued.far_side, queued.writer)
    other.receive(event(2))
    other.tables.close()
    queued.receive(event(1))
    queued.tables.close()
    stream.queue.state()
    queued.kept_change(FULL)
    with pytest.raises(StoreError):
        stream.turn()
    other.path.replace(queued.path)
    for ending in ("-wal", "-shm"):
        Path(f"{queued.path}{ending}").unlink(missing_ok=True)
    emptied(stream)
    assert queued.arrived() == ["r1", "r2"]
