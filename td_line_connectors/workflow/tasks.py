"""From a workflow's blocks to its tasks, in order."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from td_line_connectors.errors import ConfigError
from td_line_connectors.project.connections import connection_types
from td_line_connectors.settings.node import Node
from td_line_connectors.settings.scope import Scope
from td_line_connectors.settings.shapes import EXPORT_SHAPE, JOB_SHAPE
from td_line_connectors.storage.names import database_name
from td_line_connectors.workflow.block import Surroundings, TaskBlock
from td_line_connectors.workflow.model import QueryTask, ResultExportTask, Task
from td_line_connectors.workflow.query import read_engine, read_job_connection, read_query_connection, read_sql
from td_line_connectors.workflow.target import read_target
from td_line_connectors.workflow.vocabulary import JOB_KEYS, OPERATORS, QUERY_KEYS, TD_KEYS, unknown_key

__all__ = ["read_exports", "read_tasks"]

TASK_NAME: Final = re.compile(r"\+[^\s+${}]+")
LAST_JOB: Final = re.compile(r"\$\{\s*td\.(last_job_id|last_job\.id)\s*\}")
JOB_ID: Final = re.compile(r"[0-9]{1,18}")


def read_tasks(parent: Node, prefix: str, scope: Scope, surroundings: Surroundings) -> Iterator[Task]:
    """Read the tasks in a block, those below them included.

    Args:
        parent: the workflow, or a task with tasks inside.
        prefix: the parent's name, `+outer`; empty for the workflow.
        scope: the variables that they see.
        surroundings: what they are read with; everything that is wrong is added there.
    """
    for key, node in parent.items.items():
        if not key.startswith("+"):
            continue
        if not TASK_NAME.fullmatch(key):
            message = "a task's name is `+` and then letters, digits or other signs, but no space, `+`, `$` or braces"
            surroundings.issues.append(node.key_issue("name", message))
        if not isinstance(node.value, Mapping):
            message = "a task is a block with an operator, such as `td>:`, or with tasks inside"
            surroundings.issues.append(node.key_issue("shape", message))
            continue
        name = prefix + key
        inner = scope.with_built_in(task_name=scope.built_in["task_name"] + key)
        yield from _task(TaskBlock(name, node, read_exports(node, inner, surroundings), surroundings))


def read_exports(parent: Node, scope: Scope, surroundings: Surroundings) -> Scope:
    """Read the `_export:` of a block, and give the scope inside it."""
    export = parent.items.get("_export")
    if export is None or export.value is None:
        return scope
    if not isinstance(export.value, Mapping):
        surroundings.issues.append(export.key_issue("shape", "must be a mapping of names to values"))
        return scope
    for key, node in export.value.items():
        if key in scope.built_in or key in scope.absent:
            message = f"«{key}» is a built-in variable, which nothing can override: take another name"
            surroundings.issues.append(node.key_issue("built_in", message))
    td = export.value.get("td")
    if td is not None and td.value is not None and not isinstance(td.value, Mapping):
        surroundings.issues.append(td.key_issue("shape", "must be a mapping, such as `database: sample_datasets`"))
        export = export.without("td")
    for key, node in (td.items if td else {}).items():
        if key not in TD_KEYS:
            surroundings.issues.append(node.key_issue("unknown", unknown_key(key, TD_KEYS, "`_export: td:`")))
    inside = scope.nested(export)
    inside.expand(export, surroundings.issues, secrets=True)  # for its faults: a value that no task uses is read too
    return inside


def _task(task: TaskBlock) -> Iterator[Task]:
    """Read one task, or the tasks inside it."""
    operators = [key for key in task.node.items if key.endswith(">")]
    children = [key for key in task.node.items if key.startswith("+")]
    if len(operators) + bool(children) != 1:
        said = "has several operators: one task does one thing"
        if children:
            said = "has an operator and tasks inside: put the operator into a task of its own"
        elif not operators:
            said = f"has no operator: {' or '.join(OPERATORS)}, or tasks inside"
        task.issues.append(task.node.key_issue("shape", said))
    if children or not operators:
        _refuse_keys(task, ("_export", *operators), "a task with tasks inside" if children else "a task")
        yield from read_tasks(task.node, task.name, task.scope, task.surroundings)
    elif "td>" in operators:
        _refuse_keys(task, QUERY_KEYS, "a td> task")
        yield from _query(task)
    elif "td_result_export>" in operators:
        _refuse_keys(task, JOB_KEYS, "a td_result_export> task")
        yield from _result_export(task)
    else:  # what its other keys mean is not known
        task.issues.extend(
            task.node.items[key].key_issue("unknown", unknown_key(key, (), "a task")) for key in operators
        )


def _refuse_keys(task: TaskBlock, known: tuple[str, ...], place: str) -> None:
    """Name every key that does not belong; settings of an export get the right shape shown, once."""
    settings = {each.name for schema in connection_types(task.surroundings.registry).values() for each in schema}
    shape = f":\n{EXPORT_SHAPE}"
    for key, node in task.node.items.items():
        if key in known or (key.startswith("+") and "tasks inside" in place):
            continue
        if key in settings:
            task.issues.append(
                node.key_issue("shape", f"is a setting of the export: it belongs below `result_settings:`{shape}")
            )
            shape = ""
        else:
            task.issues.append(node.key_issue("unknown", unknown_key(key, known, place)))


def _query(task: TaskBlock) -> Iterator[QueryTask]:
    before = len(task.issues)
    sql = read_sql(task)
    database = _database(task)
    engine = read_engine(task)
    connection = read_query_connection(task, engine) if engine else None
    target = read_target(task)
    if len(task.issues) == before and sql and database and engine:
        where = str(task.node.key_at or task.node.at)
        yield QueryTask(
            name=task.name,
            sql=sql,
            database=database,
            engine=engine,
            connection=connection,
            target=target,
            where=where,
        )


def _database(task: TaskBlock) -> str | None:
    """Give the database's name; None where it is none, which is an issue then."""
    name = task.text("database", "the task needs `database:`, of its own or in `_export: td:`")
    try:
        return database_name(name) if name else None
    except ConfigError as error:
        place = task.place("database")
        task.issues.extend(place.issue(issue.code, issue.message) for issue in error.issues)
        return None


