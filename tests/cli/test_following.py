"""When a run has ended, the figures are written and whoever is to be told is told; the run stays as it ended."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from td_line_connectors.cli.notifying import notify
from td_line_connectors.project.notification import Notification
from td_line_connectors.runs.figures import figures_of
from td_line_connectors.runs.history_store import History
from td_line_connectors.settings.secrets import Secrets
from td_line_connectors.spi import Runtime
from td_line_connectors.testing import MaacEmulator
from tests.cli.batches import write_batches
from tests.cli.conftest import TdLine
from tests.cli.terminal import ROOT, in_terminal
from tests.transport.far_side import Connection, FarSide, Server, answer

KEEP = "import sys\nopen('told.jsonl', 'a').write(sys.stdin.read() + '\\n')\nprint('printed by the program')\n"
"""A program that keeps what it is given."""

LEFT = """\
import os, time
for _ in range(400):
    if not os.path.exists("done"):
        time.sleep(0.05)
open("over", "w").close()
"""
"""A program that goes on until it is told that the test is done, and then says that it is over."""


@pytest.fixture
def pager() -> Iterator[FarSide]:
    """An address that takes everything, over a real socket."""
    with Server(("127.0.0.1", 0), Connection) as server:
        server.far_side = FarSide([answer("200 OK", b"ok")], url=f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.far_side
        server.shutdown()
        thread.join()


@pytest.fixture
def batches(folder: Path, maac: MaacEmulator) -> Path:
    write_batches(folder, maac)
    (folder / "keep.py").write_text(KEEP)
    return folder


def add(folder: Path, text: str) -> None:
    """Write further keys into the project's file."""
    file = folder / "td-line.yml"
    file.write_text(f"{text}\n{file.read_text()}")


def tell_program(folder: Path, on: str = "always", program: str = "keep.py") -> None:
    add(folder, f"notify: {{on: {on}, command: [{sys.executable}, {program}]}}")


def told(folder: Path) -> list[Any]:
    file = folder / "told.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_a_program_gets_the_report_on_its_standard_input(batches: Path, td_line: TdLine) -> None:
    tell_program(batches)
    ended = td_line("run", "campaign.dig", "--json")

    assert (ended.code, ended.err) == (0, "")
    assert told(batches) == [{"project": batches.name, "what": "campaign.dig", **ended.json}]


