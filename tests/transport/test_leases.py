"""One call of an account in flight, and never more in a window than the far side allows."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from td_line_connectors.transport.leases import LEASE, POLL, Lease, OnLeaseWait, hold
from td_line_connectors.transport.quota import MemoryQuotaStore, Quota, QuotaStore, Start
from tests.transport.far_side import Clock

ACCOUNT = "an-account"
QUOTA = Quota(2)


@pytest.fixture
def store() -> MemoryQuotaStore:
    return MemoryQuotaStore()


@contextmanager
def turn(
    store: QuotaStore,
    account: str,
    quota: Quota,
    *,
    now: Callable[[], float],
    sleep: Callable[[float], None],
    on_wait: OnLeaseWait | None = None,
    lease: float = LEASE,
) -> Iterator[Lease]:
    """Hold the lease for one call, as an export does for each import."""
    with (
        hold(store, account, now=now, sleep=sleep, on_wait=on_wait, seconds=lease) as mine,
        mine.start(quota),
    ):
        yield mine


TakeTurn = Callable[[], AbstractContextManager[Lease]]


@pytest.fixture
def take_turn(store: MemoryQuotaStore, clock: Clock) -> TakeTurn:
    return lambda: turn(store, ACCOUNT, QUOTA, now=clock, sleep=clock.sleep)


def test_the_start_is_written_down_before_the_call(store: MemoryQuotaStore, clock: Clock, take_turn: TakeTurn) -> None:
    with take_turn():
        (start,) = store.starts(ACCOUNT)
        assert (start.started_at, start.answered_at) == (clock.time, None)


def test_the_answer_is_written_down_when_it_comes(store: MemoryQuotaStore, clock: Clock) -> None:
    with hold(store, ACCOUNT, now=clock, sleep=clock.sleep) as mine:
        with mine.start(QUOTA):
            clock.time += 2
        came = clock.time
        clock.time += 30
    (start,) = store.starts(ACCOUNT)
    assert start.answered_at == came


def test_a_call_tried_again_within_one_lease_is_a_start_of_its_own(store: MemoryQuotaStore, clock: Clock) -> None:
    with hold(store, ACCOUNT, now=clock, sleep=clock.sleep) as mine:
        for _ in range(3):
            with mine.start(QUOTA):
                pass
        assert clock.slept == [60.0]


@pytest.mark.parametrize("error", [ValueError("a bug"), KeyboardInterrupt()], ids=["error", "Ctrl-C"])
def test_a_turn_that_fails_counts_until_its_end_and_lets_go(
    store: MemoryQuotaStore, clock: Clock, take_turn: TakeTurn, error: BaseException
) -> None:
    def fail() -> None:
        with take_turn():
            clock.time += 7
            raise error

    with pytest.raises(type(error)):
        fail()
    (start,) = store.starts(ACCOUNT)
    assert start.answered_at == clock.time
    with take_turn():
        assert clock.slept == []


def test_a_full_window_is_waited_for(clock: Clock, take_turn: TakeTurn) -> None:
    for _ in range(2):
        with take_turn():
            clock.time += 5
    with take_turn():
        assert clock.slept == [55.0]


def test_a_window_is_waited_for_with_the_lease_kept(store: MemoryQuotaStore, clock: Clock, take_turn: TakeTurn) -> None:
    held: list[bool] = []

    def sleep(seconds: float) -> None:
        held.append(not store.acquire(ACCOUNT, "another", now=clock.time, seconds=9))
        clock.sleep(seconds)

    for _ in range(2):
        with take_turn():
            pass
    with turn(store, ACCOUNT, QUOTA, now=clock, sleep=sleep, lease=40.0):
        assert clock.slept == [20.0, 20.0, 20.0]
    assert held == [True, True, True]


def test_the_lease_of_another_is_waited_for(store: MemoryQuotaStore, clock: Clock) -> None:
    store.acquire(ACCOUNT, "another", now=clock.time, seconds=180)
    waits: list[tuple[float, str]] = []

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if len(clock.slept) == 3:
            store.release(ACCOUNT, "another")

    with turn(store, ACCOUNT, QUOTA, now=clock, sleep=sleep, on_wait=lambda *wait: waits.append(wait)):
        assert clock.slept == [POLL] * 3
    assert waits == [(POLL, "another import of this account is in flight")] * 3


def test_a_wait_for_the_window_says_why(store: MemoryQuotaStore, clock: Clock, take_turn: TakeTurn) -> None:
    for _ in range(2):
        with take_turn():
            pass
    waits: list[tuple[float, str]] = []
    with turn(store, ACCOUNT, QUOTA, now=clock, sleep=clock.sleep, on_wait=lambda *wait: waits.append(wait)):
        pass
    assert waits == [(60.0, "the account's quota of 2 calls in 60 s is used up")]


def test_whoever_gives_up_waiting_lets_go(store: MemoryQuotaStore, clock: Clock, take_turn: TakeTurn) -> None:
    for _ in range(2):
        with take_turn():
            pass

    def give_up(_seconds: float, _why: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), turn(store, ACCOUNT, QUOTA, now=clock, sleep=clock.sleep, on_wait=give_up):
        pass
    assert len(store.starts(ACCOUNT)) == 2
    assert store.acquire(ACCOUNT, "another", now=clock.time, seconds=180)


def test_a_call_whose_process_was_killed_counts_one_window_more(
    store: MemoryQuotaStore, clock: Clock, take_turn: TakeTurn
) -> None:
    for _ in range(2):
        store.started(ACCOUNT, clock.time - 3600)
    with take_turn():
        assert clock.slept == [60.0]
    with take_turn():
        assert clock.slept == [60.0]


def test_a_clock_that_jumped_back_costs_one_window(clock: Clock, take_turn: TakeTurn) -> None:
    for _ in range(2):
        with take_turn():
            pass
    clock.time -= 7200
    with take_turn():
        assert clock.slept == [60.0]


def test_what_has_left_the_window_is_forgotten(store: MemoryQuotaStore, clock: Clock, take_turn: TakeTurn) -> None:
    for _ in range(10):
        with take_turn():
            clock.time += 100
    assert len(store.starts(ACCOUNT)) == 1


def test_a_long_turn_keeps_its_lease(take_turn: TakeTurn) -> None:
    with take_turn() as mine:
        assert mine.keep()


def test_a_lease_that_was_lost_is_told(store: MemoryQuotaStore, clock: Clock, take_turn: TakeTurn) -> None:
    with take_turn() as mine:
        (holder,) = store._holders.values()
        store.release(ACCOUNT, holder)
        store.acquire(ACCOUNT, "another", now=clock.time, seconds=180)
        assert not mine.keep()
    assert store.acquire(ACCOUNT, "another", now=clock.time, seconds=180)


def test_accounts_do_not_wait_for_each_other(store: MemoryQuotaStore, clock: Clock, take_turn: TakeTurn) -> None:
    with take_turn(), turn(store, "other-account", QUOTA, now=clock, sleep=clock.sleep):
        assert clock.slept == []


def test_threads_of_one_account_are_never_in_flight_together(store: MemoryQuotaStore) -> None:
    in_flight: list[int] = []
    seen: list[int] = []
    barrier = threading.Barrier(8)
    pause = threading.Event()

    def import_often() -> None:
        barrier.wait()
        for _ in range(10):
            with turn(store, ACCOUNT, Quota(1000), now=lambda: 0.0, sleep=lambda _: None):
                in_flight.append(1)
                seen.append(len(in_flight))
                pause.wait(0)  # lets the others run
                in_flight.pop()

    threads = [threading.Thread(target=import_often) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert seen == [1] * 80


CALLS = st.lists(
    st.tuples(
        st.floats(0, 40),  # seconds of our own work before the call
        st.one_of(st.floats(0, 3), st.floats(0, 200)),  # seconds from start to answer
        st.floats(0, 1),  # where between start and answer the call arrives
        st.sampled_from(["answered", "answered", "killed"]),
    ),
    min_size=1,
    max_size=60,
)


@given(CALLS, st.integers(1, 15))
def test_no_window_of_the_far_side_holds_more_than_the_quota(
    calls: list[tuple[float, float, float, str]], per_window: int
) -> None:
    store, clock, arrivals = MemoryQuotaStore(), Clock(time=1_795_262_400.0), []
    for work, seconds, where, end in calls:
        clock.time += work
        with turn(store, ACCOUNT, Quota(per_window), now=clock, sleep=clock.sleep):
            arrivals.append(clock.time + where * seconds)
            clock.time += seconds
        if end == "killed":  # a killed process writes no answer
            last = store.starts(ACCOUNT)[-1]
            store._starts[ACCOUNT][last.id] = Start(last.id, last.started_at)
    for first in arrivals:
        assert sum(first <= each < first + 60 for each in arrivals) <= per_window


@given(CALLS)
def test_calls_wait_no_longer_than_the_quota_asks(calls: list[tuple[float, float, float, str]]) -> None:
    store, clock = MemoryQuotaStore(), Clock(time=1_795_262_400.0)
    answers: list[float] = []
    for work, seconds, _where, _end in calls:
        clock.time += work
        ready = clock.time
        with turn(store, ACCOUNT, Quota(3), now=clock, sleep=clock.sleep):
            assert clock.time == (max(ready, answers[-3] + 60) if len(answers) >= 3 else ready)
            clock.time += seconds
        answers.append(clock.time)