def _result_export(task: TaskBlock) -> Iterator[ResultExportTask]:
    before = len(task.issues)
    operator = task.node.items["td_result_export>"]
    if operator.value is not None:
        message = f"takes nothing after the colon: its keys stand beside it:\n{JOB_SHAPE}"
        task.issues.append(operator.key_issue("shape", message))
    job_id = _job_id(task)
    target = read_target(task)
    if not task.node.items.get("result_connection") and task.scope.find("td.result_connection") is None:
        task.issues.append(operator.key_issue("shape", f"needs `result_connection:` and settings:\n{JOB_SHAPE}"))
    connection = read_job_connection(task, operator, "the job is at Treasure Data")
    if len(task.issues) == before and target and connection:
        where = str(task.node.key_at or task.node.at)
        yield ResultExportTask(name=task.name, job_id=job_id, connection=connection, target=target, where=where)


def _job_id(task: TaskBlock) -> int | None:
    """Give the job's number; None for the last job, or where something is wrong, which is an issue then."""
    written = task.node.items.get("job_id")
    if written and isinstance(written.value, str) and LAST_JOB.fullmatch(written.value.strip()):
        return None
    before = len(task.issues)
    text = task.text("job_id")
    if text and JOB_ID.fullmatch(text):
        return int(text)
    if len(task.issues) == before:
        message = "needs `job_id:` with a job's number, or `${td.last_job_id}`"
        task.issues.append(
            written.issue("job_id", message) if text and written else task.node.key_issue("job_id", message)
        )
    return None
