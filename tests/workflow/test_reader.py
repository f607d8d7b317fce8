"""A workflow file becomes typed tasks in order."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from td_line_connectors.errors import ConfigError
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.secret import Secret
from td_line_connectors.workflow.model import Engine, QueryTask, ResultExportTask, Workflow
from td_line_connectors.workflow.reader import examine_workflow, read_workflow
from td_line_connectors.workflow.schedule import ScheduleKind
from td_line_connectors.workflow.session import Session

MakeProject = Callable[..., Project]
SESSION = Session(datetime(2026, 11, 21, 17, 30, tzinfo=UTC), UUID(int=5))
PROJECT = """
connections:
  crescendo_tw:
    type: line_via_crescendo
    api_token: ${secret:crescendo.api_token}
  td:
    type: treasure_data
    api_key: 1/k3y
    region: tokyo
"""
MEMBERS = {"data_object": "members", "import_key": "line_uid", "tags": "import210707, apple product interested"}
TOKEN = {"api_token": Secret("t0p")}


@pytest.fixture
def read(make_project: MakeProject, registry: Registry, tmp_path: Path) -> Callable[[str], Workflow]:
    def read_text(text: str) -> Workflow:
        project = make_project(PROJECT, TD_LINE_SECRET_CRESCENDO_API_TOKEN="t0p")
        (tmp_path / "queries").mkdir(exist_ok=True)
        (tmp_path / "queries" / "members.sql").write_text("SELECT * FROM members\nWHERE day = '${session_date}'")
        (tmp_path / "wf.dig").write_text(text)
        return read_workflow(tmp_path / "wf.dig", project, registry, SESSION)

    return read_text


Read = Callable[[str], Workflow]


def only_query(workflow: Workflow) -> QueryTask:
    (task,) = workflow.tasks
    assert isinstance(task, QueryTask)
    return task


def values(task: QueryTask | ResultExportTask) -> Mapping[str, object]:
    assert task.target is not None
    return task.target.values


def test_the_designs_example_is_read(read: Read) -> None:
    workflow = read("""
timezone: Asia/Taipei
schedule:
  daily>: 07:30:00
_export:
  td:
    database: sample_datasets
+members:
  td>: queries/members.sql
  result_connection: crescendo_tw
  result_settings:
    data_object: members
    import_key: line_uid
    tags: import210707, apple product interested
""")
    task = only_query(workflow)
    assert (workflow.name, workflow.timezone) == ("wf", "Asia/Taipei")
    assert workflow.schedule is not None
    assert workflow.schedule.kind is ScheduleKind.DAILY
    assert (task.name, task.database, task.engine) == ("+members", "sample_datasets", Engine.SQLITE)
    assert task.sql == "SELECT * FROM members\nWHERE day = '2026-11-22'"
    assert task.where == "wf.dig:8:1"
    assert task.target is not None
    assert task.target.name == "crescendo_tw"
    assert values(task) == {**MEMBERS, **TOKEN}


FORMS = {
    "mapping": "  result_connection: crescendo_tw\n  result_settings:\n"
    + "".join(f"    {key}: {value}\n" for key, value in MEMBERS.items()),
    "JSON text": f"  result_connection: crescendo_tw\n  result_settings: '{json.dumps(MEMBERS)}'",
    "JSON text from a variable": "  result_connection: crescendo_tw\n  result_settings: ${json}",
    "mapping from a variable": "  result_connection: ${name}\n  result_settings: ${settings}",
    "block": "  result_connection:\n    connection: crescendo_tw\n"
    + "".join(f"    {key}: {value}\n" for key, value in MEMBERS.items()),
    "complete block": "  result_connection:\n    type: line_via_crescendo\n"
    "    api_token: ${secret:crescendo.api_token}\n"
    + "".join(f"    {key}: {value}\n" for key, value in MEMBERS.items()),
}
EXPORT = f"""
_export:
  name: crescendo_tw
  json: '{json.dumps(MEMBERS)}'
  settings: {{data_object: members, import_key: line_uid, tags: "import210707, apple product interested"}}
"""


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_of_the_export_says_the_same(read: Read, form: str) -> None:
    task = only_query(read(f"{EXPORT}\n+a:\n  td>: queries/members.sql\n  database: db1\n{form}"))
    assert values(task) == {**MEMBERS, **TOKEN}


@pytest.mark.parametrize(
    ("written", "job_id"), [("12345", 12345), ("${td.last_job_id}", None), ("${ td.last_job.id }", None), ("${job}", 7)]
)
@pytest.mark.parametrize("connection", ["", "  connection: td\n"], ids=["the only connection", "by name"])
def test_a_result_export_is_typed(read: Read, written: str, job_id: int | None, connection: str) -> None:
    query = "+q: {td>: , query: SELECT 1, database: db1, engine: presto}"
    export = f"+a:\n  td_result_export>:\n  job_id: {written}\n{connection}{FORMS['mapping']}"
    _, task = read(f"_export: {{job: 7}}\n{query}\n{export}").tasks
    assert isinstance(task, ResultExportTask)
    assert (task.job_id, task.connection.name) == (job_id, "td")
    assert values(task) == {**MEMBERS, **TOKEN}


LAST_JOB = f"+a:\n  td_result_export>:\n  job_id: ${{td.last_job_id}}\n{FORMS['mapping']}"


@pytest.mark.parametrize("before", ["", "+q: {td>: , query: SELECT 1, database: db1}\n"], ids=["nothing", "no job"])
def test_the_last_job_must_be_that_of_a_task_before(read: Read, before: str) -> None:
    with pytest.raises(ConfigError, match="no task before this one runs a query on Treasure Data"):
        read(before + LAST_JOB)


def test_a_result_export_has_a_job_that_a_later_one_may_mean(read: Read) -> None:
    assert len(read(f"+q:\n  td_result_export>:\n  job_id: 5\n{FORMS['mapping']}\n{LAST_JOB}").tasks) == 2


def test_a_query_without_a_target_is_only_counted(read: Read) -> None:
    assert only_query(read("+a:\n  td>: queries/members.sql\n  database: db1")).target is None


def test_a_query_may_stand_inline(read: Read) -> None:
    task = only_query(read("+a:\n  td>:\n  database: db1\n  query: |\n    SELECT '${task_name}'\n    FROM x\n"))
    assert task.sql == "SELECT '+wf+a'\nFROM x\n"


def test_tasks_nest_and_come_in_order(read: Read) -> None:
    query = "{td>: , database: db1, query: '${task_name} ${level}'}"
    workflow = read(f"""
