"""What does the scheduler say in words?"""

from collections.abc import Iterator
from datetime import datetime
from shlex import quote
from typing import Final

from td_line_connectors.cli.pace import duration
from td_line_connectors.cli.text import safe
from td_line_connectors.scheduling.events import (
    ClockWentBack,
    Event,
    Firmness,
    SessionBegan,
    SessionCut,
    SessionEnded,
    SessionEvent,
    SessionLeftOut,
    SessionsMissed,
    Stopping,
    Trouble,
    WorkflowBroken,
    WorkflowDropped,
    WorkflowEvent,
    WorkflowOff,
    WorkflowOn,
    WorkflowScheduled,
)
from td_line_connectors.scheduling.standing import REFUSALS, Off, OffBecause

__all__ = ["off_sentence", "run_command", "sentences"]

WHY_OFF: Final = {
    OffBecause.REFUSED: f"{REFUSALS} sessions running ended with exit code 2",
    OffBecause.ASKED: "as somebody asked",
}

STOPPING: Final = {
    Firmness.WAIT: ", waiting for {}; once more ends them at once",
    Firmness.END: ", and {} are ended at once; each can be resumed; once more kills them",
    Firmness.KILL: ", and {} are killed; each can be resumed",
}


def sentences(event: Event) -> Iterator[str]:
    """Give the lines for an event, the first with the workflow's name where it is of one."""
    match event:
        case ClockWentBack():
            went = duration(event.by.total_seconds())
            yield f"the clock was set back by {went}; sessions that have begun do not begin again"
        case Stopping():
            running = ", ".join(map(safe, event.running))
            yield f"ending: no further session begins{STOPPING[event.how].format(running) if running else ''}"
        case Trouble():
            yield f"{event.message}; trying again"
        case WorkflowScheduled() | WorkflowBroken() | WorkflowDropped() | WorkflowOff() | WorkflowOn():
            yield from (f"{safe(event.workflow)}: {line}" for line in _of_workflow(event))
        case _:
            yield from (f"{safe(event.workflow)}: {line}" for line in _of_session(event))


def off_sentence(workflow: str, off: Off) -> str:
    """Say why a workflow is switched off, and how it is switched on."""
    since = off.since.isoformat(timespec="seconds").replace("+00:00", "Z")
    mend = "mend it, and " if off.because is OffBecause.REFUSED else ""
    switch = f"`td-line schedule --enable {quote(workflow)}` switches it on"
    return f"switched off since {since}: {WHY_OFF[off.because]}; {mend}{switch}"


def run_command(workflow: str, session: datetime) -> str:
    """Give the command that runs a session."""
    return f"td-line run {quote(workflow)} --session {session.isoformat()}"


def _of_workflow(event: WorkflowEvent) -> Iterator[str]:
    match event:
        case WorkflowScheduled():
            yield f"{event.schedule} ({event.timezone}), {_next(event)}"
        case WorkflowBroken():
            effect = "its sessions end with exit code 2" if event.scheduled else "it is not scheduled"
            yield f"something is wrong with the file; until it is mended, {effect}"
            yield from map(str, event.issues)
        case WorkflowDropped():
            yield "no longer scheduled"
        case WorkflowOff():
            yield off_sentence(event.workflow, event.off)
        case WorkflowOn():
            yield "switched on"


def _next(event: WorkflowScheduled) -> str:
    if event.run is None or event.session is None:
        return "which means no moment from now on"
    return f"next at {event.run.isoformat()}, session {event.session.isoformat()}"


def _of_session(event: SessionEvent) -> Iterator[str]:
    match event:
        case SessionBegan():
            yield f"session {event.session.isoformat()} began: run {event.run_id}"
        case SessionEnded():
            yield from _end(event)
        case SessionCut(resumable=True):
            yield f"session {event.session.isoformat()} was cut off: `td-line resume {event.run_id}` goes on with it"
        case SessionCut():
            command = run_command(event.workflow, event.session)
            yield f"session {event.session.isoformat()} was cut off before it sent anything: `{command}` runs it"
        case SessionsMissed():
            more = event.count - len(event.latest)
            if more:
                yield f"sessions missed before {event.latest[0].isoformat()}: {more:,}"
            for session in event.latest:
                yield f"session {session.isoformat()} missed: `{run_command(event.workflow, session)}` runs it"
        case SessionLeftOut():
            yield f"session {event.session.isoformat()} left out, as its schedule's `{event.why.value}` says"


def _end(event: SessionEnded) -> Iterator[str]:
    after = f" after {event.seconds:.1f} s" if event.seconds is not None else ""
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in (event.rows or {}).items() if count)
    rows = f", rows {counts}" if counts else ""
    yield f"session {event.session.isoformat()} ended with exit code {event.exit_code}{after}{rows}"
    yield from (f"error: {line}" for line in (event.error or "").splitlines())
    if event.resumable:
        yield f"`td-line resume {event.run_id}` goes on with it"