def test_an_address_gets_the_report_with_its_secret_header(
    batches: Path, td_line: TdLine, pager: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TD_LINE_SECRET_PAGER_TOKEN", "t0ken")
    headers = "headers: {Authorization: 'Bearer ${secret:pager.token}'}"
    add(batches, f"notify: {{on: always, url: '{pager.url}/hook', {headers}}}")
    ended = td_line("run", "campaign.dig", "--json")
    [request] = pager.requests

    assert json.loads(request.body) == {"project": batches.name, "what": "campaign.dig", **ended.json}
    assert request.headers["authorization"] == "Bearer t0ken"
    assert request.headers["content-type"] == "application/json"


def test_nobodys_data_is_in_what_is_told(batches: Path, td_line: TdLine) -> None:
    tell_program(batches)
    td_line("run", "campaign.dig")

    assert "U0000000000" not in (batches / "told.jsonl").read_text()


def test_after_a_success_nobody_is_told_unless_that_is_wanted(batches: Path, td_line: TdLine) -> None:
    tell_program(batches, on="error")
    assert td_line("run", "campaign.dig").code == 0
    assert told(batches) == []

    assert td_line("run", "campaign.dig").code == 2
    assert told(batches)[0]["tasks"][-1]["error"]["kind"] == "config"


def test_an_export_a_resumption_and_a_retry_are_told_too(
    batches: Path, td_line: TdLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_program(batches)
    settings = ["-s", "data_object=members", "-s", "import_key=line_uid", "-s", "tags=a"]
    monkeypatch.setenv("TD_LINE_SECRET_MAAC_API_TOKEN", "wr0ng")
    assert td_line("export", "--connection", "maac", *settings, "people.csv").code == 5

    monkeypatch.delenv("TD_LINE_SECRET_MAAC_API_TOKEN")
    assert td_line("resume", "latest").code == 0
    assert td_line("retry", "latest").code == 3
    assert [(each["what"].split()[0], each["status"]) for each in told(batches)] == [
        ("people.csv", "error"),
        ("people.csv", "success"),
        ("rejects", "error"),
    ]


def test_a_plan_and_a_run_with_nothing_left_are_not_told(batches: Path, td_line: TdLine) -> None:
    assert td_line("run", "campaign.dig").code == 0
    tell_program(batches)

    assert td_line("run", "campaign.dig", "--plan").code in {0, 2}
    assert td_line("run", "nowhere.dig", "--plan").code == 2
    assert td_line("resume", td_line("runs", "--json").json[-1]["run_id"]).code == 0
    assert told(batches) == []


def test_a_run_that_cannot_begin_is_told(batches: Path, td_line: TdLine) -> None:
    tell_program(batches, on="error")
    ended = td_line("run", "nowhere.dig", "--json")

    assert ended.code == 2
    assert told(batches) == [{"project": batches.name, "what": None, **ended.json}]


def test_a_person_who_sees_that_a_run_cannot_begin_is_enough(batches: Path) -> None:
    tell_program(batches, on="error")
    code, shown = in_terminal(["run", "nowhere.dig"], batches)

    assert (code, told(batches)) == (2, [])
    assert "there is no such file" in shown


FAILING = {
    "a program that fails": ("sys.exit(3)", "ended with exit code 3"),
    "a program that is killed": ("os.kill(os.getpid(), 9)", "ended with signal 9"),
}


@pytest.mark.parametrize(("last", "said"), FAILING.values(), ids=FAILING)
def test_a_hook_that_fails_is_a_warning_here_and_in_the_history_and_changes_nothing(
    batches: Path, td_line: TdLine, last: str, said: str
) -> None:
    (batches / "bad.py").write_text(f"import os, sys\n{last}\n")
    tell_program(batches, program="bad.py")
    ended = td_line("run", "campaign.dig", "--json")
    warning = f"notify: command: {sys.executable}: {said}"

    assert (ended.code, ended.json["status"], ended.err) == (0, "success", f"warning: {warning}\n")
    assert td_line("runs", "show", "--json").json["tasks"][-1]["warnings"] == [warning]


def test_a_hook_that_is_not_there_and_one_that_refuses_are_both_told(
    batches: Path, td_line: TdLine, pager: FarSide
) -> None:
    pager.answers[:] = [answer("403 Forbidden")]
    add(batches, f"notify: {{on: always, command: [nowhere-to-be-found], url: '{pager.url}/k3y'}}")
    ended = td_line("run", "campaign.dig")

    assert ended.code == 0
    first, second = ended.err.splitlines()
    assert first == "warning: notify: command: nowhere-to-be-found: No such file or directory"
    assert second.startswith("warning: notify: url: POST to this address: 403")
    assert "k3y" not in ended.out + ended.err


def test_a_missing_secret_is_a_warning_after_the_run_and_an_error_of_check(batches: Path, td_line: TdLine) -> None:
    add(batches, "notify: {on: always, url: 'https://hooks.example.com/${secret:hook.key}'}")

    ended = td_line("run", "campaign.dig")
    assert (ended.code, "there is no secret «hook.key»" in ended.err) == (0, True)

    checked = td_line("check")
    assert (checked.code, "there is no secret «hook.key»" in checked.err) == (2, True)


def test_a_program_that_takes_too_long_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "held")
    reader = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)
    (tmp_path / "slow.sh").write_text("(echo begun; sleep 20; echo late) > held &\nwait\n")
    hook = Notification(command=("/bin/sh", "slow.sh"))
    problems = notify(hook, b"{}", Secrets({}, tmp_path / "none"), tmp_path, Runtime(), hear=print, patience=1.0)
    os.set_blocking(reader, True)
    with open(reader, "rb") as held:  # noqa: PTH123 - a descriptor
        assert held.read() == b"begun\n"  # and no more: nobody holds the other end

    assert problems == ["notify: command: /bin/sh: was not done within 1 s, and was killed"]


