"""Rows that were set aside are mended and sent again, to where the others went."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from td_line_connectors.testing import Fault, FaultKind, MaacEmulator
from tests.cli.conftest import TdLine
from tests.cli.rehearsal import MEMBERS, SEGMENT, uid, write_project

HEADER = ("#rows", "#outcome", "#issues", "line_uid", "mobile", "customer_id")


@pytest.fixture
def campaign(folder: Path, maac: MaacEmulator, td_line: TdLine) -> Path:
    """A project whose query gives three people; one's mobile number is wrong, one's MAAC refuses."""
    write_project(folder, maac)
    maac.account().refuse_mobiles = {"+886912345678"}
    (folder / "campaign.dig").write_text(MEMBERS.replace("line_uid, birthday", "line_uid, mobile, customer_id"))
    rows = [f"{uid(1)},0912000001,1", f"{uid(2)},09x,=2", f"{uid(3)},0912345678,3"]
    (folder / "people.csv").write_text("\n".join(["line_uid,mobile,customer_id", *rows]) + "\n")
    assert td_line("db", "create", "shop").code == 0
    assert td_line("table", "create", "shop", "people").code == 0
    assert td_line("table", "import", "shop", "people", "people.csv").code == 0
    return folder


@pytest.fixture
def run_id(campaign: Path, td_line: TdLine) -> str:
    """A run that set two rows aside: one of ours, one of MAAC's."""
    ended = td_line("run", "campaign.dig", "--json")
    assert ended.json["tasks"][0]["rows"]["rejected"] == 1
    return str(ended.json["run_id"])


