"""Rejects go into a spreadsheet, are mended there, and are sent again."""

import csv
import shlex
from pathlib import Path

import pytest

from td_line_connectors.testing import MaacEmulator
from tests.cli.conftest import TdLine
from tests.cli.rehearsal import MEMBERS, uid, write_project

ROWS = (f"{uid(1)},0912000001,007", f"{uid(2)},09x,=2+2", f"{uid(3)},0912345678,886912345678")


@pytest.fixture
def campaign(folder: Path, maac: MaacEmulator, td_line: TdLine) -> Path:
    """A run of three people; one's mobile number is wrong, one's MAAC refuses."""
    write_project(folder, maac)
    maac.account().refuse_mobiles = {"+886912345678"}
    (folder / "campaign.dig").write_text(MEMBERS.replace("line_uid, birthday", "line_uid, mobile, customer_id"))
    (folder / "people.csv").write_text("\n".join(["line_uid,mobile,customer_id", *ROWS]) + "\n")
    assert td_line("db", "create", "shop").code == 0
    assert td_line("table", "create", "shop", "people").code == 0
    assert td_line("table", "import", "shop", "people", "people.csv").code == 0
    assert td_line("run", "campaign.dig").code == 0
    return folder


def read(sheet: Path) -> list[list[str]]:
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_the_sheet_has_each_row_with_its_outcome_and_reasons(campaign: Path, td_line: TdLine) -> None:
    ended = td_line("runs", "rejects", "latest", "--csv", "rejects.csv", "--json")
    header, invalid, rejected = read(campaign / "rejects.csv")

    assert (ended.code, ended.json["task"], ended.json["csv"], ended.json["lines"]) == (0, "+members", "rejects.csv", 2)
    assert header[:6] == ["#rows", "#outcome", "#issues", "line_uid", "mobile", "customer_id"]
    assert (invalid[0], invalid[1], invalid[4:6]) == ("2", "invalid", ["09x", "'=2+2"])
    assert invalid[2].startswith("mobile: ")
    assert (rejected[0], rejected[1]) == ("3", "rejected")
    assert rejected[header.index("mobile")] == "'+886912345678"
    assert rejected[header.index("customer_id")] == "'886912345678"


def test_the_command_that_is_told_can_be_pasted(campaign: Path, td_line: TdLine) -> None:
    told = td_line("runs", "rejects", "--csv", "the rejects.csv").out
    command = shlex.split(told.partition("then: td-line ")[2])

    assert td_line(*command, "--plan").code == 0


def test_what_was_mended_there_is_sent_as_it_was_meant(campaign: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    td_line("runs", "rejects", "--csv", "rejects.csv")
    text = (campaign / "rejects.csv").read_text(encoding="utf-8")
    (campaign / "mended.csv").write_text(text.replace("09x", "'0912000002").replace("'+886912345678", "'0912000003"))
    ended = td_line("retry", "latest", "mended.csv", "--json")

    assert (ended.code, ended.json["tasks"][0]["rows"]["written"]) == (0, 2)
    assert [(each["mobile"], each["customer_id"]) for each in maac.account().members] == [
        ("+886912000001", "007"),
        ("+886912000002", "=2+2"),
        ("+886912000003", "886912345678"),
    ]


def test_a_persons_work_is_never_overwritten(campaign: Path, td_line: TdLine) -> None:
    (campaign / "rejects.csv").write_text("work of hours")
    ended = td_line("runs", "rejects", "--csv", "rejects.csv")

    assert (ended.code, "is not overwritten" in ended.err) == (2, True)
    assert (campaign / "rejects.csv").read_text() == "work of hours"


def test_of_several_tasks_one_must_be_named(campaign: Path, td_line: TdLine) -> None:
    again = MEMBERS.partition("+members:")[2].replace("line_uid, birthday", "line_uid, mobile")
    (campaign / "both.dig").write_text((campaign / "campaign.dig").read_text() + "+again:" + again)
    td_line("run", "both.dig")

    ended = td_line("runs", "rejects", "--csv", "rejects.csv")
    assert (ended.code, "with --task: +members, +again" in ended.err) == (2, True)
    assert td_line("runs", "rejects", "--csv", "rejects.csv", "--task", "again").code == 0
    assert "customer_id" not in read(campaign / "rejects.csv")[0]


def test_a_run_without_rejects_says_so(campaign: Path, td_line: TdLine) -> None:
    (campaign / "count.dig").write_text("+count:\n  td>:\n  database: shop\n  query: SELECT 1 FROM people\n")
    td_line("run", "count.dig")
    ended = td_line("runs", "rejects", "--csv", "rejects.csv")

    assert (ended.code, "has no rejects" in ended.err) == (2, True)
    assert not (campaign / "rejects.csv").exists()
