"""A message that was taken back is gone; all around it stays to the letter."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from td_line_connectors.connectors.line_oa.blanking import blanked, message_ids

MESSAGE = '{"type":"text","id":"1","quoteToken":"q","text":"my secret"}'


def body(message: str) -> str:
    return (
        '{"destination":"U1","events":[{"type":"message","message":'
        + message
        + ',"timestamp":1.10, "mode":"\\u0061"}]}'
    )


def test_the_message_keeps_its_type_and_id_and_the_text_around_it_is_untouched() -> None:
    assert blanked(body(MESSAGE), {"1"}) == body('{"type":"text","id":"1"}')


def test_the_column_of_a_message_is_blanked_as_its_body_is() -> None:
    assert blanked(MESSAGE, {"1"}) == '{"type":"text","id":"1"}'


@pytest.mark.parametrize(
    "message",
    [
        '{"id":"2","text":"another"}',
        '{"id":1,"text":"a number"}',
        '{"ids":"1","text":"another name"}',
        '{"text":"\\"id\\":\\"1\\""}',
        '{"quotedMessageId":"1","id":"3","text":"an answer to it"}',
    ],
    ids=["other id", "number", "other key", "inside a text", "an answer"],
)
def test_other_messages_stay(message: str) -> None:
    assert blanked(body(message), {"1"}) == body(message)


def test_a_second_time_changes_nothing() -> None:
    once = blanked(body(MESSAGE), {"1"})
    assert blanked(once, {"1"}) == once


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ('{ "id" : "1" ,\n"text" : "}]" }', '{"id":"1"}'),
        ('{"text":"\\\\","id":"1"}', '{"id":"1"}'),
        ('{"id":"9","id":"1","text":"x"}', '{"id":"1"}'),
        ('{"id":"1","id":"9","text":"x"}', '{"id":"9"}'),
        ('{"id":"1","type":{"a":1}}', '{"id":"1"}'),
        ('{"id":"1","mention":{"mentionees":[{"id":"1","index":0}]},"text":"x"}', '{"id":"1"}'),
        ('{"id":"\\u0031","text":"x"}', '{"id":"\\u0031"}'),
    ],
    ids=["spaces", "backslash", "repeated, last", "repeated, first", "odd type", "nested", "escaped"],
)
def test_odd_forms_are_blanked_too(message: str, left: str) -> None:
    assert blanked(body(message), {"1"}) == body(left)


@pytest.mark.parametrize(
    "text",
    ["", "}", '{"id":"1"', '{"id":"\\x1","text":1}', "]]{", '"', '"\\', "[" * 100_000, "::,,", '"' + '\\"' * 1_000_000],
    ids=["nothing", "end", "open", "escape", "ends", "quote", "half", "deep", "marks", "long text without an end"],
)
def test_what_is_no_json_does_no_harm(text: str) -> None:
    assert blanked(text, {"1"}) == text


def test_in_a_body_that_breaks_off_what_is_whole_is_blanked() -> None:
    assert blanked(f'{{"events":[{{"message":{MESSAGE}', {"1"}) == '{"events":[{"message":{"type":"text","id":"1"}'


def expected(value: Any, ids: set[str]) -> Any:
    """The rule, on values."""
    if isinstance(value, list):
        return [expected(each, ids) for each in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("id"), str) and value["id"] in ids:
        return {key: each for key, each in value.items() if key in {"type", "id"} and isinstance(each, str)}
    return {key: expected(each, ids) for key, each in value.items()}


KEYS = st.sampled_from(["id", "type", "text", "message"]) | st.text(max_size=3)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from("123") | st.text()
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=30
)


@given(value=VALUES, indent=st.sampled_from([None, 2]))
@settings(max_examples=300)
def test_on_any_json_it_does_what_the_rule_says(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    assert json.loads(blanked(text, {"1", "2"})) == expected(value, {"1", "2"})


@given(VALUES)
@settings(max_examples=100)
def test_the_quick_look_misses_nothing(value: object) -> None:
    text = json.dumps(value)
    assert blanked(text, {"1", "2"}) == text or message_ids(text) & {"1", "2"}
