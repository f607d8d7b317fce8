"""Send a run's rejects again."""

from contextlib import ExitStack
from pathlib import Path

import click

from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.precautions import Precautions, with_precautions
from td_line_connectors.cli.running import beginning, finish, prepare
from td_line_connectors.plugins import default_registry
from td_line_connectors.runs.history_store import History
from td_line_connectors.workflow.course import Course
from td_line_connectors.workflow.retrying import Mended, rejects_order

__all__ = ["retry"]


@click.command(cls=Command)
@click.argument("run", metavar="ID")
@click.argument("file", required=False, metavar="[FILE]", type=click.Path(path_type=Path))
@click.option("--task", metavar="+NAME", help="Whose rejects are meant, where several tasks have some.")
@click.option("--encoding", metavar="NAME", help="FILE's character encoding, where it is not UTF-8.")
@with_precautions
@click.pass_obj
def retry(
    invocation: Invocation,
    run: str,
    file: Path | None,
    *,
    task: str | None,
    encoding: str | None,
    precautions: Precautions,
) -> int:
    """Send the rows that a run has set aside again, as a new run, to where that run's rows went.

    FILE is the run's rejects after a person has mended them: JSON Lines as they were written, or a CSV. Without it, the
    rejects go as they are. ID may be shortened, or be «latest».
    """
    with invocation.watching() as observer, ExitStack() as held:
        with beginning(invocation, plan=precautions.plan):
            project = invocation.project()
            history = History(project.state)
            record = history.find(run)
            order = rejects_order(record, history.folder(record.run_id), project, Mended(file, encoding, task))
            tasks = Course(order, project, default_registry()).begin()
            runner = held.enter_context(prepare(project, observer, order, precautions=precautions))
        report = runner.run(tasks)
    return finish(invocation, report)
