"""How many calls does a window hold?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from td_line_connectors.transport.quota import Flight, Quota, Start, Usage

NOW = 1_795_262_400.0
"""Epoch seconds."""

HOUR = 3600.0


def _answered(*ages: float) -> list[Start]:
    """Make starts answered so many seconds ago, each of which took 5 s."""
    return [Start(NOW - age - 5, NOW - age) for age in ages]


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
        ([Start(NOW - HOUR), *_answered(20, 30)], 30.0),
        ([Start(NOW - HOUR)] * 3, 60.0),
        ([Start(NOW + HOUR)] * 3, 60.0),
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
    slow = Start(NOW - 300, NOW - 1)
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
    starts = [Start(NOW, at) for at in answers]
    seconds = quota.wait(starts, NOW)
    assert 0 <= seconds <= window
    dated = Usage(tuple(starts)).dated(NOW)
    assert quota.wait(dated.starts, NOW + seconds) == pytest.approx(0, abs=1e-6)


def test_what_is_open_or_in_the_future_is_dated_as_of_now() -> None:
    usage = Usage((Start(NOW - HOUR), Start(NOW, NOW + HOUR), Start(NOW - 9, NOW - 5)), Flight("somebody", NOW + HOUR))
    dated = usage.dated(NOW)
    assert [each.answered_at for each in dated.starts] == [NOW, NOW, NOW - 5]
    assert dated.flight == Flight("somebody", NOW)


def test_a_call_that_begins_is_open_and_in_flight_and_what_has_left_the_window_is_forgotten() -> None:
    usage = Usage((Start(NOW - HOUR), *_answered(59, 60, 61)), Flight("an earlier one", NOW - HOUR, "7"))
    begun = usage.begun("somebody", NOW, 60.0)
    assert begun.starts == (Start(NOW - HOUR), *_answered(59), Start(NOW))
    assert begun.flight == Flight("somebody", NOW)


def test_an_answer_leaves_in_flight_what_is() -> None:
    begun = Usage().begun("somebody", NOW, 60.0)
    assert begun.answered(NOW + 2) == Usage((Start(NOW, NOW + 2),), Flight("somebody", NOW))


def test_a_quota_that_is_used_up_is_waited_for_from_now() -> None:
    quota = Quota(3)
    worst = quota.used_up(NOW)
    assert quota.wait(worst.starts, NOW) == 60.0
    assert worst.flight is not None
    assert (worst.flight.since, worst.flight.ticket) == (NOW, None)
