"""A run that did not come to its end goes on where it was, and the counts of the whole add up."""

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from td_line_connectors.cli.running import new_session, prepare, take_up
from td_line_connectors.engine.events import unobserved
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import read_project
from td_line_connectors.report import ReportedError, RunReport, TaskReport
from td_line_connectors.runs.history_store import History
from td_line_connectors.runs.holding import hold
from td_line_connectors.spi import Runtime
from td_line_connectors.testing import FastClock, Fault, FaultKind, MaacEmulator
from td_line_connectors.workflow.orders import WorkflowOrder
from td_line_connectors.workflow.reader import read_workflow
from td_line_connectors.workflow.resuming import left_of
from td_line_connectors.workflow.steps import UnfinishedTask
from tests.cli.batches import ROWS, write_batches
from tests.cli.conftest import Ended, TdLine
from tests.cli.rehearsal import MEMBERS, SEGMENT
from tests.cli.terminal import ROOT

BUSY = Fault(FaultKind.REFUSED, on="member_import", after=2, status=403)
"""The third import is refused, once."""

SCALE = 300.0
"""How many times faster than life an outage is lived through."""

EXPORT = ("export", "--connection", "maac", "-s", "data_object=members", "-s", "import_key=line_uid", "-s", "tags=a")


@pytest.fixture
def batches(folder: Path, maac: MaacEmulator) -> Path:
    """A workflow of two tasks: members in four requests, then a segment."""
    write_batches(folder, maac)
    return folder


@pytest.fixture
def stopped(batches: Path, maac: MaacEmulator, td_line: TdLine) -> str:
    """A run that ended at its third request of four; its id."""
    maac.faults.add(BUSY)
    ended = td_line("run", "campaign.dig", "--json")
    assert ended.code == 5
    return str(ended.json["run_id"])


def imports(maac: MaacEmulator) -> int:
    return len(maac.account().imports)


def tasks(ended: Ended) -> list[tuple[str, int, int]]:
    """Give each task's name, rows written and requests."""
    return [(each["task"], each["rows"]["written"], each["requests"]) for each in ended.json["tasks"]]


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_what_was_confirmed_is_not_sent_again_and_the_whole_adds_up(
    stopped: str, maac: MaacEmulator, td_line: TdLine
) -> None:
    before = imports(maac)
    ended = td_line("resume", stopped, "--json")

    assert (ended.code, ended.json["run_id"], ended.json["status"]) == (0, stopped, "success")
    assert tasks(ended) == [("+members", 20, 4), ("+segment", 5, 1)]
    assert ended.json["tasks"][0]["rows"] == ROWS
    assert (before, imports(maac)) == (2, 4)


def test_an_id_may_be_shortened_and_latest_is_the_newest(stopped: str, td_line: TdLine) -> None:
    assert td_line("resume", stopped[:12]).code == 0
    assert td_line("resume", "latest").code == 0


def test_where_nothing_is_left_the_report_is_printed(stopped: str, maac: MaacEmulator, td_line: TdLine) -> None:
    first = td_line("resume", stopped, "--json")
    calls = len(maac.calls)
    second = td_line("resume", stopped, "--json")

    assert (second.code, second.json) == (0, first.json)
    assert len(maac.calls) == calls


