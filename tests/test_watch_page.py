"""What docs/how-to/watch.md tells to type does what it says."""

import json
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from td_line_connectors.cli import main
from td_line_connectors.cli.log_lines import NAMES
from td_line_connectors.project.project import read_project
from td_line_connectors.testing import MaacEmulator
from tests.cli.rehearsal import MEMBERS, people, write_project

PAGE = (Path(__file__).parents[1] / "docs" / "how-to" / "watch.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def td_line(line: str) -> int:
    return main(shlex.split(line.removeprefix("$ td-line ").partition("2>")[0]))


@pytest.fixture
def members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a project with a workflow of that name, and the current one."""
    monkeypatch.chdir(tmp_path)
    with MaacEmulator(task_seconds=0) as maac:
        write_project(tmp_path, maac)
        (tmp_path / "members.dig").write_text(MEMBERS)
        (tmp_path / "people.csv").write_text(people(10))
        for line in ("db create shop", "table create shop people", "table import shop people people.csv"):
            assert td_line(line) == 0
        yield tmp_path


def test_the_commands_go_through_and_write_what_they_name(members: Path) -> None:
    log, look, _ = (text.splitlines() for text in blocks("console"))

    assert [td_line(line) for line in [*log, *look]] == [0] * 6
    assert (members / "report.html").read_text().startswith("<!doctype html>")
    assert (members / "rejects.csv").read_text().startswith("\ufeff#rows,#outcome,#issues,line_uid,birthday")


def test_the_keys_of_the_project_are_read_and_do_what_is_said(members: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    textfile, _, notify = blocks("yaml")
    *_, [trial] = (text.splitlines() for text in blocks("console"))
    program = members / "mail-report"
    program.write_text(f"#!{sys.executable}\nimport sys\nopen('told', 'w').write(sys.stdin.read())\n")
    program.chmod(0o700)
    for key in ("HOOK_KEY", "HOOK_TOKEN"):
        monkeypatch.setenv(f"TD_LINE_SECRET_{key}", "s3cret")
    file = members / "td-line.yml"
    connections, figures = file.read_text(), textfile.replace("/var/lib/node_exporter", str(members))
    file.write_text(figures + notify + connections)
    project = read_project(members)
    assert project.notification is not None
    assert project.notification.address(project.secrets) is not None

    command, _, _ = notify.partition("  url:")  # no test reaches the address
    file.write_text(figures + command.replace("/usr/local/bin", str(members)) + connections)
    assert td_line("run members.dig") == 0
    assert "td_line_run_last_succeeded" in (members / "td-line-brand.prom").read_text()
    assert not (members / "told").exists()
    assert td_line(trial) == 2
    assert json.loads((members / "told").read_text())["error"]["kind"] == "config"


def test_the_line_shown_is_one_and_every_event_is_told() -> None:
    [shown] = blocks("text")
    events = re.findall(r"^\| `(\w+)` \| ", PAGE.partition("| `event` |")[2].partition("##")[0], re.MULTILINE)

    assert json.loads(shown)["event"] == "request_settled"
    assert events == [*(each for each in events if each in NAMES.values()), "warning", "output", "error"]
    assert sorted(events) == sorted([*NAMES.values(), "warning", "output", "error"])


def test_the_alerts_speak_of_figures_that_are_written() -> None:
    _, rules, _ = blocks("yaml")
    alerts = [rule["expr"] for rule in yaml.safe_load(rules)["groups"][0]["rules"]]

    assert alerts
    for name in {name for each in alerts for name in re.findall(r"td_line_\w+", each)}:
        assert f"| `{name}` |" in PAGE
