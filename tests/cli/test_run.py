"""A workflow runs from the command line, and the end says of every row where it is."""

import re
from pathlib import Path

import pytest

from td_line_connectors.testing import Fault, FaultKind, MaacEmulator
from tests.cli.conftest import TdLine
from tests.cli.rehearsal import MEMBERS, uid, write_project
from tests.cli.terminal import in_terminal


@pytest.fixture
def rehearsal(folder: Path, maac: MaacEmulator, td_line: TdLine) -> Path:
    write_project(folder, maac)
    assert td_line("db", "create", "shop").code == 0
    assert td_line("table", "create", "shop", "people").code == 0
    assert td_line("table", "import", "shop", "people", "people.csv").code == 0
    return folder


def test_the_far_side_holds_what_the_queries_said(rehearsal: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    ended = td_line("run", "campaign.dig", "--json")

    assert (ended.code, ended.err) == (0, "")
    assert [member["line_uid"] for member in maac.account().members] == [uid(each) for each in range(9)]
    assert {tuple(member["tags"]) for member in maac.account().members} == {
        ("import210707", "apple product interested")
    }
    [segment] = maac.account().segments
    assert len(segment.uids) == 10


def test_on_a_narrow_terminal_the_report_stands_on_its_side(rehearsal: Path) -> None:
    code, shown = in_terminal(["run", "campaign.dig"], rehearsal, COLUMNS="80", NO_COLOR="1")

    assert code == 0
    assert re.search(r"mismatched +0 +0", shown)


def test_on_a_wide_terminal_each_task_is_a_line(rehearsal: Path) -> None:
    _, shown = in_terminal(["run", "campaign.dig"], rehearsal, NO_COLOR="1")

    assert re.search(r"\+members +members +10 +9 ", shown)


def test_the_report_has_the_published_form(rehearsal: Path, td_line: TdLine) -> None:
    report = td_line("run", "campaign.dig", "--json").json

    assert list(report) == ["run_id", "status", "tasks"]
    assert report["status"] == "success"
    members, segment = report["tasks"]
    assert list(members) == [
        "task",
        "connector",
        "data_object",
        "rows",
        "requests",
        "seconds",
        "issues",
        "rejects",
        "segment",
        "warnings",
        "error",
    ]
    assert (members["task"], members["connector"], members["data_object"]) == (
        "+members",
        "line_via_crescendo",
        "members",
    )
    assert members["rows"] == {
        "read": 10,
        "written": 9,
        "mismatched": 0,
        "invalid": 1,
        "merged": 0,
        "rejected": 0,
        "unsettled": 0,
    }
    assert [(issue["row"], issue["field"]) for issue in members["issues"]] == [(10, "birthday")]
    assert Path(members["rejects"]).is_file()
    assert segment["segment"]["member_count"] == 10


def test_a_person_reads_a_table_and_sentences(rehearsal: Path, td_line: TdLine) -> None:
    out = td_line("run", "campaign.dig").out

    assert out.splitlines()[1].split("\t")[:6] == ["+members", "members", "10", "9", "0", "1"]
    assert "+members: row 10: birthday: " in out
    assert "+segment: segment «VIP»" in out


def test_the_whole_state_folder_is_private(rehearsal: Path, td_line: TdLine) -> None:
    td_line("run", "campaign.dig")

    made = [each for each in (rehearsal / ".td-line").rglob("*") if each.name != "secrets.yml"]
    assert {oct(each.stat().st_mode & 0o777) for each in made if each.is_file()} == {"0o600"}
    assert {oct(each.stat().st_mode & 0o777) for each in made if each.is_dir()} == {"0o700"}


def test_one_task_can_be_run_alone(rehearsal: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    report = td_line("run", "campaign.dig", "--task", "+segment", "--json").json

    assert [task["task"] for task in report["tasks"]] == ["+segment"]
    assert maac.account().members == []


def test_an_unknown_task_is_named_with_the_known_ones(rehearsal: Path, td_line: TdLine) -> None:
    ended = td_line("run", "campaign.dig", "--task", "+member")

    assert ended.code == 2
    assert "Known: +members, +segment" in ended.err


def test_the_workflow_ends_at_its_first_failed_task_with_that_tasks_code(
    rehearsal: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    td_line("run", "campaign.dig")

    ended = td_line("run", "campaign.dig", "--json")

    assert ended.code == 2
    assert [bool(task["error"]) for task in ended.json["tasks"]] == [False, True]
    assert "the segment exists already" in ended.json["tasks"][1]["error"]["message"]


def test_a_query_without_a_connection_is_run_and_counted(rehearsal: Path, td_line: TdLine) -> None:
    (rehearsal / "count.dig").write_text("+count:\n  td>:\n  database: shop\n  query: SELECT 1 FROM people\n")

    report = td_line("run", "count.dig", "--json").json

    assert (report["status"], report["tasks"][0]["rows"]["read"]) == ("success", 10)


BAD = {
    "no such file": ("nowhere.dig", None, "nowhere.dig"),
    "not YAML": ("bad.dig", "a: b: c", "bad.dig:1:"),
    "a duplicate key": ("bad.dig", MEMBERS + "  query: SELECT 1\n", "bad.dig:"),
    "an unknown directive": ("bad.dig", MEMBERS.replace("_export", "_exprot"), "_exprot"),
    "an unknown operator": ("bad.dig", MEMBERS.replace("td>:", "sh>: rm"), "sh>"),
    "an unknown setting": ("bad.dig", MEMBERS.replace("import_key", "importkey"), "import_key"),
    "an unknown connection": ("bad.dig", MEMBERS.replace("maac", "maak"), "Did you mean «maac»?"),
    "an unknown database": ("bad.dig", MEMBERS.replace("shop", "shopp"), "Did you mean «shop»?"),
    "an unknown table": ("bad.dig", MEMBERS.replace("FROM people", "FROM peeple"), "people"),
    "an SQL error": ("bad.dig", MEMBERS.replace("SELECT", "SELEKT"), "SELEKT"),
    "SQL that writes": ("bad.dig", MEMBERS.replace("SELECT line_uid, birthday FROM", "DELETE FROM"), "only read"),
    "a missing key column": ("bad.dig", MEMBERS.replace("line_uid, birthday", "birthday"), "lacks this column"),
    "Treasure Data": (
        "bad.dig",
        MEMBERS.replace("database: shop", "database: shop\n    engine: presto"),
        "treasure_data",
    ),
    "the page's indented form": (
        "bad.dig",
        MEMBERS.replace("  result_settings:\n", ""),
        "result_settings:",
    ),
    "a missing secret": (
        "bad.dig",
        MEMBERS.replace("    data_object", "    api_token: ${secret:no}\n    data_object"),
        "no",
    ),
}


@pytest.mark.parametrize(("file", "text", "word"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said_with_exit_2_and_nothing_is_sent(
    rehearsal: Path, maac: MaacEmulator, td_line: TdLine, file: str, text: str | None, word: str
) -> None:
    if text is not None:
        (rehearsal / file).write_text(text)

    ended, told = td_line("run", file), td_line("run", file, "--json")

    assert (ended.code, told.code, told.json["status"]) == (2, 2, "error")
    assert word in ended.err + ended.out
    assert maac.calls == []


def test_a_wrong_token_ends_with_5_and_says_what_to_check(
    rehearsal: Path, td_line: TdLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TD_LINE_SECRET_MAAC_API_TOKEN", "wr0ng")

    ended = td_line("run", "campaign.dig")

    assert ended.code == 5
    assert "check the token" in ended.out
    assert "wr0ng" not in ended.out + ended.err


def test_no_valid_row_ends_with_3(rehearsal: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    (rehearsal / "bad.dig").write_text(MEMBERS.replace("line_uid, birthday", "'nobody' AS line_uid"))

    assert td_line("run", "bad.dig").code == 3
    assert maac.calls == []


def test_a_far_side_that_does_not_finish_in_time_ends_with_4_and_loses_nothing(
    rehearsal: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    maac.faults.add(Fault(FaultKind.STUCK, on="member_import"))
    project = rehearsal / "td-line.yml"
    project.write_text(project.read_text() + "    task_timeout: 0.05\n")

    ended = td_line("run", "campaign.dig", "--json")

    assert ended.code == 4
    assert ended.json["tasks"][0]["rows"]["unsettled"] == 9
    assert list((rehearsal / ".td-line" / "runs").glob("*/01-members/snapshot.sqlite"))


def test_log_lines_are_json_objects(rehearsal: Path, td_line: TdLine) -> None:
    import json  # noqa: PLC0415 - for this one test

    err = td_line("--log-format", "json", "run", "campaign.dig").err

    events = [json.loads(line)["event"] for line in err.splitlines()]
    assert events.count("task_began") == 2
    assert events.count("request_settled") == 2
    assert uid(1) not in err
