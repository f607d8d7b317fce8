"""What an export does for its place in the account's quota."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from td_line_connectors.engine.events import Event, Waiting
from td_line_connectors.engine.export import Ended, ExportTask
from td_line_connectors.errors import RefusedError, StoreError, TaskTimeoutError, TransientError
from td_line_connectors.runs.folder import RunFolder
from td_line_connectors.spi import Limits, Outcome, Runtime, Ticket
from td_line_connectors.transport.quota import Usage
from td_line_connectors.transport.quota_store import AccountBook, MemoryQuotaStore, QuotaStore
from tests.engine.ledger import Clock, LedgerOutput, runtime


@dataclass
class Host:
    """Runs exports of one account whose quota they share."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    quota: QuotaStore = field(default_factory=MemoryQuotaStore)
    ledger: LedgerOutput = field(default_factory=LedgerOutput)
    seen: list[Event] = field(default_factory=list)

    def task(self, run: str) -> ExportTask:
        world = replace(runtime(self.clock, self.folder), quota=self.quota, holder=run)
        folder = RunFolder(self.folder / run)
        return ExportTask(name=run, connector=self.ledger, folder=folder, runtime=world, observer=self.seen.append)

    def run(self, run: str, *ids: str) -> Ended:
        return self.task(run).run([{"id": each} for each in ids])

    @property
    def waits(self) -> list[str]:
        return [each.reason for each in self.seen if isinstance(each, Waiting)]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def book(store: QuotaStore, account: str, holder: str) -> AccountBook:
    found = store.acquire(account, holder)
    assert not isinstance(found, str), f"{found} has it"
    return found


def exit_code(ended: Ended) -> int:
    return ended.report.error.exit_code if ended.report.error else 0


def test_waiting_for_the_quota_uses_up_no_patience(host: Host) -> None:
    host.ledger.limits = Limits(rows=3, bytes=999, per_minute=1)
    host.ledger.faults = iter([TransientError("503")] * 5)

    ended = host.run("run 1", "a")

    assert exit_code(ended) == 0
    assert host.ledger.bodies == [["a"]]
    assert host.clock.seconds == pytest.approx(5 * 60)  # six tries, each of which is a start of its own


def test_the_time_of_the_tries_themselves_uses_up_patience(host: Host) -> None:
    host.ledger.limits = Limits(rows=3, bytes=999, per_minute=1)

    def slow() -> Iterator[TransientError]:
        while True:
            host.clock.seconds += 50
            yield TransientError("timeout")

    host.ledger.faults = slow()

    assert exit_code(host.run("run 1", "a")) == 4
    assert host.waits.count("timeout") == 2  # the third try ends after more than 120 s


def test_the_one_that_waits_says_for_whom(host: Host) -> None:
    other = book(host.quota, "ledger", "run 1 of project brand (process 4711)")

    class EndOfTheOther(Clock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            other.close()

    host.clock = EndOfTheOther()

    assert exit_code(host.run("run 2", "a")) == 0
    assert host.waits == ["run 1 of project brand (process 4711) has another import of this account in flight"]


class Watched(LedgerOutput):
    """Remembers which tickets it was asked about, and what happened meanwhile."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self.meanwhile = meanwhile
        self.asked: list[Ticket] = []

    def settle(self, ticket: Ticket) -> Outcome:
        self.asked.append(ticket)
        self.meanwhile()
        return super().settle(ticket)


def test_the_lease_is_held_while_the_far_side_works_however_long(host: Host) -> None:
    found: list[object] = []

    def meanwhile() -> None:
        host.clock.seconds += 1800
        found.append(host.quota.acquire("ledger", "another"))

    host.ledger = Watched(meanwhile)

    assert exit_code(host.run("run 1", "a")) == 0
    assert found == ["run 1"]


@pytest.mark.parametrize(
    "end", [KeyboardInterrupt(), TaskTimeoutError("not done"), TransientError("503")], ids=["Ctrl-C", "timeout", "503"]
)
def test_what_one_run_left_in_flight_the_next_one_outlasts(host: Host, end: BaseException) -> None:
    host.ledger = watched = Watched()
    watched.settle_faults = iter([end])
    host.run("run 1", "a")

    assert exit_code(host.run("run 2", "b")) == 0
    assert watched.asked == ["1", "1", "2"]
    assert host.waits == ["run 1 ended with an import of this account in flight"]


def test_a_run_that_is_resumed_asks_about_its_own_request_once(host: Host) -> None:
    host.ledger = watched = Watched()
    watched.settle_faults = iter([KeyboardInterrupt()])
    host.run("run 1", "a")

    assert exit_code(host.task("run 1").resume()) == 0
    assert (watched.asked, watched.bodies, host.waits) == (["1", "1"], [["a"]], [])


def test_a_request_that_the_far_side_has_forgotten_holds_nobody_up(host: Host) -> None:
    host.ledger = watched = Watched()
    watched.settle_faults = iter([KeyboardInterrupt(), RefusedError("404", 404)])
    host.run("run 1", "a")

    assert exit_code(host.run("run 2", "b")) == 0
    assert watched.bodies == [["a"], ["b"]]


def test_while_nobody_can_say_whether_another_import_is_done_none_is_sent(host: Host) -> None:
    host.ledger = watched = Watched()
    watched.settle_faults = iter([KeyboardInterrupt(), TransientError("503")])
    host.run("run 1", "a")

    assert exit_code(host.run("run 2", "b")) == 4
    assert watched.bodies == [["a"]]
    assert exit_code(host.task("run 2").resume()) == 0
    assert watched.bodies == [["a"], ["b"]]


def test_a_request_that_was_cut_off_before_its_answer_is_given_its_time(host: Host) -> None:
    host.ledger.faults = iter([KeyboardInterrupt()])
    host.run("run 1", "a")

    assert exit_code(host.run("run 2", "b")) == 0
    assert host.clock.slept == [30.0]


@dataclass
class FullDisk:
    """A store that takes no start."""

    full: bool = True
    usage: Usage = field(default_factory=Usage)

    def acquire(self, account: str, holder: str) -> AccountBook | str:
        return self

    def read(self) -> Usage:
        return self.usage

    def write(self, usage: Usage, *, durable: bool = True) -> None:
        if self.full:
            raise StoreError("writing the account's usage: No space left on device")
        self.usage = usage

    def close(self) -> None:
        """Nothing is held."""


def test_a_start_that_cannot_be_written_down_ends_the_run_before_anything_is_sent(tmp_path: Path) -> None:
    disk = FullDisk()
    host = Host(tmp_path, quota=disk)

    ended = host.run("run 1", "a")

    assert (exit_code(ended), host.ledger.bodies) == (1, [])
    assert "No space left" in json.dumps(ended.report.to_json())
    disk.full = False
    assert exit_code(host.task("run 1").resume()) == 0
    assert host.ledger.bodies == [["a"]]


def test_a_runtime_says_which_process_it_is_and_shares_its_quota_within_it() -> None:
    first, second = Runtime(), Runtime()
    with closing(book(first.quota, "shared", first.holder)):
        assert second.quota.acquire("shared", second.holder) == f"process {os.getpid()}"
