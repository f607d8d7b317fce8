"""A call's text is taken apart exactly, and alike with and without msgspec."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from td_line_connectors.connectors.line_oa.decoding import decode
from td_line_connectors.connectors.line_oa.nesting import MAX_NESTING, is_too_deep
from td_line_connectors.connectors.line_oa.scanning import Call, MalformedBodyError, scan
from tests.connectors.line_oa.reception import BODIES, wire
from tests.connectors.line_oa.wires import VALUES, calls, damaged

Reading = tuple[str, list[object]]


def reading(call: Call) -> Reading:
    """Give what was read as plain values, the order of properties included."""
    return call.destination, [each if isinstance(each, str) else list(each.items()) for each in call.events]


def read_fast(text: str) -> Call:
    return decode(text.encode())


def verdict(read: Callable[[str], Call], text: str) -> Reading | None:
    try:
        return reading(read(text))
    except MalformedBodyError:
        return None


def exactly(text: str) -> Any:
    """Parse JSON losing nothing: numbers as written, pairs in order, repeated names kept."""
    return json.loads(text, parse_int=lambda x: ("n", x), parse_float=lambda x: ("n", x), object_pairs_hook=tuple)


def has_loose_space(text: str) -> bool:
    inside = escaped = False
    for character in text:
        if inside:
            inside, escaped = escaped or character != '"', not escaped and character == "\\"
        elif character == '"':
            inside = True
        elif character in " \t\r\n":
            return True
    return False


@settings(max_examples=200, deadline=None)
@given(text=st.one_of(calls(), damaged()))
def test_msgspec_and_the_standard_library_read_the_same_and_refuse_the_same(text: str) -> None:
    assert verdict(read_fast, text) == verdict(scan, text)


@pytest.mark.parametrize("entry", BODIES, ids=lambda each: each["name"])
def test_both_read_every_known_body_alike(entry: dict[str, Any]) -> None:
    assert verdict(read_fast, wire(entry)) == verdict(scan, wire(entry))


@settings(max_examples=60, deadline=None)
@given(text=calls())
def test_a_value_is_what_was_sent_without_white_space(text: str) -> None:
    [events] = [value for name, value in exactly(text) if name == "events"][-1:]

    for sent, read in zip(events, read_fast(text).events, strict=True):
        if isinstance(read, str):
            assert (exactly(read), has_loose_space(read)) == (sent, False)
        else:
            assert {name: exactly(each) for name, each in read.items()} == dict(sent)
            assert not any(map(has_loose_space, read.values()))


@settings(max_examples=60, deadline=None)
@given(value=VALUES)
def test_compact_values_are_kept_to_the_letter(value: str) -> None:
    compact = scan(f'{{"events":[{{"x":{value}}}]}}').events[0]["x"]  # type: ignore[index]  # an event, as written

    assert reading(read_fast(f'{{"events":[{{"x":{compact}}}]}}')) == ("", [[("x", compact)]])


def test_of_a_property_that_comes_twice_the_last_value_counts() -> None:
    assert reading(read_fast('{"events":[{"a":1,"b":2,"a":3}]}')) == ("", [[("a", "3"), ("b", "2")]])


def test_what_is_no_object_stands_as_it_is() -> None:
    assert reading(read_fast('{"events":[{}, null, "x y", [1, 2], 1.50]}')) == (
        "",
        [[], "null", '"x y"', "[1,2]", "1.50"],
    )


def nested(depth: int, opening: str, closing: str) -> str:
    """Give a call nested `depth` deep, the call, its events and the event counted, with brackets beside that."""
    inside = depth - 3
    return '{"events":[{"x":' + opening * inside + "1" + closing * inside + "},[],{}]}"


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")], ids=["arrays", "objects"])
def test_nesting_is_read_up_to_the_limit_and_not_beyond(opening: str, closing: str) -> None:
    assert reading(read_fast(nested(MAX_NESTING, opening, closing))) == reading(
        scan(nested(MAX_NESTING, opening, closing))
    )

    with pytest.raises(MalformedBodyError, match="more than 500"):
        read_fast(nested(MAX_NESTING + 1, opening, closing))


@pytest.mark.parametrize(
    "body",
    [
        '{"x":' + "[" * 500 + "]" * 500 + ',"events":[]}',
        '{"events":[' + "[" * 499 + "]" * 499 + "]}",
        '{"events":[],"x":' + "[" * 100_000,
        '{"events":[{"x":"' + "\\\\" * 600 + '","y":' + '{"":' * 500 + "1" + "}" * 500 + "}]}",
    ],
    ids=["beside events", "an element", "never closed", "behind backslashes"],
)
def test_nesting_is_refused_wherever_it_stands(body: str) -> None:
    with pytest.raises(MalformedBodyError, match="more than 500"):
        read_fast(body)


def test_brackets_in_texts_are_no_nesting() -> None:
    text = '"' + '[{\\"[' * 1000 + '\\\\"'

    assert reading(read_fast(f'{{"events":[{{"x":{text}}}]}}')) == ("", [[("x", text)]])


def test_many_brackets_side_by_side_are_no_nesting() -> None:
    assert len(read_fast('{"events":[' + ",".join(['{"a":[{}]}'] * 1000) + "]}").events) == 1000


@settings(max_examples=50, deadline=None)
@given(depth=st.integers(1, 4 * MAX_NESTING), side=st.integers(0, 400))
def test_the_depth_is_counted_and_not_the_brackets(depth: int, side: int) -> None:
    assert is_too_deep(b"[" * depth + b"[]," * side + b"1" + b"]" * depth) == (depth + bool(side) > MAX_NESTING)


@pytest.mark.parametrize("value", ['"' + "\\n" * 500_000 + '"', "9" * 500_000], ids=["escapes", "digits"])
@pytest.mark.parametrize("read", [read_fast, scan], ids=["msgspec", "standard library"])
def test_a_long_value_is_read(read: Callable[[str], Call], value: str) -> None:
    assert reading(read(f'{{"events": [{{"x" : {value}}}]}}')) == ("", [[("x", value)]])


def test_without_msgspec_the_rows_are_the_same() -> None:
    code = """
import sys
if sys.argv[1:] == ["without"]:
    sys.modules["msgspec"] = None
from tests.connectors.line_oa.reception import BODIES, deliver, wire
from td_line_connectors.errors import PayloadError
for entry in BODIES:
    try:
        print(ascii(deliver(wire(entry))))
    except PayloadError as error:
        print(ascii((str(error), error.raw)))
print("msgspec" in sys.modules and sys.modules["msgspec"] is not None)
"""
    root = Path(__file__).parents[3]
    with_it, without = (
        subprocess.run(
            [sys.executable, "-c", code, way], cwd=root, capture_output=True, text=True, check=True
        ).stdout.splitlines()
        for way in ("with", "without")
    )

    assert (with_it.pop(), without.pop()) == ("True", "False")
    assert with_it == without
