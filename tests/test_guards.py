"""A guard lets just as much through as it says, and is read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from td_line_connectors.guards import UNGUARDED, Guards, Percent, read_max_invalid, read_max_shrink
from td_line_connectors.issues import InvalidValueError

PERCENTS = some.floats(0, 100).map(Percent) | some.integers(0, 100).map(Percent)
GUARDS = some.builds(
    Guards,
    max_invalid=some.none() | some.integers(0, 10**11) | PERCENTS,
    max_shrink=some.none() | PERCENTS,
)


@pytest.mark.parametrize(
    ("text", "guard"),
    [
        ("0", 0),
        ("500", 500),
        ("0%", Percent(0)),
        ("2%", Percent(2)),
        ("0.5%", Percent(0.5)),
        ("100%", Percent(100)),
        ("none", None),
    ],
)
def test_a_guard_on_invalid_rows_is_a_number_a_share_or_none(text: str, guard: int | Percent | None) -> None:
    assert read_max_invalid(text) == guard


WRONG = [
    "",
    "-1",
    "+1",
    "1.5",
    "007",
    "1,000",
    "1e3",
    "2 %",
    "%",
    "101%",
    "100.1%",
    "-1%",
    ".5%",
    "5.%",
    "٣",
    "２%",
    "None",
]


@pytest.mark.parametrize("text", WRONG, ids=repr)
def test_another_shape_is_refused_with_the_right_ones(text: str) -> None:
    with pytest.raises(InvalidValueError, match="such as 500, a share of them such as 2%"):
        read_max_invalid(text)


@pytest.mark.parametrize("text", [*WRONG, "500", "0"], ids=repr)
def test_a_guard_on_a_list_is_a_share_or_none(text: str) -> None:
    assert (read_max_shrink("30%"), read_max_shrink("none")) == (Percent(30), None)
    with pytest.raises(InvalidValueError, match="such as 30%"):
        read_max_shrink(text)


@pytest.mark.parametrize(
    ("guard", "invalid", "read", "allowed"),
    [
        (None, 10, 10, True),
        (0, 0, 10, True),
        (0, 1, 10, False),
        (500, 500, 501, True),
        (500, 501, 10**7, False),
        (Percent(2), 2, 100, True),
        (Percent(2), 3, 100, False),
        (Percent(0), 0, 0, True),
        (Percent(0.07), 7, 10_000, True),
        (Percent(0.07), 8, 10_000, False),
        (Percent(100), 10, 10, True),
    ],
)
def test_just_as_many_invalid_rows_as_a_guard_says_pass(
    guard: int | Percent | None,
    invalid: int,
    read: int,
    allowed: bool,  # noqa: FBT001 - the table's
) -> None:
    assert Guards(max_invalid=guard).allow_invalid(invalid, read) is allowed


@pytest.mark.parametrize(
    ("guard", "before", "after", "allowed"),
    [
        (None, 10, 0, True),
        (Percent(30), 1000, 700, True),
        (Percent(30), 1000, 699, False),
        (Percent(0), 1000, 1000, True),
        (Percent(0), 1000, 999, False),
        (Percent(0), 1000, 2000, True),
        (Percent(0), 0, 5, True),
        (Percent(100), 1000, 1, True),
    ],
)
def test_a_list_may_lose_just_the_share_that_a_guard_says(
    guard: Percent | None,
    before: int,
    after: int,
    allowed: bool,  # noqa: FBT001 - the table's
) -> None:
    assert Guards(max_shrink=guard).allow_shrink(before, after) is allowed


@given(guards=GUARDS)
def test_guards_written_down_are_read_back_as_they_were(guards: Guards) -> None:
    assert Guards.from_json(guards.to_json()) == guards


@given(invalid=some.integers(0, 10**9), read=some.integers(0, 10**9))
def test_no_guard_stops_nothing(invalid: int, read: int) -> None:
    assert UNGUARDED.allow_invalid(invalid, read)
    assert UNGUARDED.allow_shrink(read, invalid)


@pytest.mark.parametrize(
    "wrong",
    [{"max_invalid": "2%"}, {"max_invalid": 0.02}, {"max_shrink": 0.3}, {"max_shrink": 30}],
    ids=str,
)
def test_a_share_that_is_no_percent_is_a_type_error_at_once(wrong: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="Percent"):
        Guards(**wrong)  # type: ignore[arg-type]  # what this test is about


@pytest.mark.parametrize("value", [-0.1, 100.1, float("nan"), float("inf")])
def test_a_share_is_between_nothing_and_all(value: float) -> None:
    with pytest.raises(ValueError, match="0 to 100"):
        Percent(value)


def test_a_negative_number_of_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Guards(max_invalid=-1)
