"""An example shows a value's shape, and nothing of whose it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from td_line_connectors.engine.masking import masked

VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=3), inner, max_size=3),
)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("1985/4/6", "9999/9/9"),
        ("Ann.Lee@example.com", "Aaa.Aaa@aaaaaaa.aaa"),
        ("+886 912-345-678", "+999 999-999-999"),
        ("０９１２", "９９９９"),
        ("王小明", "字字字"),
        ("Ünal", "字aaa"),
        ("a\u200bb\n", "a□a□"),
        ("🎉 ok", "□ aa"),
        ("-", "□"),
        (":-)", "□□□"),
        (912345678, "999999999"),
        (-1.5, "-9.9"),
        (True, "aaaa"),
        (["vip", "新"], '["aaa", "字"]'),
        ("x" * 300, "a" * 40 + "… (300 characters)"),
    ],
    ids=str,
)
def test_every_letter_and_digit_is_replaced_and_the_shape_stays(value: object, shape: str) -> None:
    assert masked(value) == shape


@pytest.mark.parametrize("value", [None, "", " \t\n"], ids=repr)
def test_where_there_is_no_value_there_is_no_example(value: object) -> None:
    assert masked(value) is None


@given(value=VALUES)
def test_no_letter_or_digit_of_a_value_is_ever_shown(value: object) -> None:
    shape = (masked(value) or "").partition("…")[0]

    assert {each for each in shape if each.isalnum()} <= set("9９aA字")
    assert shape.isprintable()


@given(first=some.text(some.sampled_from("abXY12王９ .@"), max_size=50), data=some.data())
def test_values_of_one_shape_cannot_be_told_apart(first: str, data: some.DataObject) -> None:
    alike = {"a": "ab", "b": "ab", "X": "XY", "Y": "XY", "1": "12", "2": "12", "王": "王林", "９": "９８"}
    second = "".join(data.draw(some.sampled_from(alike.get(each, each))) for each in first)

    assert masked(first) == masked(second)