def test_a_task_that_ran_out_of_time_is_asked_about_first(batches: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    change(batches / "td-line.yml", "poll_interval: 0.01", "poll_interval: 0.01\n    task_timeout: 0.05")
    maac.faults.add(Fault(FaultKind.STUCK, on="member_import", after=1, seconds=0.3))
    first = td_line("run", "campaign.dig")
    change(batches / "td-line.yml", "task_timeout: 0.05", "task_timeout: 20")
    ended = td_line("resume", "latest", "--json")

    assert (first.code, ended.code) == (4, 0)
    assert tasks(ended) == [("+members", 20, 4), ("+segment", 5, 1)]
    assert imports(maac) == 4


def test_ctrl_c_leaves_a_run_that_goes_on(batches: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    maac.faults.add(Fault(FaultKind.STUCK, on="member_import", after=1, seconds=1.0))
    command = [sys.executable, "-m", "td_line_connectors", "run", "campaign.dig"]
    with subprocess.Popen(
        command, cwd=batches, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    ) as process:
        while not any(f"/{each.id}/" in call.path for each in maac.account().imports[1:] for call in maac.calls):
            assert process.poll() is None  # until the second import is asked about
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
    [run] = td_line("runs", "--json").json
    ended = td_line("resume", run["run_id"], "--json")

    assert (run["status"], ended.code) == ("interrupted", 0)
    assert tasks(ended) == [("+members", 20, 4), ("+segment", 5, 1)]
    assert imports(maac) == 4


def kill_while_the_first_import_is_under_way(folder: Path, maac: MaacEmulator) -> None:
    maac.faults.add(Fault(FaultKind.STUCK, on="member_import", seconds=1.0))
    command = [sys.executable, "-m", "td_line_connectors", "run", "campaign.dig"]
    with subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        while not maac.account().imports:
            assert process.poll() is None
            time.sleep(0.001)
        process.kill()


def test_what_may_have_been_sent_is_not_read_anew_whatever_keeps_a_resume_from_beginning(
    batches: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    kill_while_the_first_import_is_under_way(batches, maac)
    assert td_line("secrets", "set", "maac.api_token", stdin="tökén".encode()).code == 0
    without = td_line("resume", "latest")
    assert td_line("secrets", "set", "maac.api_token", stdin=maac.token.encode()).code == 0
    change(batches / "campaign.dig", "line_uid, tags FROM people", "line_uid, tags FROM people LIMIT 1")
    ended = td_line("resume", "latest", "--json")

    assert (without.code, ended.code) == (2, 0)
    assert ended.json["tasks"][0]["rows"] == ROWS


def test_of_what_was_sent_the_journal_knows_more_than_the_history(stopped: str, batches: Path) -> None:
    project, folder = read_project(batches), History(batches / ".td-line").folder(stopped)
    record = History(project.state).find(stopped)
    [task] = record.tasks
    blank = replace(task, requests=(), report=TaskReport(task="+members", error=ReportedError("config", "mend it", 2)))
    left = left_of(replace(record, tasks=(blank,)), folder, project, default_registry())

    assert left is not None
    assert isinstance(left.tasks[0], UnfinishedTask)


def run_fast(folder: Path, runtime: Runtime) -> RunReport:
    """Run the workflow by a clock of our own, so that an outage does not last minutes."""
    project, session = read_project(folder), new_session()
    workflow = read_workflow(folder / "campaign.dig", project, default_registry(), session)
    names = [task.name for task in workflow.tasks]
    order = WorkflowOrder(file=workflow.path, only=None, session=session, tasks=names)
    with prepare(project, unobserved, order, runtime) as runner:
        return runner.run(workflow.tasks)


def resume_fast(folder: Path, runtime: Runtime) -> RunReport:
    """Resume the latest run by that clock."""
    with take_up(read_project(folder), unobserved, "latest", runtime) as taken_up:
        return taken_up.go_on()


def test_an_outage_that_outlasted_the_retries_is_gone_on_from(batches: Path, maac: MaacEmulator) -> None:
    runtime = FastClock(SCALE).runtime()
    maac.faults.add(Fault(FaultKind.SERVER_ERROR, on="member_import", after=1, times=6))
    first, second = run_fast(batches, runtime), resume_fast(batches, runtime)

    assert (first.exit_code, first.rows.written, first.rows.unsettled) == (4, 5, 15)
    assert (second.exit_code, second.rows.unaccounted) == (0, 0)
    assert [task.rows.written for task in second.tasks] == [20, 5]


def test_a_segment_that_may_have_been_made_is_looked_for(batches: Path, maac: MaacEmulator) -> None:
    (batches / "campaign.dig").write_text("_export:\n  td:\n    database: shop\n" + SEGMENT)
    runtime = FastClock(SCALE).runtime()
    maac.faults.add(Fault(FaultKind.CUT_AFTER, on="segment_create"))
    maac.faults.add(Fault(FaultKind.SERVER_ERROR, on="segment_list", after=1, times=6))
    first, second = run_fast(batches, runtime), resume_fast(batches, runtime)

    assert (first.exit_code, second.exit_code) == (4, 0)
    assert [(each.name, len(each.uids)) for each in maac.account().segments] == [("VIP", 5)]
    assert second.tasks[0].rows.written == 5


def test_the_tasks_that_follow_run_in_the_runs_own_session(batches: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    change(batches / "campaign.dig", '"segment_name": "VIP"', '"segment_name": "VIP ${session_uuid}"')
    change(batches / "campaign.dig", "tags: import210707", "tags: ${session_uuid}")
    maac.faults.add(BUSY)
    td_line("run", "campaign.dig")

    assert td_line("resume", "latest").code == 0
    [segment] = maac.account().segments
    assert segment.name.removeprefix("VIP ") in maac.account().tags


def test_the_tasks_that_follow_are_read_from_the_file_as_it_is_now(
    stopped: str, batches: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    change(batches / "campaign.dig", '"segment_name": "VIP"', '"segment_name": "Friends"')

    assert td_line("resume", stopped).code == 0
    assert [each.name for each in maac.account().segments] == ["Friends"]


def test_a_task_goes_on_though_its_workflow_is_gone_and_the_rest_follows_when_it_is_back(
    stopped: str, batches: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    workflow = (batches / "campaign.dig").rename(batches / "campaign.away")
    without = td_line("resume", stopped, "--json")
    workflow.rename(batches / "campaign.dig")
    with_it = td_line("resume", stopped, "--json")

    assert (without.code, tasks(without)) == (2, [("+members", 20, 4), ("+segment", 0, 0)])
    assert "+members has come to its end" in without.json["tasks"][1]["error"]["message"]
    assert (with_it.code, tasks(with_it)) == (0, [("+members", 20, 4), ("+segment", 5, 1)])
    assert imports(maac) == 4


def test_a_task_that_failed_before_it_sent_anything_is_run_anew_after_mending(
    batches: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    change(batches / "campaign.dig", "SELECT line_uid FROM people", "SELECT nobody FROM people")
    first = td_line("run", "campaign.dig")
    change(batches / "campaign.dig", "SELECT nobody FROM people", "SELECT line_uid FROM people")
    ended = td_line("resume", "latest", "--json")

    assert (first.code, ended.code) == (2, 0)
    assert tasks(ended) == [("+members", 20, 4), ("+segment", 5, 1)]
    assert imports(maac) == 4


def test_a_task_whose_settings_did_not_allow_it_is_run_anew_with_those_of_today(
    batches: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    maac.account().add_segment("VIP", segment_type=2)
    first = td_line("run", "campaign.dig")
    change(batches / "campaign.dig", '"segment_name": "VIP"', '"segment_name": "VIP", "update_segment": true')
    ended = td_line("resume", "latest", "--json")

    assert (first.code, ended.code) == (2, 0)
    assert tasks(ended) == [("+members", 20, 4), ("+segment", 5, 1)]
    assert [len(each.uids) for each in maac.account().segments] == [5]
    assert imports(maac) == 4


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("endpoint: http://127.0.0.1", "endpoint: http://localhost", "endpoint"),
        ("${secret:maac.api_token}", "${secret:other.api_token}", "api_token"),
        ("poll_interval: 0.01", "import_key: email", "import_key"),
        ("  maac:\n", "  elsewhere:\n", "no connection of this project"),
    ],
    ids=["another host", "another token's key", "a key that cannot stand there", "no connection"],
)
def test_a_run_is_not_resumed_to_where_it_did_not_go(
    stopped: str, batches: Path, maac: MaacEmulator, td_line: TdLine, old: str, new: str, named: str
) -> None:
    assert td_line("secrets", "set", "other.api_token", stdin=b"another").code == 0
    change(batches / "td-line.yml", old, new)
    calls = len(maac.calls)
    ended = td_line("resume", stopped, "--json")

    assert ended.code == 2
    assert named in ended.json["error"]["message"]
    assert len(maac.calls) == calls


def test_settings_changed_in_the_workflow_do_not_touch_what_was_sealed(
    stopped: str, batches: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    change(batches / "campaign.dig", "tags: import210707", "tags: later")

    assert td_line("resume", stopped).code == 0
    assert "later" not in maac.account().tags


def test_a_secret_written_out_in_the_workflow_is_not_recorded_and_read_there_again(
    batches: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    literal = f"  result_connection:\n    type: line_via_crescendo\n    endpoint: {maac.url}\n    poll_interval: 0.01\n"
    literal += f"    api_token: {maac.token}\n    data_object: members\n    import_key: line_uid\n    tags: a\n"
    before = MEMBERS.partition("  result_connection")[0].replace("line_uid, birthday", "line_uid, tags")
    (batches / "campaign.dig").write_text(before + literal)
    maac.faults.add(BUSY)
    first = td_line("run", "campaign.dig")
    (batches / "campaign.dig").rename(batches / "campaign.away")
    lost = td_line("resume", "latest", "--json")
    (batches / "campaign.away").rename(batches / "campaign.dig")

    assert (first.code, lost.code) == (5, 2)
    assert "write `${secret:key}` there" in lost.json["error"]["message"]
    assert maac.token.encode() not in b"".join(each.read_bytes() for each in (batches / ".td-line").glob("history.*"))
    assert td_line("resume", "latest").code == 0
    assert imports(maac) == 4


def test_two_are_never_at_one_run(stopped: str, batches: Path, td_line: TdLine) -> None:
    with hold(History(batches / ".td-line").folder(stopped)):
        ended = td_line("resume", stopped, "--json")

    assert ended.code == 1
    assert "another process is at it" in ended.json["error"]["message"]


def test_a_run_whose_files_are_gone_says_so(stopped: str, batches: Path, td_line: TdLine) -> None:
    folder = History(batches / ".td-line").folder(stopped)
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
    ended = td_line("resume", stopped)

    assert ended.code == 2
    assert "its files are gone, which are kept for 30 days" in ended.err


def test_a_plan_cannot_be_resumed(batches: Path, td_line: TdLine) -> None:
    assert td_line("run", "campaign.dig", "--plan").code == 0
    ended = td_line("resume", "latest")

    assert ended.code == 2
    assert "it was only planned" in ended.err


def test_an_unknown_run_is_named(project: Path, td_line: TdLine) -> None:
    ended = td_line("resume", "2020")

    assert ended.code == 2
    assert "«2020» is no run" in ended.err


@pytest.mark.parametrize(("source", "code"), [("people.csv", 0), ("-", 2)])
def test_an_export_killed_while_it_read_is_run_anew_from_its_file_if_it_has_one(
    batches: Path, maac: MaacEmulator, td_line: TdLine, source: str, code: int
) -> None:
    os.mkfifo(batches / "slow.csv")
    command = [sys.executable, "-m", "td_line_connectors", *EXPORT, "-" if source == "-" else "slow.csv"]
    with (
        subprocess.Popen(
            command, cwd=batches, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE
        ) as process,
        ExitStack() as held,
    ):
        assert process.stdin is not None
        rows = process.stdin if source == "-" else held.enter_context((batches / "slow.csv").open("wb"))
        rows.write((batches / "people.csv").read_bytes() * 400)
        rows.flush()
        while not (batches / ".td-line" / "history.sqlite").exists():
            assert process.poll() is None
            time.sleep(0.001)
        time.sleep(0.05)
        process.kill()
    (batches / "slow.csv").unlink()
    (batches / "slow.csv").write_bytes((batches / "people.csv").read_bytes())
    ended = td_line("resume", "latest", "--json")

    assert (ended.code, imports(maac)) == (code, 4 if code == 0 else 0)
    assert code == 0 or "standard input" in ended.json["error"]["message"]
