"""Text from elsewhere can neither command the terminal nor hide."""

import json
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from td_line_connectors.cli.output import safe, safe_lines
from td_line_connectors.cli.text import json_text, plain

ANY_TEXT = st.text(
    st.one_of(st.characters(exclude_categories=()), st.sampled_from("\x1b\x9b\u202e\u2066\u200b\ud800\U000e0041"))
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("日本語　ไทย é 👍🏽", "日本語　ไทย é 👍🏽"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31m", r"\x9b31m"),
        ("a\tb\nc\rd\0", r"a\tb\nc\rd\x00"),
        ("abc\u202efdp.exe", r"abc\u202efdp.exe"),
        ("\u2066x\u2069\u200f", r"\u2066x\u2069\u200f"),
        ("zero\u200bwidth\ufeff\u00ad", r"zero\u200bwidth\ufeff\xad"),
        ("\u2028\u2029\x85", r"\u2028\u2029\x85"),
        ("half \ud83d", r"half \ud83d"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("blank\u3164letters\u115f", r"blank\u3164letters\u115f"),
        ("[bold]no markup[/]", "[bold]no markup[/]"),
    ],
    ids=[
        "plain", "letters of the world", "ESC", "CSI in one byte", "controls", "override", "isolates", "zero width",
        "line ends", "lone surrogate", "tag character", "blank letters", "markup",
    ],
)  # fmt: skip
def test_what_commands_or_hides_appears_as_an_escape(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(ANY_TEXT)
def test_a_safe_text_holds_no_control_no_format_character_and_no_surrogate(text: str) -> None:
    shown = safe(text)

    assert {unicodedata.category(each) for each in shown}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})
    assert {unicodedata.bidirectional(each) for each in shown}.isdisjoint(
        {"LRO", "RLO", "LRE", "RLE", "PDF", "LRI", "RLI"}
    )
    assert safe(shown) == shown
    shown.encode("utf-8")


def test_lines_stay_lines() -> None:
    assert safe_lines("one\ntwo\x1b\n\tthree") == "one\ntwo\\x1b\n\\tthree"


@given(JSON_VALUES)
def test_json_reads_back_exactly_and_is_safe(value: object) -> None:
    text = json_text(value)

    assert json.loads(text) == value
    assert safe(text) == text
    assert json.loads(json_text(value, ascii_only=True)) == value
    assert json_text(value, ascii_only=True).isascii()


def test_json_keeps_letters_as_they_are() -> None:
    assert json_text({"name": "日本 é"}) == '{"name": "日本 é"}'


def test_what_json_cannot_say_becomes_null_or_text() -> None:
    value = [float("inf"), float("nan"), b"\x00\xff", date(1990, 4, 6), (1, 2), {3: None}]

    assert json.loads(json_text(value)) == [None, None, "00ff", "1990-04-06", [1, 2], {"3": None}]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), ("a", "a"), (True, "true"), (7, "7"), (b"\xff", "ff"), ([1, "é"], '[1, "é"]')],
    ids=["nothing", "text", "boolean", "number", "bytes", "list"],
)
def test_a_value_has_one_form_as_text(value: object, text: str) -> None:
    assert plain(value) == text
