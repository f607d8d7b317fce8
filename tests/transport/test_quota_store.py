"""What every store of quotas promises."""

import threading
from contextlib import closing

import pytest

from td_line_connectors.transport.quota import Flight, Start, Usage
from td_line_connectors.transport.quota_store import AccountBook, QuotaStore

NOW = 1_795_262_400.25
"""Epoch seconds."""

USAGE = Usage((Start(NOW, NOW + 2), Start(NOW + 5)), Flight("run 1 of project brand", NOW + 5, '{"task": 12}'))


def book(store: QuotaStore, account: str = "a", holder: str = "somebody") -> AccountBook:
    found = store.acquire(account, holder)
    assert not isinstance(found, str), f"{found} has it"
    return found


def test_an_account_that_nobody_used_has_used_nothing(store: QuotaStore) -> None:
    with closing(book(store)) as mine:
        assert mine.read() == Usage()


@pytest.mark.parametrize("durable", [True, False], ids=["durable", "not durable"])
@pytest.mark.parametrize("usage", [USAGE, Usage(), Usage((), Flight("王", 0.1 + 0.2))], ids=["full", "empty", "flight"])
def test_what_was_written_is_read_by_the_next_holder(
    store: QuotaStore,
    usage: Usage,
    durable: bool,  # noqa: FBT001 - the table's column
) -> None:
    with closing(book(store)) as mine:
        mine.write(USAGE)
        mine.write(usage, durable=durable)
        assert mine.read() == usage
    with closing(book(store)) as next_one:
        assert next_one.read() == usage


@pytest.mark.parametrize("words", ["run 1 of project brand (process 4711)", "", "王"])
def test_whoever_comes_second_learns_who_was_first(store: QuotaStore, words: str) -> None:
    with closing(book(store, holder=words)):
        assert store.acquire("a", "second") == words
        assert store.acquire("a", "third") == words


def test_a_lease_is_free_once_its_book_is_closed(store: QuotaStore) -> None:
    book(store).close()
    with closing(book(store)):
        assert isinstance(store.acquire("a", "second"), str)


def test_closing_twice_takes_nobody_s_lease(store: QuotaStore) -> None:
    first = book(store, holder="first")
    first.close()
    with closing(book(store, holder="second")):
        first.close()
        assert store.acquire("a", "third") == "second"


@pytest.mark.parametrize("other", ["b", "A", "", "../a", "a/b", "a\0", "王", "x" * 5000, "\ud800"], ids=ascii)
def test_accounts_share_neither_lease_nor_usage(store: QuotaStore, other: str) -> None:
    with closing(book(store)) as mine, closing(book(store, other)) as theirs:
        mine.write(USAGE)
        assert theirs.read() == Usage()


def test_of_threads_that_come_at_once_one_has_the_lease(store: QuotaStore) -> None:
    barrier = threading.Barrier(8)
    found: list[AccountBook | str] = []

    def come() -> None:
        barrier.wait()
        found.append(store.acquire("a", "one of many"))

    threads = [threading.Thread(target=come) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    (mine,) = [each for each in found if not isinstance(each, str)]
    mine.close()
    assert len(found) == 8
