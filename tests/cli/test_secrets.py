"""Secrets go in by a prompt or a pipe, and never come out."""

import stat
from pathlib import Path

import pytest

from td_line_connectors.project.project import read_project
from tests.cli.conftest import TdLine
from tests.cli.terminal import in_terminal

VALUE = "s3cret-värde"


def kept(project: Path, key: str) -> str | None:
    found = read_project(project, {}).secrets.find(key)
    return found.reveal() if found else None


@pytest.mark.parametrize("end", ["", "\n", "\r\n"], ids=["nothing", "line feed", "carriage return too"])
def test_a_secret_is_read_from_standard_input_without_its_line_end(project: Path, td_line: TdLine, end: str) -> None:
    ended = td_line("secrets", "set", "crescendo.api_token", stdin=f"{VALUE}{end}".encode())

    assert ended.code == 0
    assert kept(project, "crescendo.api_token") == VALUE
    assert VALUE not in ended.out + ended.err
    assert "${secret:crescendo.api_token}" in ended.out


def test_only_one_line_end_is_dropped(project: Path, td_line: TdLine) -> None:
    td_line("secrets", "set", "key", stdin=b" a \n\n")

    assert kept(project, "key") == " a \n"


def test_a_secret_on_the_command_line_is_refused_and_not_repeated(project: Path, td_line: TdLine) -> None:
    for form in ([], ["--json"]):
        ended = td_line("secrets", "set", "key", VALUE, *form)

        assert ended.code == 2
        assert VALUE not in ended.out + ended.err
        assert "never stands on the command line" in ended.out + ended.err
    assert kept(project, "key") is None


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "secret"), (b"\n", "secret"), (b"\xff\xfe", "encoding"), (b"a" * 70_000, "too_long")],
    ids=["nothing", "a blank line", "no UTF-8", "a whole file"],
)
def test_what_is_no_secret_is_refused(project: Path, td_line: TdLine, content: bytes, code: str) -> None:
    ended = td_line("secrets", "set", "key", "--json", stdin=content)

    assert ended.code == 2
    assert [issue["code"] for issue in ended.json["error"]["issues"]] == [code]
    assert kept(project, "key") is None


def test_a_secret_typed_at_the_prompt_does_not_show(project: Path) -> None:
    code, shown = in_terminal(["secrets", "set", "key"], project, typed=b"typed-s3cret\n")

    assert code == 0
    assert shown.startswith("Value: ")
    assert "s3cret" not in shown
    assert kept(project, "key") == "typed-s3cret"


def test_ctrl_c_at_the_prompt_sets_nothing(project: Path) -> None:
    code, shown = in_terminal(["secrets", "set", "key"], project, typed=b"\x04")

    assert code == 130
    assert "Traceback" not in shown
    assert kept(project, "key") is None


def test_the_list_shows_keys_and_what_overrides_them(
    project: Path, td_line: TdLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    td_line("secrets", "set", "b.key", stdin=b"one")
    td_line("secrets", "set", "a.key", stdin=b"two")
    monkeypatch.setenv("TD_LINE_SECRET_B_KEY", "three")

    assert td_line("secrets", "list").out == "a.key\t\nb.key\tTD_LINE_SECRET_B_KEY\n"
    assert td_line("secrets", "list", "--json").json == [
        {"key": "a.key", "overridden_by": None},
        {"key": "b.key", "overridden_by": "TD_LINE_SECRET_B_KEY"},
    ]
    assert "wins" in td_line("secrets", "set", "b.key", stdin=b"four").err
    assert stat.S_IMODE((project / ".td-line" / "secrets.yml").stat().st_mode) == 0o600


def test_a_deleted_secret_is_gone_and_an_unknown_one_is_told(project: Path, td_line: TdLine) -> None:
    td_line("secrets", "set", "key", stdin=b"one")

    assert td_line("secrets", "delete", "key", "--json").json == {"key": "key"}
    assert kept(project, "key") is None
    again = td_line("secrets", "delete", "key")
    assert again.code == 2
    assert "there is no secret «key»" in again.err