def rejects_of(campaign: Path, run_id: str) -> list[dict[str, Any]]:
    [file] = campaign.glob(f".td-line/runs/{run_id}/*/rejects.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


def mended(campaign: Path, run_id: str) -> Path:
    """Give the rejects with numbers that are right."""
    lines = rejects_of(campaign, run_id)
    for number, line in enumerate(lines):
        line["record"]["mobile"] = f"091200000{number + 2}"
    file = campaign / "mended.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    return file


def spreadsheet(campaign: Path, rows: Sequence[Sequence[str]]) -> Path:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    file = campaign / "mended.csv"
    file.write_text(text.getvalue(), encoding="utf-8-sig")
    return file


def test_mended_rows_go_where_the_others_went_as_a_run_of_their_own(
    campaign: Path, maac: MaacEmulator, td_line: TdLine, run_id: str
) -> None:
    ended = td_line("retry", run_id, str(mended(campaign, run_id)), "--json")

    assert (ended.code, ended.json["status"]) == (0, "success")
    [task] = ended.json["tasks"]
    assert (task["task"], task["rows"]["read"], task["rows"]["written"]) == ("+members", 2, 2)
    assert ended.json["run_id"] != run_id
    assert {each["line_uid"]: each["mobile"] for each in maac.account().members} == {
        uid(1): "+886912000001",
        uid(2): "+886912000002",
        uid(3): "+886912000003",
    }
    assert maac.account().members[2]["tags"] == ["import210707", "apple product interested"]


def test_the_two_runs_know_of_each_other(campaign: Path, td_line: TdLine, run_id: str) -> None:
    again = td_line("retry", run_id, str(mended(campaign, run_id)), "--json").json["run_id"]

    assert td_line("runs", "show", again, "--json").json["retry_of"] == run_id
    assert td_line("runs", "show", run_id, "--json").json["retried_by"] == [again]
    assert f"its rejects were sent again by run {again}" in td_line("runs", "show", run_id).out


def test_without_a_file_the_rejects_go_as_they_are(maac: MaacEmulator, td_line: TdLine, run_id: str) -> None:
    maac.account().refuse_mobiles = set()
    ended = td_line("retry", run_id, "--json")

    assert ended.code == 0
    assert ended.json["tasks"][0]["rows"] | {"merged": 0} == {
        "read": 2,
        "written": 1,
        "mismatched": 0,
        "invalid": 1,
        "merged": 0,
        "rejected": 0,
        "unsettled": 0,
    }
    assert ended.json["tasks"][0]["issues"][0]["row"] == 1


def test_a_retry_of_a_retry_goes_there_too(campaign: Path, maac: MaacEmulator, td_line: TdLine, run_id: str) -> None:
    maac.account().refuse_mobiles = set()
    again = td_line("retry", run_id, "--json").json["run_id"]
    lines = rejects_of(campaign, again)
    lines[0]["record"]["mobile"] = "0912000002"
    (campaign / "mended.jsonl").write_text(json.dumps(lines[0]))

    assert td_line("retry", again, "mended.jsonl").code == 0
    assert len(maac.account().members) == 3


def test_a_spreadsheet_gives_back_what_was_written_for_it(
    campaign: Path, maac: MaacEmulator, td_line: TdLine, run_id: str
) -> None:
    file = spreadsheet(campaign, [["2", "invalid", "mobile: …", uid(2), "'+886912000002", "'=2"]])
    ended = td_line("retry", run_id, str(file), "--json")

    assert ended.code == 0
    assert maac.account().member(line_uid=uid(2)) | {"tags": []} == {  # type: ignore[operator]  # it is there
        "line_uid": uid(2),
        "mobile": "+886912000002",
        "customer_id": "=2",
        "tags": [],
    }


def test_a_number_whose_digits_a_spreadsheet_has_cut_is_refused_with_its_row(
    campaign: Path, maac: MaacEmulator, td_line: TdLine, run_id: str
) -> None:
    rows = [["2", "invalid", "", uid(2), "0912000002", "2"], ["3", "rejected", "", uid(3), "8.86912E+11", "1E+15"]]
    calls = len(maac.calls)
    ended = td_line("retry", run_id, str(spreadsheet(campaign, rows)), "--json")

    assert ended.code == 3
    message = ended.json["error"]["message"]
    assert "row 2: mobile: is in scientific notation" in message
    assert "row 2: customer_id: " in message
    assert "8.86" not in message
    assert len(maac.calls) == calls


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"rows": [1], "outcome": "invalid"}\n', "each object needs `record`"),
        ('{"outcome": "invalid", "record": [1]}\n', "row 1: mended.file: needs `record`"),
        ('{"record": {"Mobile": "1", "mobile": "2"}}\n', "alike but for case"),
        ('{"record": {}}\n', "no column that could be sent"),
        ("line_uid,mobile\n", "has no row"),
        ("{nonsense\n", "is no JSON object"),
    ],
    ids=["no record", "a record that is none", "two of a kind", "an empty record", "no row", "no JSON"],
)
def test_a_file_that_holds_no_rejects_is_refused_before_anything_is_sent(
    campaign: Path, maac: MaacEmulator, td_line: TdLine, run_id: str, text: str, said: str
) -> None:
    (campaign / "mended.file").write_text(text)
    calls = len(maac.calls)
    ended = td_line("retry", run_id, "mended.file", "--json")

    assert ended.code == 3
    assert said in ended.json["error"]["message"]
    assert len(maac.calls) == calls


