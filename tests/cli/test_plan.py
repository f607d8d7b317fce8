"""`--plan` says what would be done and sends nothing; the guards stop a run whose query has gone wrong."""

import re
from pathlib import Path
from typing import Any

import pytest

from td_line_connectors.testing import Fault, FaultKind, MaacEmulator
from tests.cli.conftest import TdLine
from tests.cli.rehearsal import MEMBERS, SEGMENT, people, uid, write_project
from tests.cli.terminal import in_terminal

UPDATE = SEGMENT.replace('"VIP"}', '"VIP", "update_segment": "true"}')
SENDING = {"POST", "PATCH", "PUT", "DELETE"}


@pytest.fixture
def rehearsal(folder: Path, maac: MaacEmulator, td_line: TdLine) -> Path:
    """Ten people, of whom one has no birthday, on the way to members and to a segment."""
    write_project(folder, maac)
    assert td_line("db", "create", "shop").code == 0
    assert td_line("table", "create", "shop", "people").code == 0
    assert td_line("table", "import", "shop", "people", "people.csv").code == 0
    return folder


def sent(maac: MaacEmulator) -> list[str]:
    return [str(call.operation) for call in maac.calls if call.method in SENDING]


def add_to_project(folder: Path, line: str) -> None:
    project = folder / "td-line.yml"
    project.write_text(f"{line}\n{project.read_text()}")


