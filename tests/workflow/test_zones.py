"""A time on the wall means one moment, or none, or two; the first moment is always known."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from td_line_connectors.workflow.zones import first_moment, moments_of

NEW_YORK = ZoneInfo("America/New_York")
ZONES = [ZoneInfo(name) for name in ("America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Asia/Taipei")]
TIMES = st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2037, 1, 1)).map(  # noqa: DTZ001 - on the wall
    lambda time: time.replace(second=0, microsecond=0)
)


def test_a_time_that_is_shown_once_is_one_moment() -> None:
    assert moments_of(datetime(2027, 7, 1, 2, 30), NEW_YORK) == (datetime(2027, 7, 1, 6, 30, tzinfo=UTC),)  # noqa: DTZ001


def test_a_time_that_is_skipped_is_no_moment() -> None:
    assert moments_of(datetime(2027, 3, 14, 2, 30), NEW_YORK) == ()  # noqa: DTZ001


def test_a_time_that_is_shown_twice_is_two_moments_in_order() -> None:
    first = datetime(2027, 11, 7, 5, 30, tzinfo=UTC)
    assert moments_of(datetime(2027, 11, 7, 1, 30), NEW_YORK) == (first, first + timedelta(hours=1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("zone", "shown", "first"),
    [
        ("America/New_York", datetime(2027, 3, 14, 2, 0), datetime(2027, 3, 14, 7, tzinfo=UTC)),  # noqa: DTZ001
        ("America/New_York", datetime(2027, 3, 14, 2, 59), datetime(2027, 3, 14, 7, tzinfo=UTC)),  # noqa: DTZ001
        ("Australia/Lord_Howe", datetime(2027, 10, 3, 2, 15), datetime(2027, 10, 2, 15, 30, tzinfo=UTC)),  # noqa: DTZ001
        ("America/Havana", datetime(2027, 3, 14, 0, 0), datetime(2027, 3, 14, 5, tzinfo=UTC)),  # noqa: DTZ001
        ("Pacific/Apia", datetime(2011, 12, 30, 7, 30), datetime(2011, 12, 30, 10, tzinfo=UTC)),  # noqa: DTZ001
    ],
    ids=["the gap's beginning", "the gap's end", "half an hour", "no midnight", "no such day"],
)
def test_a_skipped_time_stands_for_the_first_moment_after_the_gap(zone: str, shown: datetime, first: datetime) -> None:
    assert first_moment(shown, ZoneInfo(zone)) == first


@given(TIMES, st.sampled_from(ZONES))
def test_each_moment_shows_the_time_that_was_asked_for(shown: datetime, zone: tzinfo) -> None:
    assert all(each.astimezone(zone).replace(tzinfo=None) == shown for each in moments_of(shown, zone))


@given(TIMES, st.sampled_from(ZONES))
def test_before_the_first_moment_the_clocks_show_less(shown: datetime, zone: tzinfo) -> None:
    first = first_moment(shown, zone)
    assert first.astimezone(zone).replace(tzinfo=None) >= shown
    assert (first - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None) < shown


@given(TIMES, st.sampled_from(ZONES))
def test_no_moment_is_left_out(moment: datetime, zone: tzinfo) -> None:
    moment = moment.replace(tzinfo=UTC)
    assert moment in moments_of(moment.astimezone(zone).replace(tzinfo=None), zone)
