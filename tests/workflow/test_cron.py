"""A cron text means the minutes that the workflow engine would take it for."""

import pytest

from td_line_connectors.issues import InvalidValueError
from td_line_connectors.workflow.cron import parse_cron


def test_five_fields_are_read() -> None:
    cron = parse_cron("*/15 9-17 1,15 jan,JUN-jul mon-FRI")
    assert sorted(cron.minutes) == [0, 15, 30, 45]
    assert sorted(cron.hours) == list(range(9, 18))
    assert sorted(cron.days) == [1, 15]
    assert sorted(cron.months) == [1, 6, 7]
    assert sorted(cron.weekdays) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("text", "same"),
    [("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@monthly", "0 0 1 * *"), (" 0  0 1 * * ", "0 0 1 * *")],
)
def test_shorthands_stand_for_five_fields(text: str, same: str) -> None:
    short, long = parse_cron(text), parse_cron(same)
    assert (short.minutes, short.hours, short.days) == (long.minutes, long.hours, long.days)


def test_sunday_is_0_and_7() -> None:
    assert (
        parse_cron("0 0 * * 0").weekdays
        == parse_cron("0 0 * * 7").weekdays
        == parse_cron("0 0 * * sun").weekdays
        == {0}
    )


def test_a_range_may_go_over_the_end_of_the_week() -> None:
    assert sorted(parse_cron("0 0 * * sat-mon").weekdays) == [0, 1, 6]


def test_a_step_counts_from_the_ranges_beginning() -> None:
    assert sorted(parse_cron("10-20/5 * */10 * *").minutes) == [10, 15, 20]
    assert sorted(parse_cron("10-20/5 * */10 * *").days) == [1, 11, 21, 31]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("* * * *", "five fields"),
        ("* * * * * *", "five fields"),
        ("", "five fields"),
        ("@weekly", "five fields"),
        ("60 * * * *", "minute must be 0 to 59"),
        ("* 24 * * *", "hour must be 0 to 23"),
        ("* * 0 * *", "day of the month must be 1 to 31"),
        ("* * L * *", "day of the month must be 1 to 31"),
        ("* * * 13 *", "month must be 1 to 12 or jan to dec"),
        ("* * * * funday", "weekday must be 0 to 7 or sun to sat"),
        ("*/0 * * * *", "minute must be numbers"),
        ("5/10 * * * *", "minute must be numbers"),
        ("1,,2 * * * *", "minute must be numbers"),
        ("-1 * * * *", "minute must be numbers"),
        ("٣ * * * *", "minute must be numbers"),
        ("99999999999999999999 * * * *", "minute must be 0 to 59"),
    ],
)
def test_the_wrong_field_is_named(text: str, word: str) -> None:
    with pytest.raises(InvalidValueError, match=word):
        parse_cron(text)
