import logging
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing

import pytest

from td_line_connectors.errors import StoreError
from td_line_connectors.ingest.intake import ClosedError, Intake, QueueFullError
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.events import EventTables
from tests.ingest.conftest import Answers, SlowStore
from tests.ingest.loads import call


def begin(intake: Intake[int], store: SlowStore) -> None:
    """Have call 0 in the middle of its commit."""
    intake.submit(call(0), 0)
    assert store.begun.acquire(timeout=10)


def sizes(store: SlowStore) -> list[tuple[str, int]]:
    return [(database, len(arrivals)) for database, arrivals in store.commits]


def test_a_lone_call_is_stored_at_once(intake: Intake[int], store: SlowStore, answers: Answers) -> None:
    store.gate.release()
    intake.submit(call(1), 1)
    assert answers.wait_for(1) == {1: None}


def test_calls_that_wait_share_a_commit_and_are_told_of_at_once(
    intake: Intake[int], store: SlowStore, answers: Answers
) -> None:
    begin(intake, store)
    for number in range(1, 8):
        intake.submit(call(number), number)
    store.gate.release(2)
    answers.wait_for(8)
    assert sizes(store) == [("shop", 1), ("shop", 7)]
    assert [[ticket for ticket, _ in told] for told in answers.commits] == [[0], [1, 2, 3, 4, 5, 6, 7]]


def test_what_can_wait_is_done_after_each_commit_was_told(
    intake: Intake[int], store: SlowStore, answers: Answers
) -> None:
    for number in (1, 2):
        store.gate.release()
        intake.submit(call(number), number)
        assert store.kept_up.acquire(timeout=10)
        assert [ticket for told in answers.commits for ticket, _ in told][-1] == number


def test_every_database_has_a_commit_of_its_own(intake: Intake[int], store: SlowStore, answers: Answers) -> None:
    begin(intake, store)
    for number, database in enumerate(["shop", "other", "shop"], start=1):
        intake.submit(call(number, database), number)
    store.gate.release(3)
    answers.wait_for(4)
    assert sizes(store) == [("shop", 1), ("shop", 2), ("other", 1)]


def test_calls_of_many_events_do_not_all_wait_for_one_commit(
    intake: Intake[int], store: SlowStore, answers: Answers
) -> None:
    begin(intake, store)
    for number in range(1, 8):
        intake.submit(call(number, events=1500), number)
    store.gate.release(10)
    answers.wait_for(8)
    assert sizes(store) == [("shop", 1), ("shop", 3), ("shop", 3), ("shop", 1)]


def test_a_full_queue_refuses_and_empties_again(intake: Intake[int], store: SlowStore, answers: Answers) -> None:
    begin(intake, store)
    for number in range(1, 10):
        intake.submit(call(number), number)
    with pytest.raises(QueueFullError, match=r"too many calls wait"):
        intake.submit(call(10), 10)
    store.gate.release(2)
    assert sorted(answers.wait_for(10)) == list(range(10))
    store.gate.release()
    intake.submit(call(10), 10)
    assert answers.wait_for(11)[10] is None


def test_the_memory_of_bodies_is_bounded_too(intake: Intake[int], store: SlowStore, answers: Answers) -> None:
    begin(intake, store)
    intake.submit(call(1, body="x" * 9000), 1)
    with pytest.raises(QueueFullError):
        intake.submit(call(2, body="x" * 9000), 2)
    store.gate.release(2)
    answers.wait_for(2)
    assert intake.statistics().queued_bytes == 0


def test_one_large_call_is_taken_where_nothing_waits(intake: Intake[int], store: SlowStore, answers: Answers) -> None:
    store.gate.release()
    intake.submit(call(1, body="x" * 50_000), 1)
    assert answers.wait_for(1) == {1: None}


def test_closing_stores_what_was_taken_and_takes_no_more(store: SlowStore, answers: Answers) -> None:
    intake = Intake(store, answers)
    intake.start()
    begin(intake, store)
    intake.submit(call(1), 1)
    closer = threading.Thread(target=intake.close)
    closer.start()
    store.gate.release(2)
    closer.join(timeout=10)
    assert answers.wait_for(2) == {0: None, 1: None}
    assert store.closed == 1
    with pytest.raises(ClosedError, match=r"is stopping"):
        intake.submit(call(2), 2)
    intake.close()


