"""How does the scheduler run in this process?"""

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from queue import Empty, SimpleQueue

from td_line_connectors.cli.output import Output
from td_line_connectors.cli.running import new_session
from td_line_connectors.cli.schedule_lines import ScheduleLines
from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import Project, read_project
from td_line_connectors.report import RunReport
from td_line_connectors.runs.history_store import History
from td_line_connectors.scheduling.child import Launch, ProcessLauncher
from td_line_connectors.scheduling.lock import only_scheduler
from td_line_connectors.scheduling.roster import Roster
from td_line_connectors.scheduling.scheduler import Message, Scheduler, Signalled
from td_line_connectors.scheduling.sessions import Sessions
from td_line_connectors.scheduling.standing import SIGNALS
from td_line_connectors.scheduling.store import ScheduleStore
from td_line_connectors.scheduling.watch import Watch
from td_line_connectors.spi import Runtime
from td_line_connectors.workflow.reader import examine_workflow

__all__ = ["run_schedule", "watch_of"]


def run_schedule(output: Output, project: Project, store: ScheduleStore, log_format: str, at_once: int) -> int:
    """Run the project's workflows until a signal comes.

    Args:
        output: gets a line for each thing that happens, and the sum at the end.
        project: whose workflows.
        store: where it is written down.
        log_format: `text` or `json`.
        at_once: so many sessions run side by side at most.

    Returns:
        the exit code: 0, or that of a second signal.

    Raises:
        ConfigError: another scheduler runs this project.
        StoreError: the disk could not do it, at the beginning or the end.
    """
    runtime, mailbox, history = Runtime(), SimpleQueue[Message](), History(project.state)
    lines = ScheduleLines(output, log_format, runtime.now)
    with only_scheduler(project.state / "schedule.lock"), _signals(mailbox.put):
        sessions = Sessions(
            folder=project.folder,
            store=store,
            launcher=ProcessLauncher(lambda launch: _command(project, log_format, launch), lines.hear),
            done=mailbox.put,
            find_run=lambda run_id: _report(history, run_id),
            runtime=runtime,
            tell=lines,
            at_once=at_once,
        )
        roster = Roster(watch=watch_of(project), store=store, tell=lines)
        kept = timedelta(days=project.keep_history_days)
        scheduler = Scheduler(roster=roster, sessions=sessions, now=runtime.now, tell=lines, kept=kept)
        scheduler.run(lambda seconds: _wait(mailbox, seconds))
    told = ", ".join(f"{name.replace('_', ' ')}: {number}" for name, number in lines.sessions.items())
    output.result({"sessions": lines.sessions}, f"Ended. Sessions: {told or 'none'}.")
    return SIGNALS + scheduler.stopped_by if scheduler.stopped_by else 0


def watch_of(project: Project) -> Watch:
    """Give the watch over a project's workflow files, each judged as `td-line check` would."""
    registry = default_registry()

    def examine(path: Path) -> Sequence[ValidationIssue]:
        try:
            as_it_is_now = read_project(project.folder)
        except ConfigError as error:
            return error.issues
        return examine_workflow(path, as_it_is_now, registry, new_session()).issues

    return Watch(project.folder, examine)


def _command(project: Project, log_format: str, launch: Launch) -> Sequence[str]:
    """Give the command for a session; -P keeps out modules that lie in the current folder."""
    python = [sys.executable, "-P", "-m", "td_line_connectors"]
    session = ["--session", launch.session.isoformat(), "--run-id", launch.run_id]
    folder, file = str(project.folder.absolute()), str(launch.path.absolute())
    return [*python, "--project", folder, "--log-format", log_format, "run", file, *session, "--json"]


def _report(history: History, run_id: str) -> RunReport | None:
    try:
        return history.find(run_id).report()
    except ConfigError:
        return None


def _wait(mailbox: "SimpleQueue[Message]", seconds: float) -> Message | None:
    try:
        return mailbox.get(timeout=max(0.0, seconds))
    except Empty:
        return None


@contextmanager
def _signals(put: Callable[[Message], None]) -> Iterator[None]:
    """Make messages of Ctrl-C and SIGTERM. `put` of a SimpleQueue may be called by a signal's handler at any moment."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda which, _frame: put(Signalled(which))) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
