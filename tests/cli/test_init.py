"""A new project runs as it is, and overwrites nothing."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from td_line_connectors.connectors.crescendo.records import member_schema
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.connections import examine_connections
from td_line_connectors.project.project import read_project
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.files import read_file
from td_line_connectors.workflow.model import QueryTask
from td_line_connectors.workflow.reader import read_workflow
from td_line_connectors.workflow.session import Session
from tests.cli.conftest import TdLine

FILES = ["td-line.yml", "members.dig", "queries/members.sql", "data/members.csv", ".gitignore"]


@pytest.fixture
def started(folder: Path, td_line: TdLine) -> Path:
    assert td_line("init").code == 0
    return folder


def test_every_file_is_written_and_told(folder: Path, td_line: TdLine) -> None:
    ended = td_line("init", "new/project", "--json")

    assert ended.json == {"folder": str(folder / "new" / "project"), "files": FILES}
    assert sorted(
        path.relative_to(folder / "new" / "project").as_posix() for path in folder.rglob("*") if path.is_file()
    ) == sorted(FILES)


def test_the_closing_words_name_commands_that_work(folder: Path, td_line: TdLine) -> None:
    shown = td_line("init").out
    commands = [line.split("#")[0].split() for line in shown.splitlines() if line.startswith("  td-line ")]

    secret = td_line("secrets", "set", "crescendo.api_token", stdin=b"emulated-token\n")
    assert secret.code == 0
    for _, *arguments in commands:
        if arguments[0] in {"db", "table"}:
            assert td_line(*arguments).code == 0, arguments
    assert td_line("query", "sample", "SELECT count(*) AS n FROM members", "--json").json == [{"n": 5}]
    assert "td-line run members.dig" in shown
    assert str(folder) in shown


def test_the_new_project_has_a_right_connection_and_a_right_workflow(started: Path, td_line: TdLine) -> None:
    td_line("secrets", "set", "crescendo.api_token", stdin=b"emulated-token\n")
    project, registry = read_project(started, {}), default_registry()

    examination = examine_connections(project, registry)
    workflow = read_workflow(
        started / "members.dig", project, registry, Session(datetime(2026, 11, 21, tzinfo=UTC), uuid4())
    )

    assert (examination.issues, examination.warnings) == ((), ())
    assert [task.name for task in workflow.tasks] == ["+members"]
    assert workflow.warnings == ()


def test_the_samples_rows_are_right_but_for_the_one_that_shows_a_fault(started: Path, td_line: TdLine) -> None:
    for arguments in (["db", "create", "sample"], ["table", "create", "sample", "members"]):
        td_line(*arguments)
    td_line("table", "import", "sample", "members", "data/members.csv")
    found = Databases(started / ".td-line" / "databases").query(
        "sample", (started / "queries" / "members.sql").read_text()
    )
    reader = member_schema("line_uid", "TW").reader(found.columns)

    wrong = [issues for number, row in enumerate(found.rows, 1) if isinstance(issues := reader.read(row, number), list)]

    assert reader.ignored == ()
    assert [[issue.field for issue in issues] for issues in wrong] == [["birthday"]]


def test_the_sample_is_read_as_a_file_too(started: Path) -> None:
    assert len(list(read_file(started / "data" / "members.csv").rows)) == 5


def test_what_is_there_is_not_overwritten_and_nothing_is_written_beside_it(folder: Path, td_line: TdLine) -> None:
    (folder / "members.dig").write_text("mine")

    ended = td_line("init")

    assert ended.code == 2
    assert "members.dig: is there already" in ended.err
    assert [path.name for path in folder.iterdir()] == ["members.dig"]
    assert (folder / "members.dig").read_text() == "mine"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ".td-line/\n"),
        ("*.pyc", "*.pyc\n.td-line/\n"),
        ("*.pyc\n", "*.pyc\n.td-line/\n"),
        ("a\n.td-line/\n", "a\n.td-line/\n"),
    ],
    ids=["empty", "without a last line end", "with one", "there already"],
)
def test_a_gitignore_that_is_there_keeps_its_lines(folder: Path, td_line: TdLine, before: str, after: str) -> None:
    (folder / ".gitignore").write_text(before)

    assert td_line("init").code == 0

    assert (folder / ".gitignore").read_text() == after


def test_a_folder_that_cannot_be_written_is_told_and_left_as_it_was(folder: Path, td_line: TdLine) -> None:
    (folder / "data").write_text("no folder")

    ended = td_line("init", "--json")

    assert ended.code == 1
    assert json.loads(ended.out)["error"]["message"].startswith("writing data/members.csv: ")
    assert [path.name for path in folder.iterdir() if path.is_file()] == ["data"]


def test_the_workflow_asks_the_sample_database(started: Path, td_line: TdLine) -> None:
    td_line("secrets", "set", "crescendo.api_token", stdin=b"t")
    session = Session(datetime(2026, 11, 21, tzinfo=UTC), uuid4())

    (task,) = read_workflow(started / "members.dig", read_project(started, {}), default_registry(), session).tasks

    assert isinstance(task, QueryTask)
    assert task.database == "sample"
