"""What is wrong with a workflow file is said: where, which rule, how to mend it. All of it at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from td_line_connectors.errors import ConfigError
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.workflow.reader import WorkflowExamination, examine_workflow, read_workflow
from td_line_connectors.workflow.session import Session

MakeProject = Callable[..., Project]
Examine = Callable[[str], WorkflowExamination]
SESSION = Session(datetime(2026, 11, 21, 17, 30, tzinfo=UTC), UUID(int=5))
PROJECT = "connections:\n  crescendo_tw:\n    type: line_via_crescendo\n    api_token: t\n"
TREASURE_DATA = "  td:\n    type: treasure_data\n    api_key: 1/k3y\n"


@pytest.fixture
def examine(make_project: MakeProject, registry: Registry, tmp_path: Path) -> Examine:
    project = make_project(PROJECT + TREASURE_DATA)
    (tmp_path / "q.sql").write_text("SELECT 1")
    (tmp_path / "bad.sql").write_text("SELECT 1,\n  '${sesion_date}',\n  '${secret:x}'")
    (tmp_path / "empty.sql").write_text(" \n")
    (tmp_path / "big5.sql").write_bytes("SELECT '台'".encode("big5"))

    def look(text: str) -> WorkflowExamination:
        (tmp_path / "wf.dig").write_bytes(text.encode("utf-8", "surrogatepass"))
        return examine_workflow(tmp_path / "wf.dig", project, registry, SESSION)

    return look


def task(*lines: str) -> str:
    """Write a task whose own lines begin in line 5."""
    return "_export:\n  td: {database: db1}\n+a:\n  td>: q.sql\n" + "".join(f"  {line}\n" for line in lines)


SEGMENT = "{data_object: segments, segment_name: x}"

BAD = [
    ("empty", "", "wf.dig:1:1", "is empty"),
    ("a list", "- a", "wf.dig:1:1", "no mapping"),
    ("no task", "timezone: UTC", "wf.dig:1:1", "no task"),
    ("product page", "timezone: UTC\n    database: x\n  result_connection: a\n    b: c", "wf.dig:2:13", "product page"),
    ("not utf-8 elsewhere", "+a:\n  td>: big5.sql\n  database: db1", "big5.sql:1:9", "UTF-8"),
    ("unknown key", f"timezon: UTC\n{task()}", "wf.dig:1:1", "Did you mean «timezone»?"),
    ("digdag directive", f"_parallel: true\n{task()}", "wf.dig:1:1", "not supported here: tasks run in order"),
    ("digdag error handler", f"_error: {{sh>: x}}\n{task()}", "wf.dig:1:1", "not supported here"),
    ("include", "!include : 'other.dig'", "wf.dig:1:1", "!include is not supported"),
    ("operator at the top", f"td>: q.sql\n{task()}", "wf.dig:1:1", "stands in a task"),
    ("abbreviated zone", f"timezone: CST\n{task()}", "wf.dig:1:11", "Asia/Taipei"),
    ("commented zone", f"timezone: # Asia/Taipei\n{task()}", "wf.dig:1:1", "put it in quotes"),
    ("zone typo", f"timezone: Asia/Taipe\n{task()}", "wf.dig:1:11", "Did you mean «Asia/Taipei»?"),
    ("schedule", f"schedule: {{daily>: noon}}\n{task()}", "wf.dig:1:20", "HH:MM:SS"),
    ("task name", "+a b: {td>: q.sql, database: db1}", "wf.dig:1:1", "a task's name"),
    ("task name with a variable", "+${a}: {td>: q.sql, database: db1}", "wf.dig:1:1", "a task's name"),
    ("task without a block", "+a: q.sql", "wf.dig:1:1", "a task is a block"),
    ("task without an operator", "+a: {query: SELECT 1}", "wf.dig:1:1", "has no operator"),
    ("task with two operators", task("td_result_export>:"), "wf.dig:3:1", "several operators"),
    ("operator and tasks", task("+b: {td>: q.sql}"), "wf.dig:3:1", "a task of its own"),
    ("unknown operator", "+a: {tb>: q.sql}", "wf.dig:1:6", "Did you mean «td>»?"),
    ("digdag operator", "+a: {sh>: ls, _env: {}}", "wf.dig:1:6", "digdag operator that is not supported here"),
    ("td_load", "+a: {td_load>: x.yml}", "wf.dig:1:6", "digdag operator that is not supported here"),
    ("retry", task("_retry: 3"), "wf.dig:5:3", "resume"),
    ("key typo", task("enigne: duckdb"), "wf.dig:5:3", "Did you mean «engine»?"),
    ("result_url", task("result_url: mysql://u:s3cret@h/d"), "wf.dig:5:3", "result_connection"),
    ("td option", task("create_table: x"), "wf.dig:5:3", "not supported here"),
    (
        "task in a td task's keys",
        "+a:\n  query: x\n  +b: {td>: q.sql, database: db1}",
        "wf.dig:2:3",
        "no key of a task with tasks",
    ),
    ("no database", "+a: {td>: q.sql}", "wf.dig:1:1", "needs `database:`"),
    ("database name", "+a: {td>: q.sql, database: My-DB}", "wf.dig:1:28", "a-z"),
    ("database list", "+a: {td>: q.sql, database: [a]}", "wf.dig:1:18", "must be a text"),
    ("commented database", "+a:\n  td>: q.sql\n  database: # db1", "wf.dig:3:3", "put it in quotes"),
    ("engine", task("engine: sqllite"), "wf.dig:5:11", "Did you mean «sqlite»?"),
    ("engine on treasure data", task("engine: presto", "connection: x"), "wf.dig:6:15", "Known: td."),
    ("no file", "+a: {td>: nope.sql, database: db1}", "wf.dig:1:11", "nope.sql: there is no such file"),
    ("a folder", "+a: {td>: ., database: db1}", "wf.dig:1:11", "folder"),
    ("SQL for a file", "+a: {td>: SELECT 1, database: db1}", "wf.dig:1:11", "write it as `query:`"),
    ("file and query", task("query: SELECT 1"), "wf.dig:4:3", "keep one"),
    ("neither file nor query", "+a: {td>: , database: db1}", "wf.dig:1:6", "needs the name of an SQL file"),
    ("commented file", "+a:\n  td>: # q.sql\n  database: db1", "wf.dig:2:3", "put it in quotes"),
    ("data", "+a: {td>: {data: SELECT 1}, database: db1}", "wf.dig:1:6", "`query:` beside it"),
    ("empty file", "+a: {td>: empty.sql, database: db1}", "empty.sql:1:1", "no SQL"),
    ("empty query", "+a: {td>: , query: ' ', database: db1}", "wf.dig:1:20", "must be SQL"),
    ("variable in SQL", "+a: {td>: bad.sql, database: db1}", "bad.sql:2:4", "Did you mean «session_date»?"),
    ("secret in a name", "+a: {td>: '${secret:x}.sql', database: db1}", "wf.dig:1:11", "never in SQL, a name"),
    ("exports that are no mapping", f"{task()}+b: {{_export: [a], td>: q.sql}}", "wf.dig:5:6", "mapping of names"),
    (
        "export of a built-in",
        f"{task()}+b: {{_export: {{timezone: x}}, td>: q.sql}}",
        "wf.dig:5:16",
        "nothing can override",
    ),
    (
        "export of digdag's",
        f"{task()}+b: {{_export: {{session_id: x}}, td>: q.sql}}",
        "wf.dig:5:16",
        "nothing can override",
    ),
    (
        "export of task_name",
        f"{task()}+b: {{_export: {{task_name: x}}, td>: q.sql}}",
        "wf.dig:5:16",
        "nothing can override",
    ),
    (
        "typo in the defaults",
        "_export: {td: {databse: x}}\n+a: {td>: q.sql, database: db1}",
        "wf.dig:1:16",
        "«database»",
    ),
    (
        "defaults that are no mapping",
        "_export: {td: db1}\n+a: {td>: q.sql, database: db1}",
        "wf.dig:1:11",
        "must be a mapping",
    ),
    (
        "unused JavaScript",
        f"{task()}+b: {{_export: {{x: '${{moment()}}'}}, td>: q.sql}}",
        "wf.dig:5:19",
        "no JavaScript",
    ),
    (
        "last results",
        task("query: 1").replace("q.sql", "").replace("query: 1", "query: ${td.last_results.n}"),
        "wf.dig:5:10",
        "runs",
    ),
    (
        "session id",
        task("query: 1").replace("q.sql", "").replace("query: 1", "query: ${session_id}"),
        "wf.dig:5:10",
        "session_uuid",
    ),
    ("unknown connection", task("result_connection: crescendo"), "wf.dig:5:22", "Did you mean «crescendo_tw»?"),
    ("secret for a connection", task("result_connection: ${secret:x}"), "wf.dig:5:22", "write the name out"),
    ("empty connection", task("result_connection:", f"result_settings: {SEGMENT}"), "wf.dig:5:3", "no value"),
    ("commented connection", task("result_connection: # x"), "wf.dig:5:3", "put it in quotes"),
    (
        "variable without a value",
        "_export: {x: , td: {database: db1}}\n" + task("result_connection: ${x}").split("\n", 2)[2],
        "wf.dig:4:22",
        "without a value",
    ),
    ("list for a connection", task("result_connection: [a]"), "wf.dig:5:3", "connection_name"),
    ("settings alone", task(f"result_settings: {SEGMENT}"), "wf.dig:5:3", "result_connection: your_connection_name"),
    (
        "loose settings",
        task("result_connection: crescendo_tw", "data_object: members"),
        "wf.dig:6:3",
        "result_settings:\n",
    ),
    (
        "block and settings",
        task("result_connection: {connection: crescendo_tw}", "result_settings: {}"),
        "wf.dig:6:3",
        "into the block",
    ),
    ("block without a name", task(f"result_connection: {SEGMENT}"), "wf.dig:5:3", "must say `connection:`"),
    ("block with both", task("result_connection: {connection: a, type: b}"), "wf.dig:5:3", "not both"),
    ("block with an unknown name", task("result_connection: {connection: crescendo}"), "wf.dig:5:35", "«crescendo_tw»"),
    ("block with an empty name", task("result_connection: {connection: }"), "wf.dig:5:23", "no value"),
    ("block of an unknown type", task("result_connection: {type: line_via}"), "wf.dig:5:29", "«line_via_crescendo»"),
    (
        "settings that are no object",
        task("result_connection: crescendo_tw", "result_settings: members"),
        "wf.dig:6:20",
        "JSON object",
    ),
    ("settings as a list", task("result_connection: crescendo_tw", "result_settings: [a]"), "wf.dig:6:3", "not a list"),
    (
        "duplicate key in JSON",
        task("result_connection: crescendo_tw", 'result_settings: \'{"tags": "a", "tags": "b"}\''),
        "wf.dig:6:20",
        "one key twice",
    ),
    ("no settings at all", task("result_connection: crescendo_tw"), "wf.dig:5:3", "is required"),
    (
        "settings typo",
        task("result_connection: crescendo_tw", f"result_settings: {SEGMENT[:-1]}, tag: a}}"),
        "wf.dig:6:61",
        "«tags»",
    ),
    (
        "token for another host",
        task("result_connection: crescendo_tw", f"result_settings: {SEGMENT[:-1]}, endpoint: 'https://evil.example'}}"),
        "wf.dig:6:61",
        "only beside api_token",
    ),
    ("result export with a value", "+a: {td_result_export>: 123}", "wf.dig:1:6", "its keys stand beside it"),
    ("result export without a job", "+a: {td_result_export>: }", "wf.dig:1:1", "needs `job_id:`"),
    (
        "result export without a target",
        "+a: {td_result_export>: , job_id: 1}",
        "wf.dig:1:6",
        "needs `result_connection:`",
    ),
    ("result export of no number", "+a: {td_result_export>: , job_id: last}", "wf.dig:1:35", "job's number"),
    (
        "result export with SQL",
        "+a: {td_result_export>: , job_id: 1, query: x}",
        "wf.dig:1:38",
        "no key of a td_result_export>",
    ),
]


@pytest.mark.parametrize(("text", "where", "word"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_wrong_is_named_with_its_place(examine: Examine, text: str, where: str, word: str) -> None:
    examination = examine(text)
    assert examination.workflow is None
    messages = {issue.where: issue.message for issue in reversed(examination.issues)}
    assert where in messages, messages
    assert word in messages[where]
    assert "s3cret" not in str(examination)


EXACTLY_ONE = [
    "td option",
    "engine",
    "no file",
    "empty query",
    "unused JavaScript",
    "unknown connection",
    "settings typo",
]
EXACTLY_ONE += [
    "digdag operator",
    "block and settings",
    "settings alone",
    "list for a connection",
    "variable without a value",
]


def test_a_job_id_that_stands_for_nothing_is_one_issue(examine: Examine) -> None:
    target = f"{{connection: crescendo_tw, {SEGMENT[1:]}"
    examination = examine(f"+a: {{td_result_export>: , job_id: '${{x}}', result_connection: {target}}}")
    assert [issue.where for issue in examination.issues] == ["wf.dig:1:35"]


@pytest.mark.parametrize("name", EXACTLY_ONE)
def test_one_mistake_is_one_issue(examine: Examine, name: str) -> None:
    (text,) = [case[1] for case in BAD if case[0] == name]
    assert len(examine(text).issues) == 1


def test_everything_wrong_is_reported_at_once_and_once(examine: Examine) -> None:
    text = """timezone: Asia/Taipeh
