"""What goes into a spreadsheet comes back as it was, and nothing in it acts."""

import csv
import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from td_line_connectors.errors import ConfigError, DataError, StoreError
from td_line_connectors.runs.mended import look_at
from td_line_connectors.runs.sheet import write_sheet
from td_line_connectors.runs.spreadsheet import cell_of, is_cut, value_of
from td_line_connectors.validators import tags

Record = Mapping[str, object]

STARTS = "'=+-@\t\r\n＝＋－＠"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
TRICKY = st.builds(str.__add__, st.sampled_from([*STARTS, "[", "0", "1E", "TRUE", " =", '"', ";"]), TEXTS)
NUMBERS = st.from_regex(r"[0-9][0-9.,:/ eE+-]{0,14}", fullmatch=True)
VALUES = st.one_of(TEXTS, TRICKY, NUMBERS, st.booleans(), st.integers(0, 10**11 - 1))
COLUMNS = st.sampled_from(["line_uid", "email", "tags", "#rows", "=x", "record"])


def write_rejects(folder: Path, records: Sequence[Record]) -> Path:
    lines = [
        {"rows": [row], "outcome": "invalid", "issues": [{"field": "x", "code": "y", "message": "=1"}], "record": each}
        for row, each in enumerate(records, start=1)
    ]
    path = folder / "rejects.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def read_back(sheet: Path) -> list[Record]:
    mended = look_at(sheet)
    with closing(mended.open()) as result:
        return list(result.mappings())


def there_and_back(folder: Path, records: Sequence[Record]) -> list[Record]:
    sheet = folder / "rejects.csv"
    write_sheet(sheet, write_rejects(folder, records))
    return read_back(sheet)


def cells(folder: Path, record: Record) -> list[str]:
    sheet = folder / "rejects.csv"
    write_sheet(sheet, write_rejects(folder, [record]))
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1]


def test_the_file_is_utf_8_with_a_mark_and_says_of_each_row_why(tmp_path: Path) -> None:
    line = {
        "rows": [17, 42],
        "outcome": "rejected",
        "issues": [
            {"field": "email", "code": "email", "message": "must be one"},
            {"field": "a", "code": "b", "message": "c"},
        ],
        "record": {"Email": "ann(at)example.com", "gender": None},
    }
    (tmp_path / "rejects.jsonl").write_text(json.dumps(line) + "\n")

    assert write_sheet(tmp_path / "rejects.csv", tmp_path / "rejects.jsonl") == 1
    assert (tmp_path / "rejects.csv").read_bytes().decode() == (
        "\ufeff#rows,#outcome,#issues,email,gender\r\n17; 42,rejected,email: must be one; a: c,ann(at)example.com,\r\n"
    )


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        *((f"{start}cmd", f"'{start}cmd") for start in STARTS),
        (" =cmd", "' =cmd"),
        ("886912345678", "'886912345678"),
        ("12345678901", "12345678901"),
        ("0912345678", "'0912345678"),
        ("1E5", "'1E5"),
        ("1985-04-06", "'1985-04-06"),
        ("7-11", "'7-11"),
        ("true", "'true"),
        ("王小明", "王小明"),
        ("U0123456789abcdef0123456789abcdef", "U0123456789abcdef0123456789abcdef"),
        ("", ""),
        (None, ""),
        (912345678.0, "912345678"),
        (True, "TRUE"),
        (["a", "b c"], "a, b c"),
        (["a, b", "c"], '["a, b", "c"]'),
        ("[1]", "'[1]"),
    ],
)
def test_what_a_spreadsheet_would_run_or_change_stands_behind_a_guard(tmp_path: Path, value: object, cell: str) -> None:
    assert cells(tmp_path, {"value": value})[3] == cell


@given(st.lists(st.dictionaries(COLUMNS, VALUES, min_size=1), min_size=1, max_size=5))
@example([{"email": "=1\r\n2"}, {"email": "'"}])
def test_writing_and_reading_back_gives_the_same_records(records: list[Record]) -> None:
    def as_read(value: object) -> object:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    columns = dict.fromkeys(column for each in records for column in each)
    with tempfile.TemporaryDirectory() as folder:
        assert there_and_back(Path(folder), records) == [
            {column: as_read(each.get(column, "")) for column in columns} for each in records
        ]


