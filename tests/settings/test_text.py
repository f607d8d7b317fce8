"""A text file is read, or the reason and the place are named."""

from pathlib import Path

import pytest

from td_line_connectors.errors import ConfigError
from td_line_connectors.settings.text import read_text


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_bytes(b"\xef\xbb\xbfSELECT '\xe5\x8f\xb0'")
    assert read_text(tmp_path / "q.sql", "q.sql") == "SELECT '台'"


def test_the_first_byte_that_is_not_utf8_is_named_by_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_bytes("SELECT\n '台'".encode() + b"\xa5x")
    with pytest.raises(ConfigError, match="UTF-8") as caught:
        read_text(tmp_path / "q.sql", "queries/q.sql")
    assert caught.value.issues[0].where == "queries/q.sql:2:5"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("name", "word"), [("nope.sql", "no such file"), (".", "folder"), ("a\0b", "no name"), ("x" * 999, "long")]
)
def test_what_is_no_readable_file_is_said(tmp_path: Path, name: str, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        read_text(tmp_path / name, name)
