"""How many calls does a window hold?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from td_line_connectors.transport.quota import MemoryQuotaStore, Quota, Start

NOW = 1_795_262_400.0
"""Epoch seconds."""

HOUR = 3600.0


def _answered(*ages: float) -> list[Start]:
    """Make starts answered so many seconds ago, each of which took 5 s."""
    return [Start(str(n), NOW - age - 5, NOW - age) for n, age in enumerate(ages)]


@pytest.mark.parametrize(
    ("starts", "seconds"),
    [
        ([], 0.0),
        (_answered(10), 0.0),
        (_answered(10, 20), 0.0),
        (_answered(10, 20, 30), 30.0),
        (_answered(30, 10, 20), 30.0),
        (_answered(10, 20, 30, 40), 30.0),
        (_answered(10, 20, 60), 0.0),
        (_answered(10, 20, 59.5), 0.5),
        (_answered(0, 0, 0), 60.0),
        (_answered(-HOUR, -HOUR, -HOUR), 60.0),
        (_answered(-HOUR, 20, 30), 30.0),
        ([Start("open", NOW - HOUR), *_answered(20, 30)], 30.0),
        ([Start("open", NOW - HOUR)] * 3, 60.0),
        ([Start("open", NOW + HOUR)] * 3, 60.0),
    ],
    ids=[
        "none",
        "one",
        "one below",
        "full",
        "in any order",
        "above",
        "the last has left",
        "the last leaves",
        "just now",
        "all in the future",
        "one in the future",
        "one without an answer",
        "all without an answer",
        "open and in the future",
    ],
)
def test_a_call_waits_until_the_window_has_room(starts: list[Start], seconds: float) -> None:
    assert Quota(3).wait(starts, NOW) == seconds


def test_a_slow_call_counts_from_its_answer() -> None:
    slow = Start("slow", NOW - 300, NOW - 1)
    assert Quota(1).wait([slow], NOW) == 59.0


@pytest.mark.parametrize(("calls", "window"), [(0, 60.0), (-1, 60.0), (1, 0.0), (1, -60.0)])
def test_a_quota_that_lets_nothing_through_is_refused(calls: int, window: float) -> None:
    with pytest.raises(ValueError, match="at least one call"):
        Quota(calls, window)


MOMENTS = st.one_of(st.none(), st.floats(NOW - 200, NOW + 200))


@given(st.lists(MOMENTS, max_size=40), st.integers(1, 20), st.floats(0.001, 120))
def test_no_wait_is_longer_than_a_window_and_none_is_needed_after_it(
    answers: list[float | None], calls: int, window: float
) -> None:
    quota = Quota(calls, window)
    starts = [Start(str(n), NOW, at) for n, at in enumerate(answers)]
    seconds = quota.wait(starts, NOW)
    assert 0 <= seconds <= window
    settled = [Start(each.id, NOW, NOW if each.answered_at is None else min(each.answered_at, NOW)) for each in starts]
    assert quota.wait(settled, NOW + seconds) == pytest.approx(0, abs=1e-6)


@pytest.fixture
def store() -> MemoryQuotaStore:
    return MemoryQuotaStore()


def test_one_holder_has_the_lease(store: MemoryQuotaStore) -> None:
    assert store.acquire("a", "first", now=NOW, seconds=60)
    assert not store.acquire("a", "second", now=NOW, seconds=60)
    assert store.acquire("a", "first", now=NOW + 50, seconds=60)


def test_accounts_do_not_share_a_lease(store: MemoryQuotaStore) -> None:
    assert store.acquire("a", "first", now=NOW, seconds=60)
    assert store.acquire("b", "second", now=NOW, seconds=60)


def test_a_released_lease_is_free(store: MemoryQuotaStore) -> None:
    store.acquire("a", "first", now=NOW, seconds=60)
    store.release("a", "first")
    assert store.acquire("a", "second", now=NOW, seconds=60)


def test_nobody_releases_the_lease_of_another(store: MemoryQuotaStore) -> None:
    store.acquire("a", "first", now=NOW, seconds=60)
    store.release("a", "second")
    assert not store.acquire("a", "second", now=NOW, seconds=60)


def test_a_start_is_kept_with_its_answer(store: MemoryQuotaStore) -> None:
    first, second = store.started("a", NOW), store.started("a", NOW + 1)
    store.answered("a", first, NOW + 3)
    assert list(store.starts("a")) == [Start(first, NOW, NOW + 3), Start(second, NOW + 1)]
    assert list(store.starts("b")) == []


def test_a_later_answer_replaces_an_earlier_one(store: MemoryQuotaStore) -> None:
    start = store.started("a", NOW)
    store.answered("a", start, NOW + 3)
    store.answered("a", start, NOW + 1)
    assert list(store.starts("a")) == [Start(start, NOW, NOW + 1)]


def test_an_answer_to_an_unknown_start_changes_nothing(store: MemoryQuotaStore) -> None:
    store.answered("a", "nobody", NOW)
    assert list(store.starts("a")) == []


def test_only_answered_starts_are_forgotten(store: MemoryQuotaStore) -> None:
    old, edge, unanswered = store.started("a", NOW), store.started("a", NOW), store.started("a", NOW)
    store.answered("a", old, NOW + 1)
    store.answered("a", edge, NOW + 2)
    store.forget("a", NOW + 2)
    assert [each.id for each in store.starts("a")] == [edge, unanswered]