def test_a_plan_has_the_runs_form_and_says_planned(rehearsal: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    ended = td_line("run", "campaign.dig", "--plan", "--json")

    assert (ended.code, ended.err, ended.json["status"]) == (0, "", "planned")
    members, segment = ended.json["tasks"]
    assert members["rows"] | {"read": 10, "invalid": 1, "unsettled": 9} == members["rows"]
    assert (members["requests"], segment["requests"]) == (1, 1)
    assert members["plan"] == {
        "reasons": [
            {
                "field": "birthday",
                "code": "birthday",
                "message": members["issues"][0]["message"],
                "rows": 1,
                "row": 10,
                "example": "9999",
            }
        ],
        "repeated": {"keys": 0, "rows": 0},
        "quota": {"per_minute": 15, "minutes": 0},
        "segment": None,
    }
    assert segment["plan"]["quota"] is None
    assert segment["segment"] is None


def test_a_plan_sends_nothing_and_the_run_then_does_what_it_said(
    rehearsal: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    planned = td_line("run", "campaign.dig", "--plan", "--json").json["tasks"]
    assert (sent(maac), maac.account().members, maac.account().segments) == ([], [], [])

    ran = td_line("run", "campaign.dig", "--json").json["tasks"]

    assert [task["requests"] for task in planned] == [task["requests"] for task in ran]
    assert [task["rows"]["unsettled"] for task in planned] == [task["rows"]["written"] for task in ran]


def test_a_plan_leaves_its_rejects_and_no_snapshot(rehearsal: Path, td_line: TdLine) -> None:
    members = td_line("run", "campaign.dig", "--plan", "--json").json["tasks"][0]

    assert Path(members["rejects"]).read_text().count("\n") == 1
    assert list((rehearsal / ".td-line").rglob("snapshot*")) == []


def test_a_segment_that_is_not_there_would_be_created(rehearsal: Path, td_line: TdLine) -> None:
    segment = td_line("run", "campaign.dig", "--plan", "--json").json["tasks"][1]

    assert segment["plan"]["segment"] == {
        "action": "create",
        "id": None,
        "name": "VIP",
        "member_count": None,
        "members": 10,
    }


def test_a_segment_that_is_there_would_grow_or_shrink(rehearsal: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    there = maac.account().add_segment("VIP", [uid(each) for each in range(8)], segment_type=2)
    (rehearsal / "update.dig").write_text(UPDATE.replace("+segment:", "_export: {td: {database: shop}}\n+segment:"))

    segment = td_line("run", "update.dig", "--plan", "--json").json["tasks"][0]

    assert segment["plan"]["segment"] == {
        "action": "replace",
        "id": there.id,
        "name": "VIP",
        "member_count": 8,
        "members": 10,
    }
    assert len(there.uids) == 8


def test_a_plan_ends_with_the_code_that_the_run_would_end_with(
    rehearsal: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    maac.account().add_segment("VIP", [uid(1)], segment_type=2)

    ended = td_line("run", "campaign.dig", "--plan", "--json")

    assert (ended.code, ended.json["status"]) == (2, "planned")
    assert "the segment exists already" in ended.json["tasks"][1]["error"]["message"]


def test_a_far_side_that_cannot_be_asked_ends_a_plan_with_4(
    rehearsal: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    maac.faults.add(Fault(FaultKind.SERVER_ERROR, on="segment_list", times=None))
    project = rehearsal / "td-line.yml"
    project.write_text(project.read_text() + "    request_timeout: 0.05\n")

    ended = td_line("run", "campaign.dig", "--plan", "--task", "+segment", "--json")

    assert ended.code == 4
    assert "this was a plan: nothing was sent" in ended.json["tasks"][0]["error"]["message"]


def test_a_person_reads_what_would_be_done(rehearsal: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    out = td_line("run", "campaign.dig", "--plan").out

    assert "+members: would send 1 request; the quota of 15 a minute imposes no wait\n" in out
    assert "+segment: segment «VIP» would be created with 10 members\n" in out
    assert re.search(r"\n1\tbirthday\tmust have .*\t10\t9999\n", out)
    assert re.search(r"\nrun [^ ]+: planned; nothing was sent\n$", out)


def test_a_plan_shows_nobodys_data(rehearsal: Path, td_line: TdLine) -> None:
    (rehearsal / "secret.csv").write_text(f"line_uid,email,mobile\n{uid(1)[:-1]},Ann.Lee@example,0912-345\n")
    told = ("--connection", "maac", "-s", "data_object=members", "-s", "import_key=line_uid", "-s", "tags=a")

    shown, document = (td_line("export", *told, "secret.csv", "--plan", *more).out for more in ((), ("--json",)))

    for text in (shown, document):
        assert "Aaa.Aaa@aaaaaaa" in text
        assert not re.search(r"Ann|Lee|0912|345|0{8}", text)


def test_on_a_terminal_the_reasons_are_a_table(rehearsal: Path) -> None:
    code, shown = in_terminal(["run", "campaign.dig", "--plan"], rehearsal, NO_COLOR="1")

    assert code == 0
    assert re.search(r"1 +birthday +must have .* 10 +9999", shown)


def test_a_plan_that_would_be_stopped_says_so(rehearsal: Path, td_line: TdLine) -> None:
    ended = td_line("run", "campaign.dig", "--plan", "--max-invalid", "0")

    assert ended.code == 3
    assert "+members: would send nothing\n" in ended.out
    assert "error: max_invalid: 1 row of 10 is invalid (10.0 %)" in ended.out
    assert ended.out.endswith("planned; nothing was sent; a run would end with exit code 3\n")


def test_a_file_can_be_planned_too(rehearsal: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    told = ("--connection", "maac", "-s", "data_object=members", "-s", "import_key=line_uid", "-s", "tags=a")

    ended = td_line("export", *told, "-", "--plan", "--json", stdin=people(3).encode())

    assert (ended.code, ended.json["status"], ended.json["tasks"][0]["rows"]["unsettled"]) == (0, "planned", 2)
    assert maac.calls == []


def test_a_query_that_exports_nothing_is_counted_in_a_plan(rehearsal: Path, td_line: TdLine) -> None:
    (rehearsal / "count.dig").write_text("+count:\n  td>:\n  database: shop\n  query: SELECT 1 FROM people\n")

    report = td_line("run", "count.dig", "--plan", "--json").json

    assert (report["status"], report["tasks"][0]["rows"]["read"]) == ("planned", 10)
    assert "plan" not in report["tasks"][0]


GUARDED: dict[str, tuple[str | None, tuple[str, ...], int]] = {
    "no guard": (None, (), 0),
    "the option": (None, ("--max-invalid", "0"), 3),
    "an option that allows it": (None, ("--max-invalid", "10%"), 0),
    "the project's": ("max_invalid: 5%", (), 3),
    "the project's, lifted": ("max_invalid: 5%", ("--max-invalid", "none"), 0),
    "the project's, allowing more": ("max_invalid: 5%", ("--max-invalid", "1"), 0),
    "the project's none, and the option": ("max_invalid: none", ("--max-invalid", "9%"), 3),
}


@pytest.mark.parametrize(("line", "options", "code"), GUARDED.values(), ids=GUARDED)
def test_too_many_invalid_rows_end_a_run_with_3_and_nothing_is_sent(
    rehearsal: Path, maac: MaacEmulator, td_line: TdLine, line: str | None, options: tuple[str, ...], code: int
) -> None:
    if line:
        add_to_project(rehearsal, line)

    ended = td_line("run", "campaign.dig", *options, "--json")

    assert (ended.code, ended.json["status"]) == (code, "error" if code else "success")
    assert bool(sent(maac)) is (code == 0)


@pytest.mark.parametrize(("options", "code"), [((), 3), (("--max-shrink", "40%"), 0), (("--max-shrink", "none"), 0)])
def test_a_segment_that_would_shrink_too_much_stays_as_it_was(
    rehearsal: Path, maac: MaacEmulator, td_line: TdLine, options: tuple[str, ...], code: int
) -> None:
    add_to_project(rehearsal, "max_shrink: 30%")
    maac.account().add_segment("VIP", [uid(each) for each in range(16)], segment_type=2)
    (rehearsal / "update.dig").write_text(UPDATE.replace("+segment:", "_export: {td: {database: shop}}\n+segment:"))

    ended = td_line("run", "update.dig", *options, "--json")

    assert ended.code == code
    assert [len(segment.uids) for segment in maac.account().segments] == [16 if code else 10]


@pytest.mark.parametrize(
    ("option", "text", "word"),
    [("--max-invalid", "2,5%", "such as 500"), ("--max-shrink", "30", "such as 30%"), ("--max-shrink", "", "such as")],
    ids=str,
)
def test_a_guard_of_another_shape_is_a_usage_error(
    rehearsal: Path, maac: MaacEmulator, td_line: TdLine, option: str, text: str, word: str
) -> None:
    ended, told = td_line("run", "campaign.dig", option, text), td_line("run", "campaign.dig", option, text, "--json")

    assert (ended.code, told.code) == (2, 2)
    assert option in ended.err
    assert word in ended.err
    assert maac.calls == []


def test_guards_say_nothing_of_a_run_that_they_let_pass(rehearsal: Path, td_line: TdLine) -> None:
    report: Any = td_line("run", "campaign.dig", "--max-invalid", "1", "--max-shrink", "0%", "--json").json

    assert [(task["error"], task["warnings"]) for task in report["tasks"]] == [(None, []), (None, [])]
    assert MEMBERS  # the workflow has a task without a segment
