import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from td_line_connectors.errors import ConfigError, DataError
from td_line_connectors.rows import Result
from td_line_connectors.storage.files import read_file


def read(content: str | bytes) -> tuple[tuple[str, ...], list[list[object]]]:
    result = read_file(io.BytesIO(content.encode() if isinstance(content, str) else content), format="csv")
    return result.columns, [list(row) for row in result.rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=ascii)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=ascii)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "marked"])
def test_every_common_dialect_is_read(delimiter: str, ending: str, mark: str) -> None:
    lines = [
        delimiter.join(cells) for cells in (["email", "tags", "name"], ["a@b.c", '"x, y; z|w"', "王小明"], ["", "", ""])
    ]
    columns, rows = read(mark + ending.join(lines))
    assert columns == ("email", "tags", "name")
    assert rows == [["a@b.c", "x, y; z|w", "王小明"], ["", "", ""]]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("a,b\n 1 ,\t2\n", [[" 1 ", "\t2"]]),
        ("a,b\n007,1e5\n", [["007", "1e5"]]),
        ('a,b\n"1\n2","say ""hi"""\n', [["1\n2", 'say "hi"']]),
        ('a,b\r\n"1\r\n2",3\r\n', [["1\r\n2", "3"]]),
        ('a,b\n5" pipe,x\n', [['5" pipe', "x"]]),
        ("a,b\n\n1,2\n   \n\r\n3,4\n\n", [["1", "2"], ["3", "4"]]),
        ("\n\na,b\n1,2", [["1", "2"]]),
        ("a,b\n", []),
        ("a;b;c\n1,5;2,5;3,5\n2,5;1;1\n", [["1,5", "2,5", "3,5"], ["2,5", "1", "1"]]),
        ("a,b\nx;y,z;w\nx;y,z;w\n", [["x;y", "z;w"], ["x;y", "z;w"]]),
        ("sep=;\na;b\n1,2;3,4\n", [["1,2", "3,4"]]),
        ("only\nx\n\ny\n", [["x"], ["y"]]),
        ('only\n""\nx\n', [[""], ["x"]]),
        ("a,b\n\u20281,2\n", [["\u20281", "2"]]),
    ],
    ids=ascii,
)
def test_cells_come_as_text_unchanged(content: str, rows: list[list[str]]) -> None:
    assert read(content)[1] == rows


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,,c\n1,2,3\n", "column 2 has no name"),
        ("a,b,A\n1,2,3\n", r"column 3 \(A\) has the name of column 1"),
    ],
)
def test_a_wrong_header_is_refused(content: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read(content)


@pytest.mark.parametrize("content", ["\n", "\n \n", "\ufeff", "\ufeff\n"], ids=ascii)
def test_a_file_without_a_header_is_refused(content: str) -> None:
    with pytest.raises(DataError, match=r"standard input: is empty"):
        read(content)


def test_ragged_lines_are_named_together() -> None:
    with pytest.raises(DataError) as caught:
        read('a,b\n1,2\n3\n"x\ny",5\n6,7,8\n\n9,10\n')
    assert [issue.message.split(";")[0] for issue in caught.value.issues] == [
        "line 3 has 1 cell, the header has 2",
        "line 6 has 3 cells, the header has 2",
    ]


def test_at_most_ten_ragged_lines_are_named() -> None:
    with pytest.raises(DataError) as caught:
        read("a,b\n" + "1\n" * 50)
    assert len(caught.value.issues) == 10


def test_no_cell_is_repeated_in_an_error() -> None:
    with pytest.raises(DataError) as caught:
        read("email,b\nsecret@example.com\n")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('a,b\n"1,2\n3,4\n', "ends inside quotes"),
        ('a,b\n"1"x,2\n', "line 2: has text after a closing quote"),
        (f"a,b\n{'x' * 200_000},1\n", "line 2: has a cell of more than 131,072 characters"),
        ('"' + "x" * 200_000, "line 1: has a cell of more than 131,072 characters"),
    ],
    ids=["open", "after", "huge", "header"],
)
def test_broken_quoting_is_said(content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(content)


def test_a_dialect_is_not_misled_by_a_ragged_line() -> None:
    with pytest.raises(DataError, match=r"line 3 has 4 cells, the header has 3"):
        read("a,b,c\n1,2,3\n1,2,3,4\n")


cells = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([",", ";", "\t", "|"]),
    st.integers(2, 4).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=6)),
)
def test_what_a_csv_writer_writes_is_read_back(delimiter: str, rows: list[list[str]]) -> None:
    header = [f"c{number}" for number in range(len(rows[0]) if rows else 2)]
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([header, *rows])
    columns, found = read(buffer.getvalue())
    assert (columns, found) == (tuple(header), rows)


def test_a_file_is_not_held_in_memory() -> None:
    class Counting(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1, /) -> bytes:
            chunk = super().read(size)
            self.taken += len(chunk)
            return chunk

    source = Counting(b"a,b\n" + b"1,2\n" * 3_000_000)
    result: Result = read_file(source, format="csv")
    next(iter(result.rows))
    assert source.taken < 3_000_000
