import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from td_line_connectors.errors import ConfigError, DataError
from td_line_connectors.storage.files import read_file

Write = Callable[..., Path]


def read(content: str) -> tuple[tuple[str, ...], list[list[object]]]:
    result = read_file(io.BytesIO(content.encode()), format="jsonl")
    return result.columns, [list(row) for row in result.rows]


def test_columns_are_all_keys_in_the_order_of_their_first_line() -> None:
    assert read('{"b": 1}\n{"a": 2, "b": 3}\n{}\n') == (("b", "a"), [[1, None], [3, 2], [None, None]])


def test_the_number_of_rows_is_known() -> None:
    assert read_file(io.BytesIO(b'{"a": 1}\n\n{"a": 2}\n'), format="jsonl").total == 2


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\n\n  \n"], ids=ascii)
def test_blank_lines_and_a_mark_are_no_rows(separator: str) -> None:
    assert read("\ufeff" + separator.join(['{"a": 1}', '{"a": 2}']))[1] == [[1], [2]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12345678901234567890", 12345678901234567890),
        ("0.1", 0.1),
        ("1.50", 1.5),
        ("0.12345678901234567890123", Decimal("0.12345678901234567890123")),
        ("1e400", Decimal("1e400")),
        ("true", True),
        ("null", None),
        ('["x", {"y": 1.5}]', ["x", {"y": 1.5}]),
        ('"a\u2028b"', "a\u2028b"),
        ('"\\ud800"', "\ud800"),
    ],
    ids=ascii,
)
def test_values_are_exact(text: str, value: object) -> None:
    found = read(f'{{"a": {text}}}\n')[1][0][0]
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[1]", "line 2: is JSON, but no object"),
        ("1", "line 2: is JSON, but no object"),
        ("{'a': 1}", r"line 2: is no JSON object at character 2"),
        ('{"a": 1', r"line 2: is no JSON object at character \d"),
        ('{"a": NaN}', "line 2: has NaN or Infinity"),
        ('{"a": -Infinity}', "line 2: has NaN or Infinity"),
        ('{"a": 1, "a": 2}', "line 2: has a key twice"),
        ('{"a": {"b": 1, "b": 2}}', "line 2: has a key twice"),
        ('{"a": 1} {"a": 2}', "line 2: is no JSON object at character 10"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "line 2: is nested too deeply"),
        ('{"a": 1e99999999999999999999}', "line 2: has a number whose exponent"),
        ('{"a": ' + "9" * 5000 + "}", "line 2: .*digit"),
    ],
    ids=lambda text: text[:20],
)
def test_a_bad_line_is_named_without_its_values(line: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(f'{{"a": 0}}\n{line}\n')


def test_bad_lines_are_named_together() -> None:
    with pytest.raises(DataError) as caught:
        read('{"a": 1}\nx\n{"a": 2}\n[]\n')
    assert [issue.message.partition(":")[0] for issue in caught.value.issues] == ["line 2", "line 4"]


@pytest.mark.parametrize("content", ["\n", " \n\n"], ids=ascii)
def test_a_file_without_rows_is_refused(content: str) -> None:
    with pytest.raises(DataError, match=r"is empty"):
        read(content)


@pytest.mark.parametrize(
    "content", ['{"a": 1, "A": 2}', '{"a": 1}\n{"A": 2}', '{"": 1}', '{"a\\u0000": 1}', '{"\\ud800": 1}']
)
def test_keys_that_cannot_be_columns_are_refused(content: str) -> None:
    with pytest.raises(ConfigError, match=r"column \d"):
        read(content)


def test_keys_beyond_all_measure_are_refused() -> None:
    with pytest.raises(DataError, match=r"line 2,001: there are more than 2,000 different keys"):
        read("\n".join(f'{{"k{number}": 1}}' for number in range(3000)))


def test_white_space_around_a_key_is_taken_away() -> None:
    assert read('{" a": 1, "b ": 2}\n{" a": 3}') == (("a", "b"), [[1, 2], [3, None]])


def test_a_file_that_changes_between_the_readings_is_refused(written: Write) -> None:
    path = written('{"a": 1}\n{"a": 2}\n', "people.jsonl")
    result = read_file(path)
    path.write_text('{"a": 1}\n')
    with pytest.raises(DataError, match=r"changed while it was read"):
        list(result.rows)


keys = st.text(st.characters(categories=["Ll", "Nd"]), min_size=1, max_size=3)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(keys, values, max_size=4), min_size=1, max_size=5))
def test_what_a_json_writer_writes_is_read_back(objects: list[dict[str, object]]) -> None:
    columns, rows = read("\n".join(map(json.dumps, objects)))
    assert [{key: each.get(key) for key in columns} for each in objects] == [
        dict(zip(columns, row, strict=True)) for row in rows
    ]
