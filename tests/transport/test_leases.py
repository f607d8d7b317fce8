"""One call of an account in flight, and never more in a window than the far side allows."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from td_line_connectors.errors import StoreError, TransientError
from td_line_connectors.storage.quota_folder import QuotaFolder
from td_line_connectors.transport.leases import FORGOTTEN, LEFT_ALONE, POLL, POLL_MAX, Lease, Pause, hold
from td_line_connectors.transport.quota import Flight, Quota, Start, Usage
from td_line_connectors.transport.quota_store import AccountBook, MemoryQuotaStore, QuotaStore
from tests.transport.far_side import Clock

ACCOUNT = "an-account"
QUOTA = Quota(2, unanswered=30.0)

MEMORY = Path("/dev/shm")  # noqa: S108 - a disk that is none makes many small writes quick
WORK = MEMORY if MEMORY.is_dir() else None


def nobody_to_ask(ticket: str) -> None:
    raise AssertionError(f"ticket {ticket} was asked about")


@dataclass
class Caller:
    """Calls for one account, by a clock that moves when it waits, and remembers what it waited for."""

    store: QuotaStore
    clock: Clock
    quota: Quota = QUOTA
    jumped: float = 0.0
    """Seconds by which the wall clock is set apart from the clock."""
    waits: list[tuple[float, str]] = field(default_factory=list)

    def now(self) -> float:
        return self.clock() + self.jumped

    def pause(self, seconds: float, reason: str) -> None:
        self.waits.append((seconds, reason))
        self.clock.sleep(seconds)

    def hold(
        self,
        *,
        account: str = ACCOUNT,
        pause: Pause | None = None,
        ask: Callable[[str], object] = nobody_to_ask,
        known: str | None = None,
        holder: str = "run 2",
    ) -> AbstractContextManager[Lease]:
        return hold(
            self.store,
            account,
            self.quota,
            holder=holder,
            now=self.now,
            pause=pause or self.pause,
            ask=ask,
            known=known,
        )

    @contextmanager
    def turn(self, account: str = ACCOUNT, pause: Pause | None = None) -> Iterator[Lease]:
        """Hold the lease for one call, as an export does for each import."""
        with self.hold(account=account, pause=pause) as mine, mine.start():
            yield mine


@pytest.fixture
def caller(store: QuotaStore, clock: Clock) -> Caller:
    return Caller(store, clock)


def written(store: QuotaStore) -> Usage | None:
    found = store.acquire(ACCOUNT, "the test")
    assert not isinstance(found, str), found
    with closing(found):
        return found.read()


def write(store: QuotaStore, usage: Usage) -> None:
    found = store.acquire(ACCOUNT, "the test")
    assert not isinstance(found, str), found
    with closing(found):
        found.write(usage)


def test_the_start_is_written_down_before_the_call(caller: Caller) -> None:
    with caller.turn() as mine:
        assert mine.book.read() == Usage((Start(caller.clock.time),), Flight("run 2", caller.clock.time))


def test_the_answer_is_written_down_when_it_comes(caller: Caller) -> None:
    with caller.hold() as mine:
        with mine.start():
            caller.clock.time += 2
        came = caller.clock.time
        caller.clock.time += 30
        mine.submitted("7")
        assert mine.book.read() == Usage((Start(came - 2, came),), Flight("run 2", came - 2, "7"))


def test_a_call_seen_to_its_end_leaves_nothing_in_flight(caller: Caller) -> None:
    with caller.hold() as mine:
        with mine.start():
            pass
        mine.submitted("7")
    left = written(caller.store)
    assert left is not None
    assert (len(left.starts), left.flight) == (1, None)


def test_a_call_tried_again_within_one_lease_is_a_start_of_its_own(caller: Caller) -> None:
    with caller.hold() as mine:
        for _ in range(3):
            with mine.start():
                pass
        assert caller.clock.slept == [60.0]
        assert mine.waited == 60.0


def test_a_try_that_failed_leaves_nothing_in_flight(caller: Caller) -> None:
    with pytest.raises(TransientError), caller.turn():
        raise TransientError("429, too many requests")
    left = written(caller.store)
    assert left is not None
    assert ([each.answered_at for each in left.starts], left.flight) == ([caller.clock.time], None)


@pytest.mark.parametrize("error", [ValueError("a bug"), KeyboardInterrupt()], ids=["error", "Ctrl-C"])
def test_a_turn_that_fails_counts_until_its_end_and_lets_go(caller: Caller, error: BaseException) -> None:
    def fail() -> None:
        with caller.turn():
            caller.clock.time += 7
            raise error

    with pytest.raises(type(error)):
        fail()
    left = written(caller.store)
    assert left is not None
    assert [each.answered_at for each in left.starts] == [caller.clock.time]


def test_a_full_window_is_waited_for_and_said_why(caller: Caller) -> None:
    for _ in range(2):
        with caller.turn():
            caller.clock.time += 5
    with caller.turn():
        assert caller.waits == [(55.0, "the account's quota of 2 calls in 60 s is used up")]


def test_the_lease_of_another_is_waited_for_and_named(caller: Caller) -> None:
    other = caller.store.acquire(ACCOUNT, "run 1 of project brand (process 4711)")
    assert not isinstance(other, str)

    def pause(seconds: float, reason: str) -> None:
        caller.pause(seconds, reason)
        if len(caller.waits) == 6:
            other.close()

    reason = "run 1 of project brand (process 4711) has another import of this account in flight"
    with caller.turn(pause=pause):
        assert caller.waits == [(seconds, reason) for seconds in (POLL, 2.0, 4.0, 8.0, POLL_MAX, POLL_MAX)]


def test_a_holder_without_words_is_another_process(caller: Caller) -> None:
    other = caller.store.acquire(ACCOUNT, "")
    assert not isinstance(other, str)

    def pause(_seconds: float, reason: str) -> None:
        assert reason == "another process has another import of this account in flight"
        other.close()

    with caller.turn(pause=pause) as mine:
        assert mine.holder == "run 2"


def test_whoever_gives_up_waiting_lets_go(caller: Caller) -> None:
    for _ in range(2):
        with caller.turn():
            pass

    def give_up(_seconds: float, _why: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), caller.turn(pause=give_up):
        pass
    left = written(caller.store)
    assert left is not None
    assert len(left.starts) == 2


def test_a_call_whose_process_was_killed_counts_one_window_more(caller: Caller) -> None:
    write(caller.store, Usage((Start(caller.clock.time - 3600), Start(caller.clock.time - 3600))))
    for _ in range(2):
        with caller.turn():
            assert caller.clock.slept == [60.0]


def test_a_clock_that_jumped_back_costs_one_window(caller: Caller) -> None:
    for _ in range(2):
        with caller.turn():
            pass
    caller.clock.time -= 7200
    with caller.turn():
        assert caller.clock.slept == [60.0]


def test_what_cannot_be_read_counts_as_a_full_window_and_is_written_anew(clock: Clock, tmp_path: Path) -> None:
    caller = Caller(QuotaFolder(tmp_path), clock)
    with caller.turn():
        pass
    (file,) = tmp_path.glob("*.json")
    file.write_bytes(b'{"starts": [[17')
    for _ in range(2):
        with caller.turn():
            assert clock.slept == [30.0, 60.0]
    left = written(caller.store)
    assert left is not None
    assert len(left.starts) == 2


def test_what_has_left_the_window_is_forgotten(caller: Caller) -> None:
    for _ in range(10):
        with caller.turn():
            pass
        caller.clock.time += 100
    left = written(caller.store)
    assert left is not None
    assert len(left.starts) == 1


def test_accounts_do_not_wait_for_each_other(caller: Caller) -> None:
    with caller.turn(), caller.turn("other-account"):
        assert caller.waits == []


LEFT = "run 1 ended with an import of this account in flight"


@pytest.mark.parametrize(
    ("age", "waited"),
    [(0.0, [30.0]), (12.0, [18.0]), (30.0, []), (-7200.0, [30.0])],
    ids=["now", "late", "over", "back"],
)
def test_a_call_whose_answer_nobody_saw_is_given_its_time(caller: Caller, age: float, waited: list[float]) -> None:
    write(caller.store, Usage((), Flight("run 1", caller.clock.time - age)))
    with caller.hold() as mine:
        assert caller.waits == [(seconds, LEFT) for seconds in waited]
        assert mine.book.read() == Usage()


def test_a_call_that_was_left_in_flight_is_asked_about_and_then_forgotten(caller: Caller) -> None:
    write(caller.store, Usage((), Flight("run 1", caller.clock.time - 600, "7")))
    asked: list[str] = []
    with caller.hold(ask=asked.append) as mine:
        assert (asked, caller.waits) == (["7"], [(LEFT_ALONE, LEFT)])
        assert mine.book.read() == Usage()


def test_while_nobody_can_say_whether_it_is_done_it_stays_in_flight(caller: Caller) -> None:
    usage = Usage((), Flight("run 1", caller.clock.time, "7"))
    write(caller.store, usage)

    def unreachable(_ticket: str) -> None:
        raise TransientError("503")

    with pytest.raises(TransientError), caller.hold(ask=unreachable):
        pass
    assert written(caller.store) == usage


def test_a_call_that_never_ends_is_taken_to_be_gone_in_the_end(caller: Caller) -> None:
    write(caller.store, Usage((), Flight("run 1", caller.clock.time - FORGOTTEN, "7")))
    with caller.hold() as mine:
        assert (mine.usage, caller.waits) == (Usage(), [])


def test_a_call_that_we_ask_about_ourselves_is_not_waited_for(caller: Caller) -> None:
    usage = Usage((), Flight("run 1", caller.clock.time, "7"))
    write(caller.store, usage)
    with caller.hold(known="7") as mine:
        assert (mine.book.read(), caller.waits) == (usage, [])
    assert written(caller.store) == Usage()


def test_what_is_cut_off_stays_in_flight_for_the_next(caller: Caller) -> None:
    with suppress(KeyboardInterrupt), caller.hold(holder="run 1") as mine:
        with mine.start():
            pass
        mine.submitted("7")
        raise KeyboardInterrupt
    asked: list[str] = []
    with caller.hold(ask=asked.append):
        assert asked == ["7"]


def test_threads_of_one_account_are_never_in_flight_together(store: QuotaStore) -> None:
    in_flight: list[int] = []
    seen: list[int] = []
    barrier = threading.Barrier(4)
    pause = threading.Event()
    caller = Caller(store, Clock(), Quota(1000))

    def import_often() -> None:
        barrier.wait()
        for _ in range(10):
            with caller.turn(pause=lambda _seconds, _reason: None):
                in_flight.append(1)
                seen.append(len(in_flight))
                pause.wait(0)  # lets the others run
                in_flight.pop()

    threads = [threading.Thread(target=import_often) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert seen == [1] * 40


@dataclass
class Faulty:
    """A store that takes so many more writes; later ones fail, or are lost where the holder is dead."""

    store: QuotaStore
    room: int = 1_000_000
    dead: bool = False

    def acquire(self, account: str, holder: str) -> AccountBook | str:
        found = self.store.acquire(account, holder)
        return found if isinstance(found, str) else FaultyBook(self, found)


@dataclass
class FaultyBook:
    store: Faulty
    book: AccountBook

    def read(self) -> Usage | None:
        return self.book.read()

    def write(self, usage: Usage, *, durable: bool = True) -> None:
        if self.store.dead:
            return
        if not self.store.room:
            raise StoreError("the disk is full")
        self.store.room -= 1
        self.book.write(usage, durable=durable)

    def close(self) -> None:
        self.book.close()


def test_a_start_that_cannot_be_written_down_lets_nothing_go(store: QuotaStore, clock: Clock) -> None:
    gone: list[str] = []
    with pytest.raises(StoreError, match="the disk is full"), Caller(Faulty(store, room=0), clock).turn():
        gone.append("a call")
    assert gone == []
    assert written(store) == Usage()


def test_what_cannot_be_written_down_after_a_call_costs_others_time_and_nothing_else(
    store: QuotaStore, clock: Clock
) -> None:
    with Caller(Faulty(store, room=1), clock).hold(holder="run 1") as mine:
        with mine.start():
            pass
        mine.submitted("7")
    assert written(store) == Usage((Start(clock.time),), Flight("run 1", clock.time))


class KilledError(BaseException):
    """kill -9, as far as one process can play it: nothing is written after it, and the lease is free."""


@dataclass
class FarSide:
    """Counts arrivals and what is in flight, in true time: the clock's, whatever the wall clock says."""

    clock: Clock
    arrivals: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)

    def arrive(self, at: float, end: float) -> None:
        assert all(earlier <= at for earlier in self.ends), "another call is in flight"
        self.arrivals.append(at)
        self.ends.append(end)

    def see_the_end_of(self, ticket: str) -> None:
        self.clock.time = max(self.clock.time, self.ends[int(ticket)])


