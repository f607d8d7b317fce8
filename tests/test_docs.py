"""What the pages say is what the code does."""

import io
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from td_line_connectors.cli import main
from td_line_connectors.cli.app import COMMANDS
from td_line_connectors.report import RowOutcome, TaskReport
from td_line_connectors.testing import MaacEmulator

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(language: str) -> list[tuple[str, str]]:
    """Give every fenced block in a language, with the page it stands on."""
    fence = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [(page.name, found) for page in PAGES for found in fence.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("name", ["line_oa_streaming", "line_via_crescendo"])
def test_the_connectors_reference_is_fresh(capsys: pytest.CaptureFixture[str], name: str) -> None:
    page = ROOT / "docs" / "reference" / f"{name}.md"

    assert main(["describe", name, "--markdown"]) == 0
    assert page.read_text(encoding="utf-8") == capsys.readouterr().out


def test_every_command_is_in_the_reference_and_every_one_there_exists() -> None:
    page = (ROOT / "docs" / "reference" / "command_line.md").read_text(encoding="utf-8")

    for name in COMMANDS:
        assert f"`{name}" in page


def test_every_outcome_is_explained() -> None:
    page = (ROOT / "docs" / "explanation" / "rows.md").read_text(encoding="utf-8")

    assert all(f"| {outcome.value} |" in page for outcome in RowOutcome)


def test_the_report_shown_has_the_reports_keys() -> None:
    [(_, text)] = blocks("json")

    assert list(json.loads(text)["tasks"][0]) == list(TaskReport(task="x").to_json())


@pytest.mark.parametrize(("page", "text"), blocks("yaml"), ids=lambda each: each[:20])
def test_yaml_on_a_page_is_yaml(page: str, text: str) -> None:
    assert yaml.safe_load(text), page


def readme(language: str) -> list[str]:
    return [text for page, text in blocks(language) if page == "README.md"]


def test_the_first_export_of_the_readme_goes_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "members.csv").write_text("line_uid,email,phone\nU0123456789abcdef0123456789abcdef,,0912345678\n")
    connections, workflow, *_ = readme("yaml")
    [sql] = readme("sql")
    begin, go, *_ = (text.splitlines() for text in readme("console") if "td-line" in text)
    with MaacEmulator(task_seconds=0) as maac:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(maac.token.encode())))

        assert [main(shlex.split(line.removeprefix("$ td-line "), comments=True)) for line in begin] == [0] * 5
        (tmp_path / "td-line.yml").write_text(f"{connections}    endpoint: {maac.url}\n")  # no test reaches MAAC
        (tmp_path / "queries" / "members.sql").write_text(sql)
        (tmp_path / "members.dig").write_text(workflow)
        assert [main(shlex.split(line.removeprefix("$ td-line "), comments=True)) for line in go] == [0] * 2

        assert [each["mobile"] for each in maac.account().members] == ["+886912345678"]


@pytest.mark.parametrize(("page", "text"), blocks("console"), ids=lambda each: each[:20])
def test_commands_on_a_page_exist(page: str, text: str) -> None:
    for line in text.splitlines():
        words = line.removeprefix("$ ").split()
        assert words[0] in {"make", "pip", "td-line"}, page
        assert words[0] != "td-line" or words[1] in COMMANDS, line


def test_python_on_a_page_compiles() -> None:
    for page, text in blocks("python"):
        compile(text, page, "exec")


@pytest.mark.parametrize("page", PAGES, ids=lambda each: each.name)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("script", sorted((ROOT / "examples").glob("*.py")), ids=lambda each: each.name)
def test_an_example_runs(script: Path) -> None:
    done = subprocess.run([sys.executable, script], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert "written 1" in done.stdout
