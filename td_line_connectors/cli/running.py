"""How does a run begin, and how is it told?"""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from td_line_connectors.cli.aftermath import follow
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.outside import outside
from td_line_connectors.cli.precautions import NONE_SAID, Precautions
from td_line_connectors.cli.report import tell
from td_line_connectors.engine.events import Observer
from td_line_connectors.errors import ConnectorError, RunFailedError
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import Project
from td_line_connectors.report import RunReport, RunStatus
from td_line_connectors.runs.folder import forget_old_runs, new_run_id
from td_line_connectors.runs.history_store import History
from td_line_connectors.runs.holding import hold
from td_line_connectors.runs.recording import Recording
from td_line_connectors.spi import Runtime
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.private import make_private_folder
from td_line_connectors.workflow.orders import Order, RejectsOrder, Terms, order_to_json, words_for
from td_line_connectors.workflow.recorder import HistoryRecorder
from td_line_connectors.workflow.resuming import Left, is_resumable, left_of
from td_line_connectors.workflow.runner import Runner
from td_line_connectors.workflow.session import Session

__all__ = ["Resumption", "beginning", "finish", "new_session", "prepare", "take_up"]


@dataclass(frozen=True, slots=True)
class Resumption:
    """A run that has been taken up.

    Attributes:
        report: what was known of it.
        left: what is left to do; None where nothing is.
        runner: does it; None where nothing is left.
    """

    report: RunReport
    left: Left | None
    runner: Runner | None

    def go_on(self) -> RunReport:
        """Do what is left, and give the report of the whole."""
        if self.left is None or self.runner is None:
            return self.report
        return self.runner.run(self.left.tasks, self.left.done)


def new_session() -> Session:
    """Give the session of a run that begins now."""
    return Session(time=datetime.now(UTC), uuid=uuid.uuid4())


@contextmanager
def prepare(
    project: Project,
    observer: Observer,
    order: Order,
    runtime: Runtime | None = None,
    *,
    precautions: Precautions = NONE_SAID,
    run_id: str | None = None,
) -> Iterator[Runner]:
    """Begin a run: forget what is older than may be kept, record the new run, and give its runner for the block.

    Args:
        project: whose state folder keeps the run.
        observer: is told what happens.
        order: what was asked for.
        runtime: the outside world; None for the real one.
        precautions: what the command line said of them; by default the project's guards apply.
        run_id: the run's name; None for a new one.

    Raises:
        ConfigError: if it is not known where this user's processes may share something, or the name is taken.
        StoreError: if the run cannot be recorded; nothing was read or sent.
    """
    clocks, history = runtime or Runtime(), History(project.state)
    now = clocks.now()
    run_id = run_id or new_run_id(now, clocks.random)
    terms = Terms(guards=precautions.guards(project.guards), plan=precautions.plan)
    world, folder = outside(project, run_id, runtime), history.folder(run_id)
    make_private_folder(folder)
    forget_old_runs(folder.parent, now, project.keep_days)
    history.forget(now - timedelta(days=project.keep_history_days))
    with hold(folder, sleep=clocks.sleep), Recording.open(history.path, run_id) as recording:
        retry_of = order.run_id if isinstance(order, RejectsOrder) else None
        recording.run_began(now, words_for(order), order_to_json(order, terms, project.folder), retry_of)
        yield _runner(project, observer, recording, world, terms)


@contextmanager
def take_up(project: Project, observer: Observer, name: str, runtime: Runtime | None = None) -> Iterator[Resumption]:
    """Take a run up again, for the length of the block.

    Args:
        project: whose state folder keeps the run.
        observer: is told what happens.
        name: the run's id, or as much of its beginning as tells it from the others.
        runtime: the outside world; None for the real one.

    Raises:
        ConfigError: if there is no such run, or it cannot go on.
        StoreError: if another process is at it, or the disk cannot do it.
    """
    clocks, history = runtime or Runtime(), History(project.state)
    run_id = history.find(name).run_id
    folder = history.folder(run_id)
    with ExitStack() as held:
        if folder.exists():
            held.enter_context(hold(folder, sleep=clocks.sleep))
        record = history.find(run_id)  # as the last process has left it, now that nobody else is at it
        left = left_of(record, folder, project, default_registry())
        if left is None:
            yield Resumption(record.report(), None, None)
            return
        recording = held.enter_context(Recording.open(history.path, run_id))
        runner = _runner(project, observer, recording, outside(project, run_id, runtime), left.terms)
        recording.run_goes_on()
        yield Resumption(record.report(), left, runner)


def _runner(project: Project, observer: Observer, recording: Recording, world: Runtime, terms: Terms) -> Runner:
    return Runner(
        databases=Databases(project.state / "databases"),
        run_id=recording.run_id,
        folder=History(project.state).folder(recording.run_id),
        runtime=world,
        observer=observer,
        recorder=HistoryRecorder(recording, world.now, world.monotonic),
        guards=terms.guards,
        plan=terms.plan,
    )


def finish(invocation: Invocation, report: RunReport, *, ran: bool = True) -> int:
    """Print a run's report in the form that was asked for, do what follows a run, and give the exit code.

    Args:
        invocation: how the command was called.
        report: the run's.
        ran: whether anything was done; else the report is one of earlier, and nothing follows.
    """
    try:
        if invocation.output.as_json:
            invocation.output.document(report.to_json())
        else:
            tell(invocation.output, report)
            if _may_go_on(invocation, report):
                invocation.output.write(f"`td-line resume {report.run_id}` goes on with it\n")
        invocation.output.flush()
    finally:  # also where nobody reads the report
        if ran:
            follow(invocation, report)
    return report.exit_code


def _may_go_on(invocation: Invocation, report: RunReport) -> bool:
    """Say whether `resume` has something to do for a run that ended early."""
    if report.status is not RunStatus.ERROR or report.run_id is None:
        return False
    with suppress(ConnectorError):
        project = invocation.project()
        history = History(project.state)
        record = history.find(report.run_id)
        return is_resumable(record, history.folder(record.run_id), project, default_registry())
    return False


@contextmanager
def beginning(invocation: Invocation, *, plan: bool = False) -> Iterator[None]:
    """Make what keeps a run from beginning the failure of a run without tasks, and do what follows a run.

    Args:
        invocation: how the command was called.
        plan: whether the run was only to be planned; nothing follows then.

    Raises:
        RunFailedError: instead of any of our errors.
    """
    try:
        yield
    except ConnectorError as error:
        report = RunReport(None, RunStatus.PLANNED if plan else RunStatus.ERROR, (), error.reported())
        follow(invocation, report)
        raise RunFailedError(replace(report, status=RunStatus.ERROR)) from error