def test_before_the_start_nothing_is_taken(store: SlowStore, answers: Answers) -> None:
    intake = Intake(store, answers)
    with pytest.raises(ClosedError):
        intake.submit(call(1), 1)
    intake.close()


def test_a_store_that_fails_is_told_for_each_call(intake: Intake[int], store: SlowStore, answers: Answers) -> None:
    store.fault = StoreError("storing into shop: the disk is full")
    begin(intake, store)
    intake.submit(call(1), 1)
    store.gate.release(2)
    assert list(answers.wait_for(2).values()) == [store.fault, store.fault]
    statistics = intake.statistics()
    assert (statistics.calls, statistics.failed, statistics.commits, statistics.queued) == (0, 2, 2, 0)


@pytest.mark.parametrize("fault", [RuntimeError("a bug"), KeyboardInterrupt()], ids=repr)
def test_a_fault_of_the_store_ends_neither_the_thread_nor_a_call(
    intake: Intake[int], store: SlowStore, answers: Answers, caplog: pytest.LogCaptureFixture, fault: BaseException
) -> None:
    store.fault = fault
    store.gate.release(2)
    with caplog.at_level(logging.ERROR):
        intake.submit(call(1), 1)
        assert type(fault).__name__ in str(answers.wait_for(1)[1])
    store.fault = None
    intake.submit(call(2), 2)
    assert answers.wait_for(2)[2] is None


def test_a_store_that_says_nothing_of_a_call_has_not_stored_it(
    intake: Intake[int], store: SlowStore, answers: Answers
) -> None:
    store.forgotten = 1
    store.gate.release(2)
    intake.submit(call(1), 1)
    assert "a fault of the store" in str(answers.wait_for(1)[1])
    store.forgotten = 0
    intake.submit(call(2), 2)
    assert answers.wait_for(2)[2] is None


def test_a_fault_of_the_host_does_not_end_the_thread(
    store: SlowStore, answers: Answers, caplog: pytest.LogCaptureFixture
) -> None:
    def told(outcomes: Sequence[tuple[int, StoreError | None]]) -> None:
        answers(outcomes)
        raise RuntimeError("the loop is closed")

    intake = Intake(store, told)
    intake.start()
    store.gate.release(2)
    for number in (1, 2):
        intake.submit(call(number), number)
        answers.wait_for(number)
    intake.close()
    assert "telling what became of 1 calls" in caplog.text


def test_a_bad_call_costs_those_beside_it_nothing(shop: Databases, answers: Answers) -> None:
    with closing(Intake(EventTables(shop), answers)) as intake:
        intake.start()
        for number in range(1000):
            intake.submit(call(number, event_odd=2**70 if number % 100 == 7 else number), number)
        outcomes = answers.wait_for(1000)
    assert [number for number, problem in outcomes.items() if problem] == list(range(7, 1000, 100))
    assert next(iter(shop.query("shop", "SELECT count(*) FROM events").rows)) == (990,)


def test_a_locked_database_does_not_stop_another(shop: Databases, answers: Answers) -> None:
    with (
        closing(Intake(EventTables(shop), answers)) as intake,
        closing(sqlite3.connect(shop.path("shop"), isolation_level=None)) as other,
    ):
        intake.start()
        other.execute("BEGIN IMMEDIATE")
        for number in range(20):
            intake.submit(call(number, "other" if number % 2 else "shop"), number)
        outcomes = answers.wait_for(20)
        assert [number for number, problem in sorted(outcomes.items()) if problem] == list(range(0, 20, 2))
        other.execute("ROLLBACK")
        intake.submit(call(20), 20)
        assert answers.wait_for(21)[20] is None


def test_many_threads_may_submit_at_once(shop: Databases, answers: Answers) -> None:
    with closing(Intake(EventTables(shop), answers)) as intake:
        intake.start()

        def send(start: int) -> None:
            for number in range(start, start + 500):
                intake.submit(call(number), number)

        threads = [threading.Thread(target=send, args=(start,)) for start in range(0, 4000, 500)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(answers.wait_for(4000).values()) == {None}
        assert intake.statistics().calls == 4000
    assert next(iter(shop.query("shop", "SELECT count(*) FROM events").rows)) == (4000,)
