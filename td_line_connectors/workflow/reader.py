"""What does a workflow file say?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.settings.document import read_document
from td_line_connectors.settings.node import Node
from td_line_connectors.settings.scope import Scope
from td_line_connectors.settings.text import read_text
from td_line_connectors.workflow.block import Surroundings
from td_line_connectors.workflow.model import QueryTask, ResultExportTask, Task, Workflow
from td_line_connectors.workflow.session import NOT_HERE, Session, built_in_variables
from td_line_connectors.workflow.tasks import read_exports, read_tasks
from td_line_connectors.workflow.timing import read_timing
from td_line_connectors.workflow.vocabulary import OPERATORS, TOP_KEYS, unknown_key

__all__ = ["WorkflowExamination", "examine_workflow", "read_workflow"]


@dataclass(frozen=True, slots=True)
class WorkflowExamination:
    """What looking at a workflow file showed.

    Attributes:
        workflow: the workflow, where nothing is wrong with it.
        issues: everything that is wrong, each with its place.
        warnings: what has no effect.
    """

    workflow: Workflow | None
    issues: tuple[ValidationIssue, ...]
    warnings: tuple[ValidationIssue, ...] = ()


def read_workflow(path: Path, project: Project, registry: Registry, session: Session) -> Workflow:
    """Read a workflow file, its SQL files included. Nothing is run and nobody is asked.

    Args:
        path: the file.
        project: whose connections and secrets it may name.
        registry: the connectors there are.
        session: the run that its variables speak of.

    Raises:
        ConfigError: with everything that is wrong, each issue with file, line and column.
    """
    examination = examine_workflow(path, project, registry, session)
    if examination.workflow is None:
        raise ConfigError(examination.issues)
    return examination.workflow


def examine_workflow(path: Path, project: Project, registry: Registry, session: Session) -> WorkflowExamination:
    """Look at a workflow file without raising. The arguments are those of `read_workflow`."""
    surroundings = Surroundings(project, registry, path.parent)
    shown = surroundings.display(path)
    try:
        root = read_document(read_text(path, shown), shown).root
    except ConfigError as error:
        return WorkflowExamination(None, error.issues)
    workflow = _workflow(path, root, session, surroundings)
    issues = tuple(dict.fromkeys(surroundings.issues))
    warnings = tuple(dict.fromkeys(surroundings.warnings))
    return WorkflowExamination(None if issues else workflow, issues, warnings)


def _workflow(path: Path, root: Node, session: Session, surroundings: Surroundings) -> Workflow | None:
    issues = surroundings.issues
    if not isinstance(root.value, Mapping):
        said = "is empty" if root.value is None else "is no mapping"
        issues.append(
            root.issue("shape", f"the file {said}: it needs a task, such as `+members:` with `td>:` below it")
        )
        return None
    _refuse_keys(root, issues)
    timing = read_timing(root, issues)
    variables = {**built_in_variables(session, timing.timezone, timing.zone), "task_name": f"+{path.stem}"}
    nothing = Node(value={}, at=root.at, path=("_export",))
    scope = read_exports(root, Scope(variables, nothing, NOT_HERE), surroundings)
    tasks = tuple(read_tasks(root, "", scope, surroundings))
    if not any(key.startswith("+") for key in root.items):
        issues.append(root.issue("shape", "the file has no task, such as `+members:` with `td>:` below it"))
    if not issues:
        issues.extend(_without_job(tasks))
    return Workflow(
        name=path.stem,
        path=path,
        timezone=timing.timezone,
        zone=timing.zone,
        schedule=timing.schedule,
        tasks=tasks,
        warnings=tuple(dict.fromkeys(surroundings.warnings)),
    )


def _without_job(tasks: Sequence[Task]) -> Iterator[ValidationIssue]:
    """Name the tasks that export the last job's result where there can be none."""
    has_job = False
    for task in tasks:
        if isinstance(task, ResultExportTask) and task.job_id is None and not has_job:
            message = "`${td.last_job_id}`: no task before this one runs a query on Treasure Data; write a job's number"
            yield ValidationIssue(f"{task.name}.job_id", "no_job", message, where=task.where)
        has_job = has_job or not isinstance(task, QueryTask) or task.engine.on_treasure_data


def _refuse_keys(root: Node, issues: list[ValidationIssue]) -> None:
    for key, node in root.items.items():
        if key in OPERATORS:
            issues.append(node.key_issue("shape", "an operator stands in a task, such as `+members:`, not at the top"))
        elif key not in TOP_KEYS and not key.startswith("+"):
            issues.append(node.key_issue("unknown", unknown_key(key, TOP_KEYS, "a workflow")))
