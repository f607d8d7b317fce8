"""How does the scheduler tell what happens?"""

import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from td_line_connectors.cli.output import Output
from td_line_connectors.cli.schedule_sentences import sentences
from td_line_connectors.cli.text import json_text, safe
from td_line_connectors.scheduling.child import Launch
from td_line_connectors.scheduling.events import (
    ClockWentBack,
    Event,
    SessionBegan,
    SessionCut,
    SessionEnded,
    SessionLeftOut,
    SessionsMissed,
    Stopping,
    Trouble,
    WorkflowBroken,
    WorkflowDropped,
    WorkflowOff,
    WorkflowOn,
    WorkflowScheduled,
)

__all__ = ["ScheduleLines"]

TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", re.ASCII)
NAMES: Final = {
    ClockWentBack: "clock_went_back",
    SessionBegan: "session_began",
    SessionCut: "session_cut",
    SessionEnded: "session_ended",
    SessionLeftOut: "session_left_out",
    SessionsMissed: "sessions_missed",
    Stopping: "stopping",
    Trouble: "trouble",
    WorkflowBroken: "workflow_broken",
    WorkflowDropped: "workflow_dropped",
    WorkflowOff: "workflow_off",
    WorkflowOn: "workflow_on",
    WorkflowScheduled: "workflow_scheduled",
}


@dataclass(slots=True)
class ScheduleLines:
    """Writes lines on standard error for what the scheduler does and for what its sessions say. Safe for threads.

    Attributes:
        output: where it writes.
        form: `text`, or `json`: one object a line, with `time` and `event`.
        now: the wall clock, aware of its zone.
        sessions: how many began, ended with which code (`exit_0`, …), were cut, missed or left out.
    """

    output: Output
    form: str
    now: Callable[[], datetime]
    sessions: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, event: Event) -> None:
        """Write the lines for an event, and count it."""
        self._count(event)
        time = self._moment()
        if self.form == "json":
            facts = {each.name: _plain(getattr(event, each.name)) for each in fields(event)}
            self._say(json_text({"time": time, "event": NAMES[type(event)], **facts}))
        else:
            self._say("\n".join(f"{time} {line}" for line in sentences(event)))

    def hear(self, launch: Launch, line: str) -> None:
        """Pass on a line that a session wrote on its standard error, with the workflow's name."""
        if self.form == "json":
            facts = {"workflow": launch.workflow, "session": launch.session.isoformat(), "run_id": launch.run_id}
            self._say(json_text({"time": self._moment(), **_read(line), **facts}))
        else:
            time, said = _parted(line)
            self._say(f"{time or self._moment() + ' '}{safe(launch.workflow)}: {said}")

    def _moment(self) -> str:
        return self.now().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    def _say(self, text: str) -> None:
        with self._lock:
            self.output.say(text)

    def _count(self, event: Event) -> None:
        match event:
            case SessionBegan():
                self.sessions["began"] += 1
            case SessionEnded():
                self.sessions[f"exit_{event.exit_code}"] += 1
            case SessionCut():
                self.sessions["cut"] += 1
            case SessionsMissed():
                self.sessions["missed"] += event.count
            case SessionLeftOut():
                self.sessions["left_out"] += 1
            case _:
                pass


def _parted(line: str) -> tuple[str, str]:
    """Part a line of a session's log into the time that it begins with, if it does, and the rest."""
    time = TIME.match(line)
    return (time[0], line[time.end() :]) if time else ("", line)


def _read(line: str) -> dict[str, object]:
    """Read a line of a session's log; one in another form becomes a message."""
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"event": "output", "message": line}


def _plain(value: object) -> object:
    """Give an event, or a part of one, as JSON values."""
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case float():
            return round(value, 3)
        case tuple() | list():
            return [_plain(each) for each in value]
        case _ if is_dataclass(value):
            return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
        case _:
            return value
