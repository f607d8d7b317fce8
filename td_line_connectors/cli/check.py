"""Is everything written as it must be?"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import click

from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.running import new_session
from td_line_connectors.errors import ConfigError, ConnectorError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.connections import (
    QueryConnection,
    ResolvedConnection,
    examine_connections,
    query_connections,
    resolve_queries,
)
from td_line_connectors.project.project import Project, examine_project
from td_line_connectors.registry import Registry
from td_line_connectors.spi import Checkable, Runtime
from td_line_connectors.storage.databases import Databases
from td_line_connectors.workflow.files import workflow_files
from td_line_connectors.workflow.model import Engine, QueryTask, Workflow
from td_line_connectors.workflow.reader import examine_workflow

__all__ = ["check"]


@click.command(cls=Command)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.option("--live", is_flag=True, help="Also try the credentials of exports and queries, writing nothing.")
@click.pass_obj
def check(invocation: Invocation, files: Sequence[Path], *, live: bool) -> None:
    """Read the project and its workflows, and report every error with its place.

    Without FILE: every workflow (*.dig) in the project's folder and the folders directly below it.
    """
    examination, registry = examine_project(invocation.folder()), default_registry()
    project = examination.project
    connections = examine_connections(project, registry)
    issues, warnings = [*examination.issues, *connections.issues], list(connections.warnings)
    issues += _faults_of_notification(project)
    found = files or workflow_files(project.folder)
    targets: list[ResolvedConnection] = []
    for file in found:
        seen = examine_workflow(file, project, registry, new_session())
        issues += seen.issues
        warnings += seen.warnings
        if seen.workflow:
            issues += _unknown_databases(seen.workflow, Databases(project.state / "databases"))
            targets += [task.target for task in seen.workflow.tasks if task.target]
    issues += _broken_plugins(registry)
    if issues:
        raise ConfigError(list(dict.fromkeys(issues)))
    tried = _try_credentials([*targets, *_on_which_queries_run(project, registry)]) if live else 0
    _tell(invocation, len(project.connections), len(found), tried, list(dict.fromkeys(warnings)))


def _faults_of_notification(project: Project) -> Sequence[ValidationIssue]:
    """Look the secrets of `notify:` up, which a run does when it has ended."""
    try:
        if project.notification:
            project.notification.address(project.secrets)
    except ConfigError as error:
        return error.issues
    return ()


def _unknown_databases(workflow: Workflow, databases: Databases) -> Iterator[ValidationIssue]:
    for task in workflow.tasks:
        if isinstance(task, QueryTask) and task.engine in {Engine.SQLITE, Engine.DUCKDB}:
            try:
                databases.path(task.database)
            except ConfigError as error:
                yield from (
                    ValidationIssue(f"{task.name}.database", each.code, each.message, where=task.where)
                    for each in error.issues
                )


def _broken_plugins(registry: Registry) -> Iterator[ValidationIssue]:
    for each in registry.broken:
        yield ValidationIssue(each.name, "broken_plugin", f"this plugin could not be loaded: {each.reason}")


def _on_which_queries_run(project: Project, registry: Registry) -> Iterator[QueryConnection]:
    for name, block in query_connections(project, registry).items():
        yield resolve_queries(name, block, registry, project.secrets)


def _try_credentials(targets: Sequence[ResolvedConnection | QueryConnection]) -> int:
    """Ask each target's far side once; give how many answered.

    Raises:
        ConnectorError: the first that did not accept, naming the connection.
    """
    tried: set[str] = set()
    for target in targets:
        with closing(target.plugin.connect(target.values, Runtime())) as connector:
            if not isinstance(connector, Checkable) or connector.account in tried:
                continue
            try:
                connector.check()
            except ConnectorError as error:
                error.add_note(f"while trying the connection {target.name or 'of a block'}")
                raise
            tried.add(connector.account)
    return len(tried)


def _tell(
    invocation: Invocation, connections: int, workflows: int, tried: int, warnings: Sequence[ValidationIssue]
) -> None:
    told = {
        "connections": connections,
        "workflows": workflows,
        "credentials_tried": tried,
        "warnings": [{"where": each.where, "field": each.field, "message": each.message} for each in warnings],
    }
    lines = [f"warning: {each}" for each in warnings]
    lines.append(f"All is well: {_many(connections, 'connection')}, {_many(workflows, 'workflow')}.")
    if tried:
        lines.append(f"{_many(tried, 'account')} accepted the credentials.")
    invocation.output.result(told, "\n".join(lines))


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
