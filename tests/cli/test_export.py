"""A file of rows is exported without a workflow."""

from pathlib import Path

import pytest

from td_line_connectors.testing import MaacEmulator
from tests.cli.conftest import TdLine
from tests.cli.rehearsal import people, uid, write_project

MEMBERS = ("-s", "data_object=members", "-s", "import_key=line_uid", "-s", "tags=a, b")


@pytest.fixture
def export(folder: Path, maac: MaacEmulator, td_line: TdLine) -> TdLine:
    write_project(folder, maac)
    return lambda *arguments, stdin=b"": td_line("export", "--connection", "maac", *arguments, stdin=stdin)


def test_a_csv_becomes_members(export: TdLine, maac: MaacEmulator) -> None:
    ended = export(*MEMBERS, "people.csv", "--json")

    assert (ended.code, ended.json["tasks"][0]["task"]) == (0, "people.csv")
    assert len(maac.account().members) == 9


def test_standard_input_is_a_dash(export: TdLine, maac: MaacEmulator) -> None:
    ended = export(*MEMBERS, "-", stdin=people(3).encode())

    assert ended.code == 0
    assert len(maac.account().members) == 2


def test_jsonl_keeps_lists_and_numbers(export: TdLine, folder: Path, maac: MaacEmulator) -> None:
    (folder / "people.jsonl").write_text(f'{{"line_uid": "{uid(1)}", "tags": ["x", "y"], "mobile": 886912345678}}\n')

    assert export(*MEMBERS, "people.jsonl").code == 0

    member = maac.account().member(line_uid=uid(1))
    assert member is not None
    assert (member["tags"], member["mobile"]) == (["x", "y", "a", "b"], "+886912345678")


BAD_FILES: dict[str, tuple[bytes | str, int, str]] = {
    "empty": (b"", 3, "empty"),
    "binary": (b"\x00\x01\x02\x03" * 50, 3, "NUL"),
    "Big5": ("line_uid,line_display_name\n" + f"{uid(1)},王小明是我們的好朋友\n" * 9, 2, "--encoding big5"),
    "Shift-JIS": ("line_uid,line_display_name\n" + f"{uid(1)},こんにちは、佐藤さん\n" * 9, 2, "--encoding"),
    "ragged": (f"line_uid,birthday\n{uid(1)}\n{uid(2)},1985-04-06,x\n", 3, "line 2"),
    "without the key's column": ("name\nAnn\n", 2, "lacks this column"),
    "twice the same column": (f"line_uid,LINE_UID\n{uid(1)},{uid(1)}\n", 2, "case aside"),
}
CODECS = {"Big5": "big5", "Shift-JIS": "shift_jis"}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_cannot_be_read_is_told_and_nothing_is_sent(
    export: TdLine, folder: Path, maac: MaacEmulator, kind: str
) -> None:
    content, code, words = BAD_FILES[kind]
    data = content if isinstance(content, bytes) else content.encode(CODECS.get(kind, "utf-8"))
    (folder / "bad.csv").write_bytes(data)

    ended = export(*MEMBERS, "bad.csv")

    assert words in ended.err + ended.out
    assert (ended.code, maac.calls) == (code, [])


def test_an_encoding_that_is_given_is_used(export: TdLine, folder: Path, maac: MaacEmulator) -> None:
    (folder / "big5.csv").write_bytes(f"line_uid,line_display_name\n{uid(1)},王小明\n".encode("big5"))

    assert export(*MEMBERS, "--encoding", "big5", "big5.csv").code == 0

    member = maac.account().member(line_uid=uid(1))
    assert member is not None
    assert member["line_display_name"] == "王小明"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("-s", "api_token=s3cret"), "would show a secret"),
        (("-s", "tags"), "KEY=VALUE"),
        (("-s", "tags=a", "-s", "tags=b"), "given twice"),
        (("-s", "tagz=a"), "Did you mean «tags»?"),
        (("-s", "region=jp"), "region"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_a_usage_or_configuration_error(
    export: TdLine, maac: MaacEmulator, arguments: tuple[str, ...], word: str
) -> None:
    ended = export(*arguments, "people.csv")

    assert word in ended.err
    assert "s3cret" not in ended.err
    assert (ended.code, maac.calls) == (2, [])
