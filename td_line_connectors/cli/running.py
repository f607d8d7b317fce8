"""How does a run begin, and how is it told?"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.report import tell
from td_line_connectors.engine.events import Observer
from td_line_connectors.errors import ConnectorError, RunFailedError
from td_line_connectors.project.project import Project
from td_line_connectors.report import RunReport, RunStatus
from td_line_connectors.runs.folder import forget_old_runs, new_run_id
from td_line_connectors.spi import Runtime
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.private import make_private_folder
from td_line_connectors.workflow.runner import Runner
from td_line_connectors.workflow.session import Session

__all__ = ["beginning", "finish", "new_session", "prepare"]


def new_session() -> Session:
    """Give the session of a run that begins now."""
    return Session(time=datetime.now(UTC), uuid=uuid.uuid4())


def prepare(project: Project, observer: Observer, runtime: Runtime | None = None) -> Runner:
    """Make the folder of a new run, forget what is older than may be kept, and give the runner.

    Args:
        project: whose state folder keeps the run.
        observer: is told what happens.
        runtime: the outside world; None for the real one.

    Raises:
        StoreError: if the state folder cannot be written.
    """
    runtime = runtime or Runtime()
    runs = project.state / "runs"
    make_private_folder(runs)
    forget_old_runs(runs, runtime.now(), project.keep_days)
    run_id = new_run_id(runtime.now(), runtime.random)
    return Runner(
        databases=Databases(project.state / "databases"),
        run_id=run_id,
        folder=runs / run_id,
        runtime=runtime,
        observer=observer,
    )


def finish(invocation: Invocation, report: RunReport) -> int:
    """Print a run's report in the form that was asked for, and give the exit code."""
    if invocation.output.as_json:
        invocation.output.document(report.to_json())
    else:
        tell(invocation.output, report)
    return report.exit_code


@contextmanager
def beginning() -> Iterator[None]:
    """Make what keeps a run from beginning the failure of a run without tasks.

    Raises:
        RunFailedError: instead of any of our errors.
    """
    try:
        yield
    except ConnectorError as error:
        raise RunFailedError(RunReport(None, RunStatus.ERROR, (), error.reported())) from error
