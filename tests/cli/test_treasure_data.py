"""Queries on Treasure Data, from the workflow file to MAAC, over real sockets."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from td_line_connectors.testing import Fault, FaultKind, MaacEmulator, TreasureDataEmulator, TreasureDataFault
from tests.cli.conftest import Ended, TdLine
from tests.cli.rehearsal import uid, write_project
from tests.cli.terminal import ROOT

SQL = "SELECT line_uid FROM people"
PEOPLE = 5

DEFAULTS = "_export: {td: {database: shop, engine: presto}}\n"
MEMBERS = f"""\
+members:
  td>:
  query: {SQL}
  result_connection: maac
  result_settings: {{data_object: members, import_key: line_uid, tags: x}}
"""
SEGMENT = """\
+segment:
  td_result_export>:
  job_id: ${td.last_job_id}
  result_connection: maac
  result_settings: {data_object: segments, segment_name: VIP}
"""

COMMAND = [sys.executable, "-m", "td_line_connectors", "run", "campaign.dig"]


@pytest.fixture
def treasure_data() -> Iterator[TreasureDataEmulator]:
    """Jobs are done at once; one query has been told its rows."""
    with TreasureDataEmulator(job_seconds=0) as emulator:
        emulator.add_tables("shop", "people")
        emulator.add_result(SQL, [[uid(number)] for number in range(PEOPLE)], [("line_uid", "varchar")])
        yield emulator


@pytest.fixture
def write(folder: Path, maac: MaacEmulator, treasure_data: TreasureDataEmulator) -> Callable[[str], None]:
    """Write a project with both connections, and this workflow."""

    def workflow(text: str) -> None:
        (folder / "campaign.dig").write_text(DEFAULTS + text)

    write_project(folder, maac)
    connection = f"  td:\n    type: treasure_data\n    api_key: ${{secret:td.key}}\n    endpoint: {treasure_data.url}\n"
    for file, text in (("td-line.yml", connection), (".td-line/secrets.yml", f"td.key: {treasure_data.api_key}\n")):
        (folder / file).write_text((folder / file).read_text() + text)
    workflow(MEMBERS)
    return workflow


Write = Callable[[str], None]


def asked(far_side: MaacEmulator | TreasureDataEmulator, operation: str) -> int:
    return sum(call.operation == operation for call in far_side.calls)


def written(ended: Ended) -> list[tuple[str, int, str | None]]:
    return [(each["task"], each["rows"]["written"], each.get("job_id")) for each in ended.json["tasks"]]


def test_the_rows_of_a_query_become_members(write: Write, maac: MaacEmulator, td_line: TdLine) -> None:
    ended = td_line("run", "campaign.dig", "--json")

    assert (ended.code, written(ended)) == (0, [("+members", PEOPLE, "1000")])
    assert [each["line_uid"] for each in maac.account().members] == [uid(number) for number in range(PEOPLE)]


def test_the_number_of_the_job_is_told_and_remembered(write: Write, td_line: TdLine) -> None:
    told = td_line("--log-format", "text", "run", "campaign.dig")
    shown, remembered = td_line("runs", "show"), td_line("runs", "show", "--json")

    assert "+members: job 1000\n" in told.out
    assert "job 1000: success after 0 s" in told.err
    assert "+members: job 1000\n" in shown.out
    assert remembered.json["tasks"][0]["job_id"] == "1000"


@pytest.mark.parametrize("engine", ["presto", "trino", "hive"])
def test_the_engine_is_the_one_that_the_workflow_names(
    write: Write, treasure_data: TreasureDataEmulator, td_line: TdLine, engine: str
) -> None:
    write(MEMBERS + f"  engine: {engine}\n")

    assert td_line("run", "campaign.dig").code == 0
    assert [(job.engine, job.database) for job in treasure_data.jobs] == [(engine, "shop")]


def test_a_plan_asks_and_sends_nothing(
    write: Write, maac: MaacEmulator, treasure_data: TreasureDataEmulator, td_line: TdLine
) -> None:
    ended = td_line("run", "campaign.dig", "--plan", "--json")

    assert (ended.code, ended.json["status"]) == (0, "planned")
    assert ended.json["tasks"][0]["rows"]["unsettled"] == PEOPLE
    assert (maac.calls, len(treasure_data.jobs)) == ([], 1)


def test_the_last_jobs_result_is_exported_once_more(
    write: Write, maac: MaacEmulator, treasure_data: TreasureDataEmulator, td_line: TdLine
) -> None:
    write(MEMBERS + SEGMENT)
    ended = td_line("run", "campaign.dig", "--json")

    assert written(ended) == [("+members", PEOPLE, "1000"), ("+segment", PEOPLE, "1000")]
    assert len(treasure_data.jobs) == 1
    assert [each.name for each in maac.account().segments] == ["VIP"]


def test_a_result_is_exported_by_its_number(write: Write, treasure_data: TreasureDataEmulator, td_line: TdLine) -> None:
    td_line("run", "campaign.dig")
    write(SEGMENT.replace("${td.last_job_id}", "1000"))
    ended = td_line("run", "campaign.dig", "--json")

    assert (ended.code, written(ended)) == (0, [("+segment", PEOPLE, "1000")])
    assert len(treasure_data.jobs) == 1


def test_the_last_job_of_a_task_that_does_not_run_is_none(write: Write, maac: MaacEmulator, td_line: TdLine) -> None:
    write(MEMBERS + SEGMENT)
    ended = td_line("run", "campaign.dig", "--task", "+segment")

    assert ended.code == 2
    assert "no task before this one in this run has a job" in ended.out
    assert maac.calls == []


def test_a_job_that_is_not_there_is_named(write: Write, maac: MaacEmulator, td_line: TdLine) -> None:
    write(SEGMENT.replace("${td.last_job_id}", "4711"))
    ended = td_line("run", "campaign.dig", "--json")

    assert (ended.code, ended.json["tasks"][0]["error"]["kind"]) == (2, "config")
    assert "knows no job 4711" in ended.json["tasks"][0]["error"]["message"]
    assert maac.calls == []


def test_a_query_without_a_target_is_counted_and_its_rows_are_not_fetched(
    write: Write, treasure_data: TreasureDataEmulator, td_line: TdLine
) -> None:
    write(f"+count:\n  td>:\n  query: {SQL}\n")
    ended = td_line("run", "campaign.dig", "--json")

    assert (ended.code, ended.json["tasks"][0]["rows"]["read"]) == (0, PEOPLE)
    assert asked(treasure_data, "job_result") == 0


def test_a_failed_job_ends_the_run_in_its_own_words(
    write: Write, maac: MaacEmulator, treasure_data: TreasureDataEmulator, td_line: TdLine
) -> None:
    text = "line 1:8: Column 'line_uuid' cannot be resolved"
    treasure_data.faults.add(TreasureDataFault(FaultKind.JOB_ERROR, "job_issue", message=text))
    ended = td_line("run", "campaign.dig", "--json")
    [task] = ended.json["tasks"]

    assert (ended.code, task["error"]["kind"], task["job_id"]) == (5, "refused", "1000")
    assert "job 1000 failed: " in task["error"]["message"]
    assert text in task["error"]["message"]
    assert maac.calls == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_may_not_query_is_told_so(
    write: Write, treasure_data: TreasureDataEmulator, td_line: TdLine, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    key = treasure_data.write_key if status == 403 else "1/wrong"
    monkeypatch.setenv("TD_LINE_SECRET_TD_KEY", key)
    ended, checked = td_line("run", "campaign.dig"), td_line("check", "--live")

    assert (ended.code, checked.code) == (5, 5)
    for said in (ended.out, checked.err):
        assert f"{status}, the key may not do this" in said
        assert "a write-only key cannot query" in said
    assert "while trying the connection td" in checked.err
    assert key not in ended.out + ended.err + checked.out + checked.err


def test_the_check_tries_the_key_that_no_workflow_names(
    write: Write, treasure_data: TreasureDataEmulator, td_line: TdLine
) -> None:
    write(MEMBERS + "  engine: sqlite\n")
    td_line("db", "create", "shop")
    ended = td_line("check", "--live", "--json")

    assert (ended.code, ended.json["credentials_tried"]) == (0, 2)
    assert [call.operation for call in treasure_data.calls] == ["job_list"]


def running(folder: Path, far_side: MaacEmulator | TreasureDataEmulator, until: str) -> subprocess.Popen[bytes]:
    """Start the workflow in a process of its own, and come back when a far side has been called like this."""
    process = subprocess.Popen(COMMAND, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE)
    while not asked(far_side, until):
        assert process.poll() is None
        time.sleep(0.001)
    return process


def test_a_run_that_is_killed_while_it_waits_takes_its_job_up_again(
    write: Write, folder: Path, treasure_data: TreasureDataEmulator, td_line: TdLine
) -> None:
    treasure_data.faults.add(TreasureDataFault(FaultKind.STUCK, "job_issue", seconds=1.0))
    with running(folder, treasure_data, "job_status") as process:
        process.kill()
    shown = td_line("runs", "show", "--json").json
    ended = td_line("resume", "latest", "--json")

    assert (shown["status"], shown["tasks"][0]["job_id"]) == ("interrupted", "1000")
    assert (ended.code, written(ended)) == (0, [("+members", PEOPLE, "1000")])
    assert len(treasure_data.jobs) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_a_run_that_is_stopped_stops_its_job_and_asks_anew_when_it_is_resumed(
    write: Write, folder: Path, treasure_data: TreasureDataEmulator, td_line: TdLine, number: int, code: int
) -> None:
    treasure_data.faults.add(TreasureDataFault(FaultKind.STUCK, "job_issue"))
    with running(folder, treasure_data, "job_status") as process:
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)
    ended = td_line("resume", "latest", "--json")

    assert process.returncode == code
    assert b"job 1000 was stopped" in out
    assert b"the rest can be resumed" in out
    assert treasure_data.jobs[0].killed_at is not None
    assert (ended.code, written(ended)) == (0, [("+members", PEOPLE, "1001")])


def test_a_run_that_is_killed_while_it_sends_does_not_ask_again(
    write: Write, folder: Path, maac: MaacEmulator, treasure_data: TreasureDataEmulator, td_line: TdLine
) -> None:
    maac.faults.add(Fault(FaultKind.STUCK, on="member_import", seconds=0.5))
    with running(folder, maac, "member_task") as process:
        process.kill()
    calls = len(treasure_data.calls)
    ended = td_line("resume", "latest", "--json")

    assert (ended.code, written(ended)) == (0, [("+members", PEOPLE, "1000")])
    assert len(treasure_data.calls) == calls


def test_what_was_read_once_is_not_asked_again(
    write: Write, maac: MaacEmulator, treasure_data: TreasureDataEmulator, td_line: TdLine
) -> None:
    maac.faults.add(Fault(FaultKind.REFUSED, on="member_import", status=403))
    stopped = td_line("run", "campaign.dig", "--json")
    calls = len(treasure_data.calls)
    ended = td_line("resume", "latest", "--json")

    assert (stopped.code, written(stopped)) == (5, [("+members", 0, "1000")])
    assert (ended.code, written(ended)) == (0, [("+members", PEOPLE, "1000")])
    assert len(treasure_data.calls) == calls


def test_a_resumed_run_knows_the_last_job(
    write: Write, maac: MaacEmulator, treasure_data: TreasureDataEmulator, td_line: TdLine
) -> None:
    write(MEMBERS + SEGMENT)
    maac.faults.add(Fault(FaultKind.REFUSED, on="segment_list", status=403))
    stopped = td_line("run", "campaign.dig", "--json")
    ended = td_line("resume", "latest", "--json")

    assert stopped.code == 5
    assert (ended.code, written(ended)) == (0, [("+members", PEOPLE, "1000"), ("+segment", PEOPLE, "1000")])
    assert len(treasure_data.jobs) == 1


def test_a_query_that_was_mended_is_another_job(
    write: Write, treasure_data: TreasureDataEmulator, td_line: TdLine
) -> None:
    write(MEMBERS.replace(SQL, "SELECT line_uuid FROM people"))
    failed = td_line("run", "campaign.dig")
    write(MEMBERS)
    ended = td_line("resume", "latest", "--json")

    assert (failed.code, ended.code) == (5, 0)
    assert [job.query for job in treasure_data.jobs] == ["SELECT line_uuid FROM people", SQL]
    assert written(ended) == [("+members", PEOPLE, "1001")]
