"""The reference says what the code does, no more and no less."""

import json
import re
from pathlib import Path

import pytest

from td_line_connectors.cli.app import COMMANDS
from td_line_connectors.connectors.crescendo.members import COUNTED_ERRORS, NAMED_ERRORS
from td_line_connectors.connectors.line_oa.columns import COLUMNS
from td_line_connectors.project.notification import KEYS as NOTIFICATION_KEYS
from td_line_connectors.project.project import KEYS
from td_line_connectors.report import RowOutcome, TaskPlan, TaskReport
from tests.docs.pages import DOCS, fences
from tools.reference.codes import codes
from tools.reference.pages import pages

REFERENCE = DOCS / "reference"
CODES = re.compile(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", re.MULTILINE)


def first_cells(page: Path, part: str = "") -> list[str]:
    """Give the codes in the first cells of a page's tables, from where `part` stands."""
    text = page.read_text(encoding="utf-8")
    return [code for cell in CODES.findall(text[text.index(part) :]) for code in re.findall(r"`([a-z_]+)`", cell)]


@pytest.mark.parametrize(("path", "text"), pages().items(), ids=lambda each: getattr(each, "name", "")[:40])
def test_what_the_code_writes_is_fresh(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run `make reference`"


def test_every_code_that_an_issue_can_have_has_its_cause_and_cure() -> None:
    far_side = {*COUNTED_ERRORS, *NAMED_ERRORS, "refused"}
    given = {*codes(), *far_side}
    listed = first_cells(REFERENCE / "errors.md", "## Codes: values")

    assert sorted(given - {*listed}) == [], "give it a line in docs/reference/errors.md"
    assert sorted({*listed} - given) == [], "nothing gives it any more"
    assert len(listed) == len({*listed})


def test_every_entry_of_the_error_index_has_a_cause_and_a_cure() -> None:
    lines = (REFERENCE / "errors.md").read_text(encoding="utf-8").partition("## Codes: values")[2].splitlines()
    entries = [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in lines if line.startswith("| `")]

    assert entries
    assert [entry for entry in entries if len(entry) != 3 or not all(entry)] == []


def test_every_key_of_the_projects_file_is_explained() -> None:
    page = REFERENCE / "project_file.md"

    assert first_cells(page, "| key |")[: len(KEYS)] == list(KEYS)
    assert all(f"`{key}`" in page.read_text(encoding="utf-8") for key in NOTIFICATION_KEYS)


def test_every_command_is_in_the_overview() -> None:
    page = (REFERENCE / "command_line.md").read_text(encoding="utf-8")

    assert [name for name in COMMANDS if f"`{name}" not in page] == []


def test_every_outcome_is_explained() -> None:
    for name in ("rows.md", "numbers.md"):
        page = (DOCS / "explanation" / name).read_text(encoding="utf-8").replace("`", "")
        assert [outcome for outcome in RowOutcome if f"| {outcome.value} |" not in page] == []


def test_every_number_of_a_report_is_explained() -> None:
    page = (DOCS / "explanation" / "numbers.md").read_text(encoding="utf-8")

    assert all(f"| `{key}` |" in page for key in ("read", "requests", "seconds", "issues"))


def test_the_report_shown_has_the_reports_keys() -> None:
    [fence] = [each for each in fences("json", page="command_line.md") if '"tasks"' in each.text]

    assert list(json.loads(fence.text)["tasks"][0]) == list(TaskReport(task="x").to_json())


def test_the_plan_shown_is_one() -> None:
    [fence] = [each for each in fences("json", page="command_line.md") if '"plan"' in each.text]
    shown = json.loads(fence.text)["plan"]

    assert TaskPlan.from_json(shown).to_json() == shown


def test_every_column_of_raw_and_events_is_explained() -> None:
    page = (REFERENCE / "tables.md").read_text(encoding="utf-8")

    assert [column.name for each in COLUMNS.values() for column in each if f"| `{column.name}` |" not in page] == []
