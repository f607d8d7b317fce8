"""How does a log tell of a run?"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from td_line_connectors.cli.output import Output
from td_line_connectors.cli.text import json_text
from td_line_connectors.engine.events import Event, RequestSettled, RowsRead, TaskBegan, Waiting

__all__ = ["LogLines"]

WORTH_TELLING: Final = 3.0
"""Seconds. Shorter waits are the usual pauses between two looks."""

NAMES: Final = {
    TaskBegan: "task_began",
    RowsRead: "rows_read",
    RequestSettled: "request_settled",
    Waiting: "waiting",
}


@dataclass(frozen=True, slots=True)
class LogLines:
    """An observer that writes a line on standard error for each step.

    Attributes:
        output: where it writes.
        form: `text`, or `json`: one object a line, with `time` and `event`.
        now: the wall clock, aware of its zone.
    """

    output: Output
    form: str
    now: Callable[[], datetime]

    def __call__(self, event: Event) -> None:
        """Write the line for an event that is worth one."""
        if isinstance(event, RowsRead) and not event.last:
            return
        if isinstance(event, Waiting) and event.seconds < WORTH_TELLING:
            return
        time = self.now().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        if self.form == "json":
            facts = {name: round(value, 3) if isinstance(value, float) else value for name, value in _facts(event)}
            self.output.say(json_text({"time": time, "event": NAMES[type(event)], **facts}))
        else:
            self.output.say(f"{time} {_sentence(event)}")


def _facts(event: Event) -> list[tuple[str, object]]:
    return [(name, value) for name, value in asdict(event).items() if name != "last"]


def _sentence(event: Event) -> str:
    match event:
        case TaskBegan():
            return f"task {event.task} began, {event.number} of {event.of}"
        case RowsRead():
            return f"{event.rows:,} rows read"
        case RequestSettled():
            verdict = "accepted" if event.accepted else "refused"
            rows = f"{event.rows:,} of {event.total:,} rows settled"
            return f"request {event.request} of {event.of} {verdict} after {event.seconds:.1f} s; {rows}"
        case Waiting():
            return f"waiting {event.seconds:.0f} s: {event.reason}"
