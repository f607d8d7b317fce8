"""Which SQL does a task run, and on what?"""

import re
from typing import Final

from td_line_connectors.errors import ConfigError
from td_line_connectors.project.connections import QueryConnection, query_connections, resolve_queries
from td_line_connectors.schema.parameters import nearest
from td_line_connectors.settings.node import Mark, Node
from td_line_connectors.settings.text import read_text
from td_line_connectors.workflow.block import TaskBlock
from td_line_connectors.workflow.model import Engine

__all__ = ["read_engine", "read_job_connection", "read_query_connection", "read_sql"]

SQL: Final = re.compile(r"\s*(select|with|insert|create)\s|.*\n", re.IGNORECASE)


def read_sql(task: TaskBlock) -> str | None:
    """Read the SQL of a `td>` task: the content of the file that it names, or its `query:`.

    Returns:
        the SQL, its names expanded; None where there is none, which is an issue then.
    """
    file, query = task.node.items["td>"], task.node.items.get("query")
    if isinstance(file.value, dict | tuple):
        said = "`td>:` takes a file's name; SQL in the workflow itself stands as `query:` beside it, not below it"
        task.issues.append(file.key_issue("shape", said))
        return None
    if (file.value is None) == (query is None or query.value is None):
        said = (
            "has a file and `query:`: keep one"
            if file.value
            else "needs the name of an SQL file, or `query:` beside it"
        )
        if file.commented:
            said = file.blank
        task.issues.append(file.key_issue("shape", said))
        return None
    return _inline(task, query) if query and file.value is None else _from_file(task, file)


def read_engine(task: TaskBlock) -> Engine | None:
    """Read what runs the query; None where no such engine is known, which is an issue then."""
    name = task.text("engine")
    try:
        return Engine(name or Engine.SQLITE)
    except ValueError:
        engines = [each.value for each in Engine]
        message = f"must be one of {', '.join(engines)}.{nearest(name or '', engines)}"
        task.issues.append(task.place("engine").issue("choice", message))
        return None


def read_query_connection(task: TaskBlock, engine: Engine) -> QueryConnection | None:
    """Read on which connection a query runs.

    Returns:
        the connection; None where the engine runs on this machine, or where something is wrong, which is an issue then.
    """
    if engine.on_treasure_data:
        return read_job_connection(task, task.place("engine"), f"{engine} runs on Treasure Data")
    if task.has_own("connection"):
        message = f"has no effect: the engine {engine} runs on this machine"
        task.surroundings.warnings.append(task.place("connection").key_issue("not_applicable", message))
    return None


def read_job_connection(task: TaskBlock, place: Node, why: str) -> QueryConnection | None:
    """Read on which connection a job is.

    Args:
        task: the task.
        place: where it is shown that none is named.
        why: what needs one.

    Returns:
        the connection that the task or a default names, else the project's only one; None where something is wrong,
        which is an issue then.
    """
    project, registry = task.surroundings.project, task.surroundings.registry
    blocks = query_connections(project, registry)
    before, name, known = len(task.issues), task.text("connection"), ", ".join(blocks)
    if len(task.issues) > before:
        return None
    if name is None and len(blocks) != 1:
        needed = f"with one of {known}" if blocks else "and the project a connection of the type treasure_data"
        task.issues.append(place.issue("connection", f"{why}: the task needs `connection:` {needed}"))
        return None
    if name is not None and name not in blocks:
        message = f"«{name}» is no connection on which queries run.{nearest(name, blocks)} Known: {known or 'none'}."
        task.issues.append(task.place("connection").issue("unknown_connection", message))
        return None
    chosen = next(iter(blocks)) if name is None else name
    try:
        return resolve_queries(chosen, blocks[chosen], registry, project.secrets)
    except ConfigError as error:
        task.issues.extend(error.issues)
        return None


def _inline(task: TaskBlock, query: Node) -> str | None:
    expanded = task.scope.expand(query, task.issues)
    if expanded.is_broken:
        return None
    if not isinstance(expanded.value, str) or not expanded.value.strip():
        task.issues.append(query.issue("empty", "must be SQL"))
        return None
    return expanded.value


def _from_file(task: TaskBlock, file: Node) -> str | None:
    name = task.text("td>")
    if name is None:
        return None
    if SQL.match(name):
        task.issues.append(file.issue("shape", "takes a file's name; this looks like SQL: write it as `query:`"))
        return None
    path = task.surroundings.folder / name
    shown = task.surroundings.display(path)
    try:
        text = read_text(path, shown)
    except ConfigError as error:
        task.issues.extend(
            issue if issue.where != shown else file.issue(issue.code, f"{shown}: {issue.message}")
            for issue in error.issues
        )
        return None
    content = Node(value=text, at=Mark(shown, 1, 1), path=file.path, key_at=file.key_at)
    expanded = task.scope.expand_text(content, task.issues)
    if expanded.is_broken:
        return None
    if not isinstance(expanded.value, str) or not expanded.value.strip():
        task.issues.append(content.issue("empty", "the file holds no SQL"))
        return None
    return expanded.value