@dataclass(frozen=True)
class Call:
    """One call as it was drawn; all in seconds."""

    work: float
    jump: float
    answer: float
    where: float
    flight: float
    end: str


CALLS = st.lists(
    st.builds(
        Call,
        work=st.floats(0, 40),  # our own, before the call
        jump=st.one_of(st.just(0.0), st.floats(-7200, 0)),  # of the wall clock, before the call
        answer=st.one_of(st.floats(0, 3), st.floats(0, 200)),  # from start to answer
        where=st.floats(0, 1),  # between start and answer the call arrives
        flight=st.one_of(st.floats(0, 10), st.floats(0, 900)),  # from the answer until the far side is done
        end=st.sampled_from(["seen", "seen", "killed unanswered", "killed", "cut off"]),
    ),
    min_size=1,
    max_size=40,
)


def make(call: Call, caller: Caller, store: Faulty, far_side: FarSide) -> None:
    """Make one call, to the end that was drawn for it."""
    clock = far_side.clock
    with caller.hold(ask=far_side.see_the_end_of) as mine:
        with mine.start():
            arrival = clock.time + call.where * call.answer
            if call.end == "killed unanswered":
                unheard = min(clock.time + caller.quota.unanswered, arrival + call.flight)
                far_side.arrive(min(arrival, unheard), unheard)
                store.dead = True
                raise KilledError
            clock.time += call.answer
            far_side.arrive(arrival, clock.time + call.flight)
        mine.submitted(str(len(far_side.ends) - 1))
        if call.end == "killed":
            store.dead = True
            raise KilledError
        if call.end == "cut off":
            raise KeyboardInterrupt
        far_side.see_the_end_of(str(len(far_side.ends) - 1))