_export: {{level: 0}}
+first: {query}
+group:
  _export: {{level: 1}}
  +inner:
    _export: {{level: 2}}
    +deep: {query}
  +after: {query}
+last: {query}
""")
    assert [(task.name, task.sql) for task in workflow.tasks if isinstance(task, QueryTask)] == [
        ("+first", "+wf+first 0"),
        ("+group+inner+deep", "+wf+group+inner+deep 2"),
        ("+group+after", "+wf+group+after 1"),
        ("+last", "+wf+last 0"),
    ]


def test_a_task_wins_over_the_defaults_and_inner_defaults_over_outer_ones(read: Read) -> None:
    query = "td>: , query: SELECT 1"
    workflow = read(f"""
_export: {{td: {{database: outer, engine: duckdb}}}}
+a: {{{query}, database: own}}
+b:
  _export: {{td: {{database: inner}}}}
  +c: {{{query}}}
""")
    found = [(task.database, task.engine) for task in workflow.tasks if isinstance(task, QueryTask)]
    assert found == [("own", Engine.DUCKDB), ("inner", Engine.DUCKDB)]


def test_the_export_may_come_from_the_defaults(read: Read) -> None:
    settings = json.dumps(MEMBERS)
    text = f"_export: {{td: {{result_connection: crescendo_tw, result_settings: {settings}, database: db1}}}}\n"
    assert values(only_query(read(text + "+a: {td>: queries/members.sql}"))) == {**MEMBERS, **TOKEN}


def test_without_a_zone_and_schedule_it_is_utc_by_hand(read: Read) -> None:
    workflow = read("+a: {td>: , query: '${session_time} ${timezone}', database: db1}")
    assert workflow.schedule is None
    assert only_query(workflow).sql == "2026-11-21T17:30:00+00:00 UTC"


def test_a_secret_travels_through_a_variable_into_a_secret_parameter(read: Read) -> None:
    text = "_export: {token: '${secret:crescendo.api_token}'}\n" + (
        "+a:\n  td>: queries/members.sql\n  database: db1\n" + FORMS["mapping"] + "    api_token: ${token}\n"
    )
    assert values(only_query(read(text)))["api_token"] == Secret("t0p")


def test_a_query_on_treasure_data_takes_the_projects_only_connection(
    make_project: MakeProject, registry: Registry, tmp_path: Path
) -> None:
    (tmp_path / "wf.dig").write_text("+a: {td>: , query: SELECT 1, database: db1, engine: trino}")
    td_jp = "{type: treasure_data, api_key: '${secret:td.key}', region: tokyo}"
    project = make_project(
        f"connections:\n  td_jp: {td_jp}\n  other: {{type: line_via_crescendo}}", TD_LINE_SECRET_TD_KEY="1/k3y"
    )
    task = only_query(read_workflow(tmp_path / "wf.dig", project, registry, SESSION))
    assert task.engine is Engine.TRINO
    assert task.connection is not None
    assert (task.connection.name, task.connection.plugin.name) == ("td_jp", "treasure_data")
    assert task.connection.values == {"api_key": Secret("1/k3y"), "region": "tokyo"}


@pytest.mark.parametrize(
    ("connections", "task", "word"),
    [
        ("{}", "", "the project a connection of the type treasure_data"),
        ("{a: {type: treasure_data}, b: {type: treasure_data}}", "", "one of a, b"),
        ("{abc: {type: treasure_data}}", ", connection: abd", "Did you mean «abc»?"),
        ("{a: {type: line_via_crescendo}}", ", connection: a", "no connection on which queries run. Known: none"),
        ("{a: {type: treasure_data}}", "", "is required: A master key"),
        ("{a: {type: treasure_data, api_key: '${secret:td.key}'}}", "", "td.key"),
    ],
)
def test_a_query_on_treasure_data_says_which_connection_it_misses(
    make_project: MakeProject, registry: Registry, tmp_path: Path, connections: str, task: str, word: str
) -> None:
    (tmp_path / "wf.dig").write_text(f"+a: {{td>: , query: SELECT 1, database: db1, engine: hive{task}}}")
    project = make_project(f"connections: {connections}")
    (issue,) = examine_workflow(tmp_path / "wf.dig", project, registry, SESSION).issues
    assert word in issue.message


def test_what_has_no_effect_is_a_warning(read: Read) -> None:
    text = (
        "+a:\n  td>: queries/members.sql\n  database: db1\n  connection: td\n"
        + FORMS["mapping"]
        + "    segment_name: x\n"
    )
    assert [issue.where for issue in read(text).warnings] == ["wf.dig:4:3", "wf.dig:10:5"]


def test_no_secret_is_in_what_a_workflow_prints(read: Read) -> None:
    workflow = read(f"+a:\n  td>: queries/members.sql\n  database: db1\n{FORMS['mapping']}")
    assert "t0p" not in repr(workflow)