def test_what_a_program_writes_on_standard_error_is_shown_in_the_form_of_the_log(
    batches: Path, td_line: TdLine
) -> None:
    (batches / "complain.py").write_text("import sys\nsys.stderr.buffer.write(b'red \\x1b[31m \\xff\\nlast')\n")
    tell_program(batches, program="complain.py")
    assert td_line("run", "campaign.dig").err == "red \\x1b[31m \ufffd\nlast\n"

    lines = [json.loads(line) for line in td_line("--log-format", "json", "run", "campaign.dig").err.splitlines()]
    said = [line["message"] for line in lines if line["event"] == "output"]
    assert said == ["red \x1b[31m \ufffd", "last"]


def test_what_a_program_leaves_running_keeps_nobody_waiting(tmp_path: Path) -> None:
    leave = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {LEFT!r}])"
    hook = Notification(command=(sys.executable, "-c", leave))
    problems = notify(hook, b"{}", Secrets({}, tmp_path / "secrets.yml"), tmp_path, Runtime(), hear=print)
    is_over = (tmp_path / "over").exists()
    (tmp_path / "done").touch()
    assert (problems, is_over) == ([], False)


def test_a_program_is_given_no_shell_and_none_of_the_projects_secrets(
    batches: Path, td_line: TdLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TD_LINE_SECRET_OTHER", "s3cret")
    (batches / "look.py").write_text(
        "import json, os, sys\n"
        "seen = {'arguments': sys.argv[1:], 'secrets': [each for each in os.environ if 'SECRET' in each]}\n"
        "json.dump(seen, open('seen', 'w'))\n"
    )
    argument = "$(touch shell) ; touch shell"
    add(batches, f"notify: {{on: always, command: [{sys.executable}, look.py, '{argument}']}}")
    td_line("run", "campaign.dig", "--task", "+segment")

    assert json.loads((batches / "seen").read_text()) == {"arguments": [argument], "secrets": []}
    assert not (batches / "shell").exists()


def in_a_process(folder: Path, stdout: int | BinaryIO) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "td_line_connectors", "run", "campaign.dig"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""}
    return subprocess.run(command, cwd=folder, stdout=stdout, stderr=subprocess.PIPE, check=False, env=environ)


def test_the_report_is_there_before_the_hook_is_run(batches: Path) -> None:
    (batches / "look.py").write_text("open('seen', 'w').write(open('out').read())\nprint('by the hook')\n")
    tell_program(batches, program="look.py")
    with (batches / "out").open("wb") as out:
        assert in_a_process(batches, out).returncode == 0

    assert (batches / "seen").read_text() == (batches / "out").read_text()
    assert ": done" in (batches / "seen").read_text()


def test_the_hook_is_run_even_if_nobody_reads_the_report(batches: Path) -> None:
    tell_program(batches)
    reader, writer = os.pipe()
    os.close(reader)
    ended = in_a_process(batches, writer)
    os.close(writer)

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert len(told(batches)) == 1


def test_the_figures_are_written_after_each_run_and_a_failure_is_a_warning(batches: Path, td_line: TdLine) -> None:
    add(batches, "metrics_textfile: figures/td-line.prom")
    ended = td_line("run", "campaign.dig")
    assert ended.code == 0
    assert ended.err == "warning: metrics_textfile: writing td-line.prom: No such file or directory\n"

    (batches / "figures").mkdir()
    assert td_line("run", "campaign.dig").code == 2
    written = (batches / "figures" / "td-line.prom").read_bytes()
    assert written == figures_of(History(batches / ".td-line"), batches.name)
    assert b'td_line_run_last_succeeded{project="' + batches.name.encode() + b'",what="campaign.dig"} 0\n' in written


def test_warnings_are_lines_of_the_log_where_there_is_one(batches: Path, td_line: TdLine) -> None:
    add(batches, "metrics_textfile: figures/td-line.prom")
    last = json.loads(td_line("--log-format", "json", "run", "campaign.dig").err.splitlines()[-1])

    assert (last["event"], last["run_id"]) == ("warning", td_line("runs", "--json").json[0]["run_id"])
    assert last["message"].startswith("metrics_textfile: ")
