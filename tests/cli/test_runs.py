"""Every run is remembered, request by request; and a history that cannot be kept endangers no row."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from td_line_connectors.cli.running import new_session, prepare
from td_line_connectors.engine.events import Event, SendingBegan, unobserved
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import read_project
from td_line_connectors.report import RunReport
from td_line_connectors.runs.history_store import History
from td_line_connectors.runs.recording import Recording
from td_line_connectors.storage.sqlite import open_writer
from td_line_connectors.testing import Fault, FaultKind, MaacEmulator
from td_line_connectors.workflow.orders import WorkflowOrder
from td_line_connectors.workflow.reader import read_workflow
from tests.cli.batches import write_batches
from tests.cli.conftest import TdLine


@pytest.fixture
def batches(folder: Path, maac: MaacEmulator) -> Path:
    write_batches(folder, maac)
    return folder


def begin(folder: Path) -> str:
    """Begin a run and die at once; give its id."""
    order = WorkflowOrder(file=folder / "campaign.dig", only="+segment", session=new_session(), tasks=["+segment"])
    with prepare(read_project(folder), unobserved, order) as runner:
        return runner.run_id


def test_the_runs_are_listed_newest_first(batches: Path, td_line: TdLine) -> None:
    td_line("run", "campaign.dig")
    begin(batches)
    newest, oldest = td_line("runs", "--json").json

    assert list(oldest) == ["run_id", "status", "started_at", "ended_at", "what", "retry_of", "tasks"]
    assert (oldest["status"], oldest["what"]) == ("success", "campaign.dig")
    assert oldest["started_at"] <= oldest["ended_at"]
    assert (newest["status"], newest["what"], newest["ended_at"]) == ("interrupted", "campaign.dig +segment", None)


def test_a_person_reads_a_line_for_each_run(batches: Path, td_line: TdLine) -> None:
    td_line("run", "campaign.dig")
    headings, line = td_line("runs", "--limit", "1").out.splitlines()

    assert headings.split("\t")[:4] == ["run", "began", "what", "status"]
    assert line.split("\t")[2:10] == ["campaign.dig", "success", "42", "25", "0", "2", "0", "0"]


def test_as_many_as_asked_for_are_listed(batches: Path, td_line: TdLine) -> None:
    for _ in range(3):
        begin(batches)

    assert len(td_line("runs", "--limit", "2", "--json").json) == 2


def test_a_project_that_has_run_nothing_has_no_runs(project: Path, td_line: TdLine) -> None:
    assert td_line("runs", "--json").json == []
    assert td_line("runs", "show").code == 2
    assert not list(project.glob("**/history.sqlite"))


def test_a_run_is_running_while_its_process_is_at_it(batches: Path, td_line: TdLine) -> None:
    order = WorkflowOrder(file=batches / "campaign.dig", only=None, session=new_session(), tasks=["+members"])
    with prepare(read_project(batches), unobserved, order):
        [run] = td_line("runs", "--json").json
        refused = td_line("runs", "delete", run["run_id"])

    assert run["status"] == "running"
    assert (refused.code, "goes on" in refused.err) == (2, True)


def test_a_run_is_shown_with_each_of_its_requests(batches: Path, td_line: TdLine) -> None:
    report = td_line("run", "campaign.dig", "--json").json
    shown = td_line("runs", "show", "--json").json

    assert list(shown)[:3] == ["run_id", "status", "tasks"]
    for task, told in zip(shown["tasks"], report["tasks"], strict=True):
        assert {name: value for name, value in task.items() if name != "requests_detail"} == told
    members = shown["tasks"][0]["requests_detail"]
    assert [(each["request"], each["rows"], each["written"], each["attempts"]) for each in members] == [
        (number, 5, 5, 1) for number in range(1, 5)
    ]
    assert {each["outcome"] for each in members} == {"accepted"}
    assert [each["ticket"]["task"] for each in members] == [1000, 1001, 1002, 1003]


def test_a_request_that_had_to_be_tried_again_has_as_many_attempts(
    batches: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    maac.faults.add(Fault(FaultKind.SERVER_ERROR, on="member_import", after=1))
    td_line("run", "campaign.dig", "--task", "+members")
    [task] = td_line("runs", "show", "--json").json["tasks"]

    assert [each["attempts"] for each in task["requests_detail"]] == [1, 2, 1, 1]


def test_a_request_of_a_run_that_was_stopped_stands_open(batches: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    maac.faults.add(Fault(FaultKind.STUCK, on="member_import", after=1))
    text = (batches / "td-line.yml").read_text()
    (batches / "td-line.yml").write_text(f"{text}    task_timeout: 0.05\n")
    td_line("run", "campaign.dig")
    shown = td_line("runs", "show")
    [task] = td_line("runs", "show", "--json").json["tasks"]

    assert [each["outcome"] for each in task["requests_detail"]] == ["accepted", "open"]
    assert task["requests_detail"][1]["ticket"] == {"task": 1001}
    assert "goes on with it" in shown.out


NO_GUARDS = {"max_invalid": None, "max_shrink": None}
NOWHERE = {"connection": "maac", "plugin": "x", "settings": {}, "left_out": [], "secrets": {}, "values": {}}
STDIN = {"name": "standard input", "file": None, "format": None, "encoding": None, "target": NOWHERE}


@pytest.mark.parametrize(
    "order",
    [{"guards": NO_GUARDS, "plan": True, "file": STDIN}, {"guards": NO_GUARDS, "plan": False, "file": STDIN}],
    ids=["a plan", "an export of standard input"],
)
def test_nobody_is_told_to_resume_what_cannot_be_resumed(
    batches: Path, td_line: TdLine, order: dict[str, object]
) -> None:
    history = History(batches / ".td-line")
    history.folder("20261121T000000-000001").mkdir(parents=True)
    with Recording.open(history.path, "20261121T000000-000001") as recording:
        recording.run_began(datetime.now(UTC), "standard input", order, None)
    shown, ended = td_line("runs", "show"), td_line("resume", "latest")

    assert (shown.code, ended.code) == (0, 2)
    assert "interrupted" in shown.out
    assert "goes on with it" not in shown.out


def test_whoever_must_mend_a_query_is_told_that_the_run_goes_on(batches: Path, td_line: TdLine) -> None:
    text = (batches / "campaign.dig").read_text()
    (batches / "campaign.dig").write_text(text.replace("SELECT line_uid FROM people", "SELECT nobody FROM people"))
    ran = td_line("run", "campaign.dig")

    assert "goes on with it" in ran.out
    assert "goes on with it" in td_line("runs", "show").out


def test_a_person_is_told_of_requests_and_rejects(batches: Path, td_line: TdLine) -> None:
    td_line("run", "campaign.dig")

    assert "4\t5\ttask 1003\taccepted\t5\t0\t" in td_line("runs", "show", "latest").out
    members, segment = td_line("runs", "rejects", "--json").json
    assert (members["task"], segment["task"]) == ("+members", "+segment")
    assert Path(members["rejects"]).read_text().count("\n") == 1


def test_a_run_that_is_deleted_is_forgotten_with_its_files(batches: Path, td_line: TdLine) -> None:
    run_id = td_line("run", "campaign.dig", "--json").json["run_id"]

    assert td_line("runs", "delete", run_id[:-2]).code == 0
    assert td_line("runs", "--json").json == []
    assert not list((batches / ".td-line" / "runs").iterdir())


@pytest.mark.parametrize(("days", "remembered"), [(89, 2), (91, 1)])
def test_runs_are_forgotten_after_their_days(batches: Path, td_line: TdLine, days: int, remembered: int) -> None:
    history = History(batches / ".td-line")
    with Recording.open(history.path, "20200101T000000-000001") as recording:
        order = {"guards": {"max_invalid": None, "max_shrink": None}, "plan": False}
        recording.run_began(datetime.now(UTC) - timedelta(days=days), "old.dig", order, None)
    begin(batches)

    assert len(td_line("runs", "--json").json) == remembered


def test_how_long_runs_are_remembered_can_be_said(batches: Path) -> None:
    text = (batches / "td-line.yml").read_text()
    (batches / "td-line.yml").write_text(f"keep_history_days: 7\nkeep_days: 5\n{text}")
    assert read_project(batches).keep_history_days == 7

    (batches / "td-line.yml").write_text(f"keep_history_days: 7\nkeep_days: 20\n{text}")
    assert read_project(batches).keep_history_days == 20


def test_a_damaged_history_stops_a_run_before_anything_is_sent_and_says_what_to_do(
    batches: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    (batches / ".td-line" / "history.sqlite").write_bytes(b"no database at all " * 100)
    run, listing = td_line("run", "campaign.dig", "--json"), td_line("runs")

    assert (run.code, listing.code) == (1, 1)
    assert "Moved away, it is begun anew" in run.json["error"]["message"]
    assert "Moved away, it is begun anew" in listing.err
    assert not maac.calls


def test_a_history_that_cannot_be_written_stops_a_run_before_anything_is_sent(
    batches: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    (batches / ".td-line" / "history.sqlite").mkdir()
    ended = td_line("run", "campaign.dig")

    assert (ended.code, maac.calls) == (1, [])


FULL = "CREATE TRIGGER full BEFORE UPDATE ON task BEGIN SELECT RAISE(FAIL, 'the disk is full'); END"


def run_until_the_disk_is_full(folder: Path) -> RunReport:
    """Run the members' task; once its first request is about to go, the history takes no more of it."""
    project, session = read_project(folder), new_session()
    workflow = read_workflow(folder / "campaign.dig", project, default_registry(), session)
    order = WorkflowOrder(file=workflow.path, only="+members", session=session, tasks=["+members"])

    def fill_the_disk(event: Event) -> None:
        if isinstance(event, SendingBegan):
            with closing(open_writer(History(folder / ".td-line").path)) as connection:
                connection.execute(FULL)

    with prepare(project, fill_the_disk, order) as runner:
        return runner.run(workflow.tasks[:1])


def test_a_history_that_fails_on_the_way_is_a_warning_and_costs_nothing(
    batches: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    report = run_until_the_disk_is_full(batches)

    assert (report.exit_code, report.rows.written) == (0, 20)
    [warning] = report.tasks[0].warnings
    assert "recording the run in the history: the disk is full; what was sent is not affected" in warning
    with closing(open_writer(batches / ".td-line" / "history.sqlite")) as connection:
        connection.execute("DROP TRIGGER full")
    ended = td_line("resume", "latest", "--json")
    assert (ended.code, ended.json["tasks"][0]["rows"]["written"]) == (0, 20)
    assert len(maac.account().imports) == 4
    assert [len(task["requests_detail"]) for task in td_line("runs", "show", "--json").json["tasks"]] == [4]


def test_the_snapshot_stays_until_its_task_is_recorded(batches: Path) -> None:
    run_until_the_disk_is_full(batches)

    assert list(batches.glob(".td-line/runs/*/01-members/snapshot.sqlite"))


def test_the_history_is_private(batches: Path, td_line: TdLine) -> None:
    td_line("run", "campaign.dig")

    assert {path.stat().st_mode & 0o077 for path in (batches / ".td-line").glob("history.sqlite*")} == {0}
