"""What the pages say is what the code does."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from td_line_connectors.cli import main
from td_line_connectors.cli.app import COMMANDS
from td_line_connectors.report import RowOutcome, TaskReport

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(language: str) -> list[tuple[str, str]]:
    """Give every fenced block in a language, with the page it stands on."""
    fence = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [(page.name, found) for page in PAGES for found in fence.findall(page.read_text(encoding="utf-8"))]


def test_the_connectors_reference_is_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    page = ROOT / "docs" / "reference" / "line_via_crescendo.md"

    assert main(["describe", "line_via_crescendo", "--markdown"]) == 0
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
