"""Run a workflow."""

from pathlib import Path

import click

from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.running import beginning, finish, new_session, prepare
from td_line_connectors.plugins import default_registry
from td_line_connectors.workflow.reader import read_workflow
from td_line_connectors.workflow.runner import chosen

__all__ = ["run"]


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--task", metavar="+NAME", help="Run this task, or the tasks inside it, alone.")
@click.pass_obj
def run(invocation: Invocation, file: Path, *, task: str | None) -> int:
    """Run a workflow, and say of every row where it ended.

    Each query's rows are read into a snapshot first; nothing is sent before the last of them has been judged.
    """
    with beginning():
        project = invocation.project()
        workflow = read_workflow(file, project, default_registry(), new_session())
    with invocation.watching() as observer:
        with beginning():
            tasks = chosen(workflow, task)
            runner = prepare(project, observer)
        report = runner.run(tasks)
    return finish(invocation, report)
