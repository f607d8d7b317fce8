"""Run a workflow."""

from contextlib import ExitStack
from pathlib import Path

import click

from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.occasion import Occasion, with_occasion
from td_line_connectors.cli.precautions import Precautions, with_precautions
from td_line_connectors.cli.running import beginning, finish, prepare
from td_line_connectors.plugins import default_registry
from td_line_connectors.workflow.orders import WorkflowOrder
from td_line_connectors.workflow.reader import read_workflow
from td_line_connectors.workflow.runner import chosen

__all__ = ["run"]


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--task", metavar="+NAME", help="Run this task, or the tasks inside it, alone.")
@with_occasion
@with_precautions
@click.pass_obj
def run(invocation: Invocation, file: Path, *, task: str | None, occasion: Occasion, precautions: Precautions) -> int:
    """Run a workflow, and say of every row where it ended.

    Each query's rows are read into a snapshot first; nothing is sent before the last of them has been judged.
    """
    with beginning(invocation, plan=precautions.plan):
        project, session = invocation.project(), occasion.session(file)
        workflow = read_workflow(file, project, default_registry(), session)
    with invocation.watching() as observer, ExitStack() as held:
        with beginning(invocation, plan=precautions.plan):
            tasks = chosen(workflow, task)
            order = WorkflowOrder(file=file, only=task, session=session, tasks=[each.name for each in tasks])
            run = prepare(project, observer, order, precautions=precautions, run_id=occasion.run_id)
            runner = held.enter_context(run)
        report = runner.run(tasks)
    return finish(invocation, report)