@given(st.lists(st.one_of(TEXTS, TRICKY), max_size=5))
def test_a_list_of_tags_comes_back_as_the_same_tags(items: list[str]) -> None:
    def judged(value: object) -> object:
        try:
            return tags(value)
        except ValueError as error:
            return str(error)

    assert judged(value_of(cell_of(items))) == judged(items)


def test_what_no_text_file_can_hold_stands_as_an_escape(tmp_path: Path) -> None:
    assert there_and_back(tmp_path, [{"email": "a\0b", "tags": "\ud83d"}]) == [{"email": r"a\x00b", "tags": r"\ud83d"}]


def test_a_number_that_a_spreadsheet_has_cut_is_refused_by_row_and_column(tmp_path: Path) -> None:
    sheet = tmp_path / "mended.csv"
    sheet.write_text("#rows,mobile\n1,0912\n2,8.86912E+11\n")

    with pytest.raises(DataError, match=r"row 2: mobile: is in scientific notation"):
        look_at(sheet)


@pytest.mark.parametrize("text", ["8.86912E+11", "8,86912E+11", " 1E+15 ", "8.86912e+11", "886.912E+09"])
def test_scientific_notation_is_known_as_a_spreadsheet_saves_it(text: str) -> None:
    assert is_cut(text)
    assert not is_cut(cell_of(text))


def test_the_blank_lines_of_a_spreadsheet_are_no_rows(tmp_path: Path) -> None:
    sheet = tmp_path / "mended.csv"
    sheet.write_text("#rows,#outcome,mobile,gender\n,,,\n1,invalid,1,\n,, ,\n2,invalid,2,\n,,,\n")

    assert look_at(sheet).total == 2
    assert read_back(sheet) == [{"mobile": "1", "gender": ""}, {"mobile": "2", "gender": ""}]


def test_a_spreadsheet_with_other_separators_is_read_too(tmp_path: Path) -> None:
    sheet = tmp_path / "mended.csv"
    sheet.write_text("\ufeff#rows;#outcome;#issues;mobile;tags\r\n1;invalid;why;'0912345678;a, b\r\n")

    assert read_back(sheet) == [{"mobile": "0912345678", "tags": "a, b"}]


def test_a_record_of_very_many_rows_names_some_and_counts_them(tmp_path: Path) -> None:
    line = {"rows": [*range(1, 10_001)], "outcome": "rejected", "issues": [], "record": {"email": "a@example.com"}}
    (tmp_path / "rejects.jsonl").write_text(json.dumps(line) + "\n")
    write_sheet(tmp_path / "rejects.csv", tmp_path / "rejects.jsonl")

    with (tmp_path / "rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        first = list(csv.reader(file))[1][0]
    assert first.startswith("1; 2; 3; ")
    assert first.endswith("100; … (10,000 rows)")


def test_the_file_is_private_and_never_written_over_another(tmp_path: Path) -> None:
    sheet, rejects = tmp_path / "rejects.csv", write_rejects(tmp_path, [{"email": "x"}])
    write_sheet(sheet, rejects)
    assert oct(sheet.stat().st_mode & 0o777) == "0o600"

    sheet.write_text("mended by hand")
    with pytest.raises(ConfigError, match="is not overwritten"):
        write_sheet(sheet, rejects)
    assert sheet.read_text() == "mended by hand"


def test_nothing_is_left_of_a_file_that_could_not_be_written(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.jsonl"
    rejects.write_text('{"rows": [1], "outcome": "invalid", "issues": [{}], "record": {"email": "x"}}\n')

    with pytest.raises(KeyError):
        write_sheet(tmp_path / "rejects.csv", rejects)
    assert [*tmp_path.iterdir()] == [rejects]

    with pytest.raises(StoreError, match=r"writing rejects\.csv: No such file"):
        write_sheet(tmp_path / "nowhere" / "rejects.csv", write_rejects(tmp_path, [{"email": "x"}]))
