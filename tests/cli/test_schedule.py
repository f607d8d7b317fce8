"""The scheduler as people run it: sessions as runs, signals, restarts, switches."""

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from td_line_connectors.runs.holding import is_held
from td_line_connectors.testing import Fault, FaultKind, MaacEmulator
from tests.cli.conftest import TdLine
from tests.cli.rehearsal import uid, write_project
from tests.cli.scheduler import end, hear, schedule, scheduling


@pytest.fixture
def rehearsal(folder: Path, maac: MaacEmulator, td_line: TdLine) -> Path:
    return rehearse(folder, maac, td_line)


def rehearse(folder: Path, maac: MaacEmulator, td_line: TdLine) -> Path:
    write_project(folder, maac)
    assert td_line("db", "create", "shop").code == 0
    assert td_line("table", "create", "shop", "people").code == 0
    assert td_line("table", "import", "shop", "people", "people.csv").code == 0
    return folder


def test_a_session_that_is_due_becomes_a_run_with_its_variables(
    rehearsal: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    file = rehearsal / "campaign.dig"
    file.write_text(file.read_text().replace("import210707", "at ${session_time}"))
    first = schedule(file)
    with scheduling(rehearsal) as process:
        began = hear(process, "began: run ")
        ended = hear(process, "ended with exit code")
        process.send_signal(signal.SIGTERM)
        out, _ = end(process)

    assert process.returncode == 0
    assert f"session {first.isoformat()} began" in began
    assert "exit code 0" in ended
    assert "rows 20 read, 19 written, 1 invalid" in ended
    assert "began: 1, exit 0: 1" in out
    assert {tuple(each["tags"]) for each in maac.account().members} == {
        (f"at {first.isoformat()}", "apple product interested")
    }
    [run_id] = re.findall(r"run (\S+)", began)
    assert td_line("runs", "show", run_id, "--json").json["status"] == "success"


def test_the_list_shows_what_comes_and_what_was(rehearsal: Path, td_line: TdLine) -> None:
    first = schedule(rehearsal / "campaign.dig")
    with scheduling(rehearsal) as process:
        hear(process, "ended with exit code 0")
        process.send_signal(signal.SIGINT)
        end(process)

    [entry] = td_line("schedule", "--list", "--next", "2", "--json").json
    assert (entry["workflow"], entry["timezone"], entry["off"], entry["issues"]) == (
        "campaign.dig",
        "Asia/Taipei",
        None,
        [],
    )
    assert entry["schedule"] == f"cron>: {first.minute} * * * *, skip_delayed_by: 30m"
    assert len(entry["next"]) == 2
    assert (entry["last"]["session"], entry["last"]["exit_code"]) == (first.isoformat(), 0)
    assert re.search(r"last: session \S+, run \S+: ended with exit code 0", td_line("schedule", "--list").out)


def test_the_list_shows_sessions_and_their_runs(project: Path, td_line: TdLine) -> None:
    (project / "a.dig").write_text(
        "timezone: America/New_York\nschedule:\n  daily>: 02:30:00\n  start: 2099-03-08\n  end: 2099-03-09\n"
        "+a:\n  td>:\n  query: SELECT 1\n  database: shop\n"
    )
    assert td_line("schedule", "--list").out.splitlines() == [
        "a.dig: daily>: 02:30:00, start: 2099-03-08, end: 2099-03-09 (America/New_York)",
        "  at 2099-03-08T03:00:00-04:00: session 2099-03-08T00:00:00-05:00",
        "  at 2099-03-09T02:30:00-04:00: session 2099-03-09T00:00:00-04:00",
    ]


def test_the_list_of_nothing_says_so(project: Path, td_line: TdLine) -> None:
    (project / "a.dig").write_text("+a:\n  td>:\n  query: SELECT 1\n  database: shop\n")
    assert "No workflow has a `schedule:` block" in td_line("schedule", "--list").out
    assert td_line("schedule", "--list", "--json").json == []


def test_a_broken_file_is_on_the_list_with_what_is_wrong(project: Path, td_line: TdLine) -> None:
    (project / "a.dig").write_text("schedule:\n  daily>: 25:00:00\n")
    ended = td_line("schedule", "--list")
    assert ended.code == 0
    assert "a.dig: not scheduled" in ended.out
    assert "wrong: a.dig:2:11" in ended.out


def test_a_log_in_json_tells_of_workflow_session_and_run_in_every_line(rehearsal: Path) -> None:
    schedule(rehearsal / "campaign.dig")
    with scheduling(rehearsal, "--log-format", "json", "--json") as process:
        lines = [json.loads(hear(process, "")) for _ in range(2)]
        while lines[-1]["event"] != "session_ended":
            lines.append(json.loads(hear(process, "")))
        process.send_signal(signal.SIGTERM)
        out, err = end(process)

    assert json.loads(out) == {"sessions": {"began": 1, "exit_0": 1}}
    assert [json.loads(line)["event"] for line in err.splitlines()] == ["stopping"]
    assert {line["workflow"] for line in lines} == {"campaign.dig"}
    assert {"workflow_scheduled", "session_began", "task_began", "request_settled"} <= {line["event"] for line in lines}
    assert len({line["run_id"] for line in lines if "run_id" in line}) == 1


def test_a_second_scheduler_of_one_project_is_refused(rehearsal: Path, td_line: TdLine) -> None:
    schedule(rehearsal / "campaign.dig")
    with scheduling(rehearsal) as process:
        hear(process, "campaign.dig")
        refused = td_line("schedule")
    assert refused.code == 2
    assert f"running already (process {process.pid})" in refused.err


def test_a_session_that_ends_with_2_five_times_running_is_switched_off_until_enabled(
    rehearsal: Path, td_line: TdLine
) -> None:
    file = rehearsal / "campaign.dig"
    file.write_text(file.read_text().replace("FROM people", "FROM nobody"))
    schedule(file, sessions=7)
    with scheduling(rehearsal) as process:
        hear(process, r"switched off since .*: 5 sessions running ended with exit code 2.*--enable campaign\.dig")
        process.send_signal(signal.SIGTERM)
        out, _ = end(process)

    assert "began: 5, exit 2: 5" in out
    assert td_line("schedule", "--list", "--json").json[0]["off"]["because"] == "refused"
    assert td_line("schedule", "--enable", "campaign.dig").code == 0
    assert td_line("schedule", "--list", "--json").json[0]["off"] is None


def test_a_workflow_can_be_switched_off_and_on_from_any_folder(
    project: Path, td_line: TdLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "jobs").mkdir()
    (project / "jobs" / "a.dig").write_text("schedule:\n  hourly>: 00:00\n")
    monkeypatch.chdir(project / "jobs")
    assert td_line("schedule", "--disable", "a.dig", "--json").json == {"workflow": "jobs/a.dig", "switched": "off"}
    assert "as somebody asked" in td_line("schedule", "--list").out
    assert td_line("schedule", "--enable", "jobs/a.dig").out == "jobs/a.dig: switched on\n"


def test_an_unknown_workflow_is_told_those_there_are(project: Path, td_line: TdLine) -> None:
    (project / "a.dig").touch()
    ended = td_line("schedule", "--enable", "b.dig")
    assert ended.code == 2
    assert "Known: a.dig" in ended.err


def test_one_thing_at_a_time(project: Path, td_line: TdLine) -> None:
    assert td_line("schedule", "--list", "--enable", "a.dig").code == 2
    assert td_line("schedule", "--next", "5").code == 2
    assert project.is_dir()


@pytest.fixture
def stuck_maac() -> Iterator[MaacEmulator]:
    """An emulator whose first import never ends."""
    with MaacEmulator(task_seconds=0, faults=[Fault(FaultKind.STUCK, on="member_import", times=1)]) as emulator:
        yield emulator


@pytest.fixture
def stuck(folder: Path, stuck_maac: MaacEmulator, td_line: TdLine) -> Path:
    """A project whose runs go on until they are stopped."""
    return rehearse(folder, stuck_maac, td_line)


def run_under_way(folder: Path) -> str:
    """Wait until a run has a snapshot that is sealed and being sent; give the run's id."""
    while not (found := list(folder.glob(".td-line/runs/*/*/snapshot.sqlite"))):
        pass
    return found[0].parent.parent.name


def test_ctrl_c_lets_the_session_end_and_a_second_one_makes_it_resumable(
    stuck: Path, stuck_maac: MaacEmulator, td_line: TdLine
) -> None:
    schedule(stuck / "campaign.dig")
    with scheduling(stuck) as process:
        hear(process, "requests to send")
        os.killpg(process.pid, signal.SIGINT)  # as the terminal does: to all of the group
        hear(process, "waiting for campaign.dig")
        seen = len(stuck_maac.calls)
        while len(stuck_maac.calls) < seen + 20:  # the session still asks how its import goes
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        assert "exit code 143" in hear(process, "ended with exit code")
        [run_id] = re.findall(r"td-line resume (\S+)`", hear(process, "td-line resume"))
        end(process)

    assert process.returncode == 130
    assert td_line("runs", "show", run_id, "--json").json["status"] == "interrupted"


def test_a_session_that_is_killed_with_its_scheduler_is_named_and_not_begun_again(stuck: Path, td_line: TdLine) -> None:
    first = schedule(stuck / "campaign.dig")
    with scheduling(stuck) as process:
        hear(process, "requests to send")
        run_id = run_under_way(stuck)
        process.kill()
    [child] = children_of(run_id)
    os.kill(child, signal.SIGKILL)
    while is_held(stuck / ".td-line" / "runs" / run_id):
        pass

    with scheduling(stuck) as process:
        named = hear(process, "was cut off")
        process.send_signal(signal.SIGTERM)
        end(process)
    assert f"session {first.isoformat()} was cut off: `td-line resume {run_id}` goes on with it" in named
    assert td_line("runs", "show", run_id, "--json").json["status"] == "interrupted"


def test_a_session_that_outlives_its_scheduler_is_seen_to_its_end(stuck: Path) -> None:
    schedule(stuck / "campaign.dig")
    with scheduling(stuck) as process:
        hear(process, "requests to send")
        run_id = run_under_way(stuck)
        process.kill()
    [child] = children_of(run_id)

    with scheduling(stuck) as process:
        hear(process, "next at")
        os.kill(child, signal.SIGTERM)
        assert run_id in hear(process, "was cut off")
        process.send_signal(signal.SIGTERM)
        end(process)
    assert process.returncode == 0


def children_of(run_id: str) -> list[int]:
    """Give the processes that have a run's id among their arguments."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if run_id.encode() in each.read_bytes():
                found.append(int(each.parent.name))
        except OSError:  # it has ended meanwhile
            continue
    return found


def test_a_run_runs_as_if_for_the_session_that_it_is_told(rehearsal: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    file = rehearsal / "campaign.dig"
    file.write_text(
        f"timezone: Asia/Taipei\n{file.read_text().replace('import210707', '${session_date} ${session_uuid}')}"
    )
    for _ in range(2):
        assert td_line("run", "campaign.dig", "--task", "members", "--session", "2026-11-20T16:00:00Z").code == 0

    [(tag, *others)] = {tuple(each["tags"][:-1]) for each in maac.account().members}
    assert others == []
    assert tag.startswith("2026-11-21 ")
    assert [each["line_uid"] for each in maac.account().members] == [uid(each) for each in range(9)]


@pytest.mark.parametrize("text", ["2026-11-21", "2026-11-21T00:00:00", "now"])
def test_a_sessions_time_needs_its_offset(rehearsal: Path, td_line: TdLine, text: str) -> None:
    ended = td_line("run", "campaign.dig", "--session", text)
    assert ended.code == 2
    assert "such as 2026-11-21T00:00:00+08:00" in ended.err


def test_a_runs_name_cannot_lead_out_of_the_state_folder(rehearsal: Path, td_line: TdLine) -> None:
    assert td_line("run", "campaign.dig", "--run-id", "../../outside").code == 2