schedule: {daily>: 7}
_export: {bad: '${1+1}', td: {database: db1}}
+a:
  td>: nope.sql
  result_connection: crescendo
+b:
  sh>: ls
+c:
  +d:
    td>: bad.sql
    result_connection: crescendo_tw
    result_settings: {data_object: members, import_key: uid, tags: '${bad} ${bad}'}
"""
    assert [issue.where for issue in examine(text).issues] == [
        "wf.dig:1:11",
        "wf.dig:2:20",
        "wf.dig:3:16",
        "wf.dig:5:8",
        "wf.dig:6:22",
        "wf.dig:8:3",
        "bad.sql:2:4",
        "bad.sql:3:4",
        "wf.dig:13:57",
    ]


def test_loose_settings_get_the_right_shape_once(examine: Examine) -> None:
    examination = examine(
        task("result_connection: crescendo_tw", "data_object: members", "import_key: line_uid", "tags: a")
    )
    loose = [issue.message for issue in examination.issues if issue.code == "shape"]
    assert len(loose) == 3
    assert ["import210707" in message for message in loose] == [True, False, False]


def test_the_raising_form_raises_the_same(make_project: MakeProject, registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "wf.dig").write_text("+a: {sh>: x}\n+b: {py>: x}")
    with pytest.raises(ConfigError) as caught:
        read_workflow(tmp_path / "wf.dig", make_project(""), registry, SESSION)
    assert [issue.where for issue in caught.value.issues] == ["wf.dig:1:6", "wf.dig:2:6"]


def test_a_workflow_that_is_not_there_is_said(make_project: MakeProject, registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"flows/no\.dig: .*no such file"):
        read_workflow(tmp_path / "flows" / "no.dig", make_project(""), registry, SESSION)


def test_files_are_named_from_the_project_on(make_project: MakeProject, registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "wf.dig").write_text("+a: {td>: q.sql, database: db1}")
    (tmp_path / "flows" / "q.sql").write_text("${x}")
    (issue,) = examine_workflow(tmp_path / "flows" / "wf.dig", make_project(""), registry, SESSION).issues
    assert issue.where == "flows/q.sql:1:1"


def test_a_file_outside_the_project_is_named_in_full(
    make_project: MakeProject, registry: Registry, tmp_path: Path
) -> None:
    (tmp_path / "wf.dig").write_text("- a")
    (tmp_path / "project").mkdir()
    project = replace(make_project(""), folder=tmp_path / "project")
    (issue,) = examine_workflow(tmp_path / "wf.dig", project, registry, SESSION).issues
    assert issue.where == f"{tmp_path}/wf.dig:1:1"


WORDS = [
    *(
        "+a",
        "+b",
        "td>",
        "td_result_export>",
        "sh>",
        "query",
        "database",
        "engine",
        "connection",
        "job_id",
        "_export",
        "td",
    ),
    *(
        "result_connection",
        "result_settings",
        "type",
        "data_object",
        "tags",
        "api_token",
        "timezone",
        "schedule",
        "cron>",
    ),
]
TEXTS = [
    "q.sql",
    "SELECT 1",
    "db1",
    "duckdb",
    "presto",
    "crescendo_tw",
    "members",
    "${x}",
    "${a} ${secret:k}",
    "${1}",
    "{}",
]
TREES = st.recursive(
    st.none() | st.sampled_from(TEXTS) | st.text(max_size=5),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.sampled_from(WORDS), below, max_size=5),
    max_leaves=12,
)


def _flow(tree: object) -> str:
    """Write a tree as YAML's flow form, every text in double quotes."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(_flow, tree)) + "]"
    if tree is None:
        return "null"
    return '"' + "".join(f"\\U{ord(character):08x}" for character in str(tree)) + '"'


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(WORDS), TREES, max_size=6).map(_flow) | st.text(max_size=30))
def test_any_file_is_read_or_refused(examine: Examine, text: str) -> None:
    examination = examine(text)
    assert (examination.workflow is None) == bool(examination.issues)
    assert all(issue.where for issue in examination.issues)
