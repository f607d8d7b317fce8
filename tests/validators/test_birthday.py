from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from td_line_connectors.issues import InvalidValueError
from td_line_connectors.validators import birthday

TAIPEI = timezone(timedelta(hours=8))


class Timestamp(datetime):
    """Behaves as pandas.Timestamp does: a datetime that counts nanoseconds apart."""

    nanosecond = 1


def message_of(value: object) -> str:
    with pytest.raises(InvalidValueError) as caught:
        birthday(value)
    assert caught.value.code == "birthday"
    return caught.value.message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1985-04-06", "1985-04-06"),
        ("2024-02-29", "2024-02-29"),
        ("0001-01-01", "0001-01-01"),
        ("9999-12-31", "9999-12-31"),
        (date(1985, 4, 6), "1985-04-06"),
        (date(985, 4, 6), "0985-04-06"),
        (datetime(1985, 4, 6, tzinfo=UTC), "1985-04-06"),
        (datetime(1985, 4, 6, tzinfo=TAIPEI), "1985-04-06"),
        (datetime(1985, 4, 6), "1985-04-06"),  # noqa: DTZ001 - a database's TIMESTAMP has no time zone
    ],
    ids=str,
)
def test_a_day_is_given_as_text(value: object, expected: str) -> None:
    assert birthday(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "1985/04/06",
        "1985",
        "1985-04",
        "1985-W14-6",
        "1985-W14",
        "1985-096",
        "19850406",
        "06-04-1985",
        "1985-4-6",
        "1985-04-06T00:00:00",
        "1985-04-06 00:00:00",
        "1985-04-06\n",
        "１９８５-04-06",
        "1985-04-0٦",
        "\ufeff1985-04-06",
        "1985-04-06\0",
        "1985−04−06",
        "昭和60年4月6日",
        "🎂",
        "\ud83d",
    ],
    ids=ascii,
)
def test_any_other_form_is_refused_with_the_form_expected(value: str) -> None:
    assert "YYYY-MM-DD" in message_of(value)


@pytest.mark.parametrize(
    "value", ["1985-02-29", "1985-13-06", "1985-00-06", "1985-04-31", "1985-04-00", "0000-01-01", "1985-06-99"]
)
def test_a_day_that_is_not_in_the_calendar_is_refused(value: str) -> None:
    assert "calendar" in message_of(value)


@pytest.mark.parametrize("value", [19850406, 481593600.0, True, None, ["1985-04-06"], b"1985-04-06"], ids=repr)
def test_a_number_is_not_a_day(value: object) -> None:
    assert "YYYY-MM-DD" in message_of(value)


@pytest.mark.parametrize(
    "value",
    [
        datetime(1985, 4, 6, 12, tzinfo=UTC),
        datetime(1985, 4, 6, 0, 0, 0, 1, tzinfo=UTC),
        datetime(1985, 4, 5, 16, tzinfo=UTC),
        Timestamp(1985, 4, 6, tzinfo=UTC),
    ],
    ids=["noon", "a microsecond late", "midnight elsewhere", "a nanosecond late"],
)
def test_a_point_in_time_is_not_a_day(value: datetime) -> None:
    assert "point in time" in message_of(value)


@forall(st.dates())
@settings(max_examples=100)
def test_every_day_reads_the_same_as_text_and_as_date(day: date) -> None:
    assert birthday(day) == birthday(day.isoformat()) == day.isoformat()


@forall(st.from_regex(r"\A[0-9]{4}-[0-3][0-9]-[0-3][0-9]\Z"))
@settings(max_examples=200)
def test_text_is_a_day_if_and_only_if_the_calendar_has_it(read: str) -> None:
    year, month, day = map(int, read.split("-"))
    try:
        expected = date(year, month, day).isoformat()
    except ValueError:
        message_of(read)
    else:
        assert birthday(read) == expected