def test_rows_that_the_run_may_still_send_itself_are_not_sent_by_two(
    campaign: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    maac.faults.add(Fault(FaultKind.REFUSED, on="member_import", status=403))
    run_id = td_line("run", "campaign.dig", "--json").json["run_id"]
    before = td_line("retry", run_id)
    assert td_line("resume", run_id).code == 0

    assert before.code == 2
    assert f"`td-line resume {run_id}` first" in before.err
    assert td_line("retry", run_id, str(mended(campaign, run_id))).code == 0


def test_unsettled_rows_of_a_run_that_may_not_be_sent_go_with_the_mended_ones(
    campaign: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    text = (campaign / "campaign.dig").read_text()
    (campaign / "campaign.dig").write_text(f"{text}    skip_invalid_records: false\n")
    maac.account().refuse_mobiles = set()
    first = td_line("run", "campaign.dig", "--json")
    lines = rejects_of(campaign, first.json["run_id"])
    lines[0]["record"]["mobile"] = "0912000002"
    (campaign / "mended.jsonl").write_text("\n".join(map(json.dumps, lines)))

    assert first.code == 3
    assert td_line("retry", "latest", "mended.jsonl").code == 0
    assert len(maac.account().members) == 3


def test_rejects_that_are_gone_are_said_to_be_gone(campaign: Path, td_line: TdLine, run_id: str) -> None:
    [file] = campaign.glob(f".td-line/runs/{run_id}/*/rejects.jsonl")
    file.unlink()
    ended = td_line("retry", run_id)

    assert ended.code == 2
    assert "gone, which are kept for 30 days" in ended.err


def test_a_run_without_rejects_has_nothing_to_send_again(campaign: Path, td_line: TdLine, run_id: str) -> None:
    again = td_line("retry", run_id, str(mended(campaign, run_id)), "--json").json["run_id"]
    ended = td_line("retry", again)

    assert ended.code == 2
    assert "it has set no row aside" in ended.err


def test_where_several_tasks_have_rejects_a_file_needs_the_task(
    campaign: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    everybody = "SELECT line_uid FROM people"
    segment = SEGMENT.replace(everybody, f"{everybody} UNION SELECT 'nobody'")
    (campaign / "campaign.dig").write_text((campaign / "campaign.dig").read_text() + segment)
    run_id = td_line("run", "campaign.dig", "--json").json["run_id"]
    [file] = campaign.glob(f".td-line/runs/{run_id}/01-*/rejects.jsonl")
    unclear = td_line("retry", run_id, str(file))
    unknown = td_line("retry", run_id, str(file), "--task", "+others")
    maac.account().refuse_mobiles = set()
    clear = td_line("retry", run_id, str(file), "--task", "+members", "--json")

    assert (unclear.code, unknown.code, clear.code) == (2, 2, 0)
    assert "with --task" in unclear.err
    assert "+members, +segment" in unknown.err
    assert [task["task"] for task in clear.json["tasks"]] == ["+members"]


def test_a_segments_rejects_alone_never_take_its_place(campaign: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    everybody = "SELECT line_uid FROM people"
    segment = SEGMENT.replace(everybody, f"{everybody} UNION SELECT 'nobody'").replace(
        "VIP", 'VIP", "update_segment": "true'
    )
    (campaign / "campaign.dig").write_text((campaign / "campaign.dig").read_text() + segment)
    assert td_line("run", "campaign.dig").code == 0
    calls = len(maac.calls)
    ended = td_line("retry", "latest", "--task", "+segment")

    assert (ended.code, len(maac.calls)) == (2, calls)
    assert "Mend the query, and run it anew" in ended.out


def test_a_retry_can_be_planned(campaign: Path, maac: MaacEmulator, td_line: TdLine, run_id: str) -> None:
    calls = len(maac.calls)
    ended = td_line("retry", run_id, str(mended(campaign, run_id)), "--plan", "--json")

    assert (ended.code, ended.json["status"], len(maac.calls)) == (0, "planned", calls)


def test_a_retry_that_was_stopped_goes_on_like_any_run(
    campaign: Path, maac: MaacEmulator, td_line: TdLine, run_id: str
) -> None:
    maac.faults.add(Fault(FaultKind.REFUSED, on="member_import", status=403))
    first = td_line("retry", run_id, str(mended(campaign, run_id)))

    assert first.code == 5
    assert td_line("resume", "latest").code == 0
    assert len(maac.account().members) == 3


def test_a_run_that_was_refused_to_its_last_row_has_nothing_to_resume_and_stays_refused(
    maac: MaacEmulator, td_line: TdLine, run_id: str
) -> None:
    first = td_line("retry", run_id, "--json")
    calls = len(maac.calls)
    again = td_line("resume", first.json["run_id"], "--json")

    assert (first.code, again.code, again.json) == (5, 5, first.json)
    assert len(maac.calls) == calls
