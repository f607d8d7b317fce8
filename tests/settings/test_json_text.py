"""Settings as JSON text are one object, its scalars as written."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from td_line_connectors.errors import ConfigError
from td_line_connectors.settings.json_text import read_json_object
from td_line_connectors.settings.node import Mark, Node


def node(text: str) -> Node:
    return Node(value=text, at=Mark("wf.dig", 3, 20), path=("+a", "result_settings"), key_at=Mark("wf.dig", 3, 3))


def test_an_object_becomes_a_mapping_of_texts() -> None:
    read = read_json_object(node('{"a": 007.5, "b": true, "c": null, "d": [1e3, "x"]}'.replace("007.5", "7.50")))
    assert read.plain == {"a": "7.50", "b": "true", "c": None, "d": ["1e3", "x"]}


def test_all_of_it_has_the_place_of_the_text() -> None:
    child = read_json_object(node('{"a": "b"}')).items["a"]
    assert (child.field, str(child.at)) == ("+a.result_settings.a", "wf.dig:3:20")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("members", "JSON object"),
        ("[1]", "JSON object"),
        ('{"a": 1, "a": 2}', "one key twice"),
        ('{"a": {"b": 1, "b": 2}}', "one key twice"),
        ('{"a": NaN}', "NaN"),
        ('{"a": ' * 30 + "1" + "}" * 30, "nested"),
        ("[" * 100_000, "nested"),
        ('{"token": "s3cret"', "from character 19 on"),
        ("", "from character 1 on"),
    ],
)
def test_anything_else_is_refused_and_not_repeated(text: str, word: str) -> None:
    with pytest.raises(ConfigError, match=word) as caught:
        read_json_object(node(text))
    assert caught.value.issues[0].where == "wf.dig:3:20"
    assert "s3cret" not in str(caught.value)


@given(st.text(st.sampled_from('{}[]":,a1 \\utrue'), max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ConfigError):
        assert isinstance(read_json_object(node(text)).plain, dict)
