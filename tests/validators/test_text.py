import uuid
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from td_line_connectors.issues import InvalidValueError
from td_line_connectors.validators import line_uid, one_of, tags, text, text_of

UID = "U4af4980629a1bc3f0e9d8c7b6a5f4e3d"
SURROGATE = "\ud83d"


class Loud(StrEnum):
    VIP = "vip"

    def __str__(self) -> str:
        return "something else"


def refused(validator: Callable[[object], object], value: object) -> InvalidValueError:
    with pytest.raises(InvalidValueError) as caught:
        validator(value)
    return caught.value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        ("0012", "0012"),
        (12, "12"),
        (-5, "-5"),
        (10**25, "1" + "0" * 25),
        (12.0, "12"),
        (1e22, "1" + "0" * 22),
        (-0.0, "0"),
        (Decimal("7E+3"), "7000"),
        (Decimal("12.00"), "12"),
        (Fraction(6, 2), "3"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Loud.VIP, "vip"),
    ],
    ids=repr,
)
def test_text_and_whole_numbers_are_read_as_text(value: object, expected: str) -> None:
    found = text_of(value)

    assert found == expected
    assert type(found) is str


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"a",
        1.5,
        Decimal("1.5"),
        float("inf"),
        float("nan"),
        Decimal("Infinity"),
        Decimal("sNaN"),
        Decimal("1E+999999"),
        10**5000,
        date(1985, 4, 6),
        {"a": 1},
        ["a"],
        1 + 0j,
    ],
    ids=lambda value: type(value).__name__ + repr(value)[:20] if not isinstance(value, int) else "a huge number",
)
def test_what_is_neither_text_nor_whole_is_refused(value: object) -> None:
    assert refused(text_of, value).code == "type"


VALIDATORS = ["text_of", "text", "tags", "line_uid", "one_of"]


@pytest.mark.parametrize("value", [True, False], ids=repr)
@pytest.mark.parametrize("validator", [text_of, text(), tags, line_uid, one_of("true", "1")], ids=VALIDATORS)
def test_a_boolean_is_not_text(validator: Callable[[object], object], value: object) -> None:
    assert refused(validator, value).code == "boolean"


@forall(st.floats(min_value=-1e15, max_value=1e15).map(float.__trunc__))
@settings(max_examples=100)
def test_a_whole_float_and_its_integer_read_alike(number: int) -> None:
    assert text_of(float(number)) == text_of(Decimal(number)) == text_of(number) == str(number)


@pytest.mark.parametrize(
    "value",
    ["a", "王小明", "🙂👩‍👩‍👧", "a\ufeffb", "田中　さくら", "<b>"],
    ids=["ASCII", "Han", "emoji", "BOM", "kana", "markup"],
)
def test_free_text_comes_back_unchanged(value: str) -> None:
    assert text(255)(value) == value


@pytest.mark.parametrize(
    "value", ["a\0b", "王\0", SURROGATE, "a" + SURROGATE], ids=["NUL", "NUL in Han", "half", "half at end"]
)
def test_text_that_cannot_be_sent_is_refused(value: str) -> None:
    assert refused(text(), value).code == "characters"
    assert refused(tags, f"vip,{value}").code == "characters"


def test_the_length_of_text_is_counted_in_characters() -> None:
    assert text(3)("🙂🙂🙂") == "🙂🙂🙂"
    assert refused(text(3), "🙂🙂🙂🙂").code == "length"


def test_a_number_is_a_customer_id() -> None:
    assert text()(1234567890123.0) == "1234567890123"


@pytest.mark.parametrize("value", ["male", "Male", "MALE"])
def test_a_choice_in_any_case_is_given_as_it_is_sent(value: str) -> None:
    assert one_of("male", "female", ignore_case=True)(value) == "male"


@pytest.mark.parametrize("value", ["m", "男", "ｍａｌｅ", "males", "1"])
def test_what_is_no_choice_is_refused_with_the_choices(value: str) -> None:
    error = refused(one_of("male", "female", ignore_case=True), value)

    assert error.code == "choice"
    assert "male, female" in error.message


def test_case_counts_unless_it_is_ignored() -> None:
    error = refused(one_of("members", "segments"), "Members")

    assert error.code == "choice"
    assert "members, segments" in error.message
    assert "case" in error.message


def test_a_number_can_be_a_choice() -> None:
    assert one_of("1", "2")(2) == "2"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("import210707, apple product interested", ("import210707", "apple product interested")),
        ("a", ("a",)),
        (" b ,,a, b,\u3000", ("b", "a")),
        (",", ()),
        (20260101, ("20260101",)),
        (["b", " a ", "", None, float("nan"), "b"], ("b", "a")),
        (("a", 1, 2.0), ("a", "1", "2")),
        (["one, tag"], ("one, tag",)),
        ("A,a", ("A", "a")),
    ],
    ids=["page", "one", "blanks", "nothing", "number", "list", "tuple", "comma in item", "case"],
)
def test_tags_are_trimmed_without_blanks_and_repeats(value: object, expected: tuple[str, ...]) -> None:
    assert tags(value) == expected


@pytest.mark.parametrize("value", [[["a"]], [{"a": 1}], {"a": 1}, {"a"}, [1.5], b"a"], ids=repr)
def test_tags_that_are_no_text_are_refused(value: object) -> None:
    assert refused(tags, value).code == "type"


def test_a_tag_has_at_most_255_characters() -> None:
    assert tags("a" * 255) == ("a" * 255,)
    assert refused(tags, "b," + "a" * 256).code == "length"


@pytest.mark.parametrize("separator", [",", " , " * 20], ids=["short", "long"])
def test_a_row_has_at_most_100_tags_once_repeats_are_dropped(separator: str) -> None:
    hundred = [str(number) for number in range(100)]

    assert tags(separator.join([*hundred, "0"])) == tuple(hundred)
    assert refused(tags, separator.join([*hundred, "100"])).code == "count"


def test_a_user_id_comes_back_unchanged() -> None:
    assert line_uid(UID) == UID


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("U" + UID[1:].upper(), "upper-case"),
        ("\ufeff" + UID, "BOM"),
        (UID + "\u200b", "invisible"),
        (UID[:5] + "\0" + UID[6:], "invisible"),
        (UID[:-1], "32 characters in place of 33"),
        (UID + "0", "34 characters"),
        (UID + "\n", "invisible"),
        ("u" + UID[1:], "capital U"),
        ("C" + UID[1:], "capital U"),
        ("Ｕ" + UID[1:], "full-width"),
        (UID[:-1] + "３", "full-width"),
        (UID[:-1] + "٣", "not ASCII"),
        (UID[:-1] + "g", "no hexadecimal digit"),
        (4, "1 characters"),
        ("🙂", "not ASCII"),
        (SURROGATE, "not ASCII"),
    ],
    ids=lambda value: ascii(value)[-14:],
)
def test_a_wrong_user_id_is_refused_with_its_cause(value: object, hint: str) -> None:
    error = refused(line_uid, value)

    assert error.code == "line_uid"
    assert hint in error.message


@forall(st.text(max_size=40))
@settings(max_examples=200)
def test_no_message_repeats_the_value(value: str) -> None:
    marked = f"zq{value}qz"

    for validator in (line_uid, one_of("male", "female")):
        assert marked not in refused(validator, marked).message