@contextmanager
def stores(kind: str) -> Iterator[QuotaStore]:
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        yield QuotaFolder(Path(folder)) if kind == "folder" else MemoryQuotaStore()


@pytest.mark.parametrize("kind", ["memory", "folder"])
@settings(max_examples=60, deadline=None)
@given(calls=CALLS, per_window=st.integers(1, 15))
def test_no_window_holds_more_than_the_quota_and_nothing_is_ever_in_flight_beside(
    kind: str, calls: list[Call], per_window: int
) -> None:
    clock = Clock(time=1_795_262_400.0)
    far_side, jumped = FarSide(clock), 0.0
    with stores(kind) as store:
        for call in calls:
            clock.time += call.work
            jumped += call.jump
            mortal = Faulty(store)
            with suppress(KilledError, KeyboardInterrupt):
                make(call, Caller(mortal, clock, Quota(per_window), jumped), mortal, far_side)
    for first in far_side.arrivals:
        assert sum(first <= each < first + 60 for each in far_side.arrivals) <= per_window


@given(calls=CALLS)
def test_calls_wait_no_longer_than_the_quota_asks(calls: list[Call]) -> None:
    clock = Clock(time=1_795_262_400.0)
    caller = Caller(MemoryQuotaStore(), clock, Quota(3))
    answers: list[float] = []
    for call in calls:
        clock.time += call.work
        ready = clock.time
        with caller.turn():
            assert clock.time == (max(ready, answers[-3] + 60) if len(answers) >= 3 else ready)
            clock.time += call.answer
        answers.append(clock.time)
