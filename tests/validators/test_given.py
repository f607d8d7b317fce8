from datetime import date
from decimal import Decimal
from enum import StrEnum

import pytest

from td_line_connectors.validators import given


class NotAvailable:
    """Behaves as pandas.NA does: every comparison is NotAvailable, and that has no truth."""

    def __eq__(self, other: object) -> "NotAvailable":  # type: ignore[override] # as pandas.NA
        return self

    def __ne__(self, other: object) -> "NotAvailable":  # type: ignore[override] # as pandas.NA
        return self

    def __hash__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")


class NotATime:
    """Behaves as pandas.NaT and numpy.datetime64("NaT") do: it differs from itself."""

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


class Array:
    """Behaves as a numpy array of two items does: it compares item by item."""

    def __len__(self) -> int:
        return 2

    def __ne__(self, other: object) -> "Array":  # type: ignore[override] # as numpy.ndarray
        return self

    def __eq__(self, other: object) -> "Array":  # type: ignore[override] # as numpy.ndarray
        return self

    def __hash__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        raise ValueError("the truth value of an array is ambiguous")


class Gender(StrEnum):
    MALE = " male "


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        " \t\r\n",
        "\u3000\xa0",
        float("nan"),
        Decimal("NaN"),
        Decimal("sNaN"),
        [],
        (),
        NotAvailable(),
        NotATime(),
    ],
    ids=["None", "empty", "blank", "wide blank", "NaN", "decimal NaN", "signalling NaN", "list", "tuple", "NA", "NaT"],
)
def test_nothing_is_none(value: object) -> None:
    assert given(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" a b\n", "a b"),
        ("\u3000王小明\u3000", "王小明"),
        ("a", "a"),
        ("\ufeffa", "\ufeffa"),
        ("NULL", "NULL"),
        ("nan", "nan"),
    ],
    ids=["space", "ideographic space", "bare", "BOM is no white space", "the word NULL", "the word nan"],
)
def test_text_comes_back_stripped(value: str, expected: str) -> None:
    assert given(value) == expected


@pytest.mark.parametrize(
    "value",
    [0, 0.0, False, True, 1.5, float("inf"), Decimal(0), date(1985, 4, 6), b"", {}, [""], ("a",), Array()],
    ids=lambda value: f"{type(value).__name__} {value!s:.10}",
)
def test_anything_else_comes_back_as_it_is(value: object) -> None:
    assert given(value) is value


def test_a_subclass_of_text_is_stripped_to_text() -> None:
    found = given(Gender.MALE)

    assert found == "male"
    assert type(found) is str
