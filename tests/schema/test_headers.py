"""A first row that was taken for a header is nobody's to read."""

import pytest

from td_line_connectors.schema.headers import is_showable, shown_names

UID = "U0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("header", [(), ("line_uid", "E-mail", "import_20261121", "2026", "=x", "王小明")], ids=len)
def test_names_are_shown(header: tuple[str, ...]) -> None:
    assert is_showable(header)
    assert shown_names(header) == (", ".join(header) or "none")


@pytest.mark.parametrize(
    "value", ["ann@example.com", UID, f"id: {UID.upper()}", "0912345678", "+886 912-345-678", "1985-04-06", "\n1234567"]
)
def test_where_one_looks_like_a_value_none_is_shown(value: str) -> None:
    assert shown_names(["Ann", value]) == "2, not shown since they look like values; is the first line a header?"
