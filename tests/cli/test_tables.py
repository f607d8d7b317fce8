"""Databases and tables are made, filled and listed."""

from pathlib import Path

import pytest

from td_line_connectors.storage.databases import Databases
from tests.cli.conftest import TdLine


def test_a_database_is_made_and_listed(project: Path, td_line: TdLine) -> None:
    path = str(project / ".td-line" / "databases" / "shop.sqlite")

    assert td_line("db", "create", "shop", "--json").json == {"database": "shop", "path": path}
    assert td_line("db", "list").out == f"shop\t{path}\n"
    assert td_line("db", "list", "--json").json == [{"database": "shop", "path": path}]


def test_nothing_is_listed_where_nothing_is(project: Path, td_line: TdLine) -> None:
    assert td_line("db", "list").out == ""
    assert td_line("db", "list", "--json").json == []
    assert not (project / ".td-line").exists()


def test_a_project_is_found_from_a_folder_inside_it(
    shop: Path, td_line: TdLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = shop / "queries" / "deep"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)

    assert td_line("db", "list").out.startswith("shop\t")


def test_a_project_is_named_by_its_folder(shop: Path, td_line: TdLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")

    assert td_line("--project", str(shop), "db", "list").out.startswith("shop\t")
    assert td_line("db", "list").code == 2


@pytest.mark.usefixtures("shop")
def test_tables_are_listed_with_their_columns(td_line: TdLine) -> None:
    assert td_line("table", "create", "shop", "empty", "--json").json == {"database": "shop", "table": "empty"}
    assert td_line("table", "list", "shop").out == "empty\t\npeople\tname, age\n"
    assert td_line("table", "list", "shop", "--json").json == [
        {"table": "empty", "columns": []},
        {"table": "people", "columns": ["name", "age"]},
    ]


def test_a_file_is_appended_and_its_rows_are_counted(shop: Path, td_line: TdLine) -> None:
    (shop / "more.jsonl").write_text('{"name": "Dai", "city": "臺北"}\n')

    ended = td_line("table", "import", "shop", "people", "more.jsonl")

    assert ended.out == "1 row went into shop.people.\n"
    assert td_line("query", "shop", "SELECT count(*), count(city) FROM people").out.splitlines()[1] == "4\t1"


@pytest.mark.usefixtures("shop")
def test_standard_input_is_a_file_too(td_line: TdLine) -> None:
    content = "name\n日本\n".encode("cp932")

    ended = td_line(
        "table", "import", "shop", "people", "-", "--format", "csv", "--encoding", "cp932", "--json", stdin=content
    )

    assert ended.json == {"database": "shop", "table": "people", "rows": 1}
    assert "日本\n" in td_line("query", "shop", "SELECT name FROM people").out


def test_a_file_that_fails_leaves_nothing_behind(shop: Path, td_line: TdLine) -> None:
    (shop / "bad.csv").write_text("name,age\nDai,1\nEva\n")

    ended = td_line("table", "import", "shop", "people", "bad.csv", "--json")

    assert (ended.code, ended.json["error"]["kind"]) == (3, "data")
    rows = Databases(shop / ".td-line" / "databases").query("shop", "SELECT count(*) FROM people").rows
    assert list(rows) == [(3,)]


def test_an_import_can_be_followed_in_a_log(shop: Path, td_line: TdLine) -> None:
    (shop / "many.csv").write_text("name\n" + "Ann\n" * 10)

    ended = td_line("--log-format", "text", "table", "import", "shop", "people", "many.csv")

    assert ended.code == 0
    assert ended.err.endswith("Z 10 rows read\n")
