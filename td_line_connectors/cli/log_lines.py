"""How does a log tell of a run?"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from td_line_connectors.cli.output import Output
from td_line_connectors.cli.request_words import request_json
from td_line_connectors.cli.text import json_text
from td_line_connectors.engine.events import (
    Event,
    JobSeen,
    RequestSettled,
    RowsRead,
    RunBegan,
    RunEnded,
    SendingBegan,
    TaskBegan,
    TaskEnded,
    Waiting,
)

__all__ = ["LogLines", "output_line", "warning_line"]

WORTH_TELLING: Final = 3.0
"""Seconds. Shorter waits are the usual pauses between two looks."""

NAMES: Final = {
    RunBegan: "run_began",
    TaskBegan: "task_began",
    JobSeen: "job_seen",
    RowsRead: "rows_read",
    SendingBegan: "sending_began",
    RequestSettled: "request_settled",
    Waiting: "waiting",
    TaskEnded: "task_ended",
    RunEnded: "run_ended",
}

NOT_TOLD: Final = frozenset({"is_news", "last"})
"""Facts that are so in every line."""


@dataclass(slots=True)
class LogLines:
    """An observer that writes a line on standard error for each step.

    Attributes:
        output: where it writes.
        form: `text`, or `json`: one object a line, with `time` and `event`, and `run_id` and `task` where there are.
        now: the wall clock, aware of its zone.
        run_id: the run that the events are of, once that is known.
        task: the task likewise, while one is under way.
    """

    output: Output
    form: str
    now: Callable[[], datetime]
    run_id: str | None = None
    task: str | None = None

    def __call__(self, event: Event) -> None:
        """Write the line for an event that is worth one."""
        if isinstance(event, RunBegan):
            self.run_id = event.run_id
        if isinstance(event, TaskBegan):
            self.task = event.task
        if _is_worth_telling(event):
            self.output.say(self._line(event))
        if isinstance(event, TaskEnded):
            self.task = None

    def _line(self, event: Event) -> str:
        if self.form == "text":
            return f"{_moment(self.now())} {_sentence(event)}"
        facts = {name: round(each, 3) if isinstance(each, float) else each for name, each in _facts(event).items()}
        return _object(self.now(), NAMES[type(event)], self.run_id, {"task": self.task} if self.task else {}, facts)


def warning_line(form: str | None, now: datetime, run_id: str | None, message: str) -> str:
    """Give the line that warns of what went wrong after a run.

    Args:
        form: `text` or `json`; None where no log is written.
        now: the moment, aware of its zone.
        run_id: the run; None where it could not begin.
        message: a sentence.
    """
    if form == "json":
        return _object(now, "warning", run_id, {"message": message})
    return f"{_moment(now)} warning: {message}" if form else f"warning: {message}"


def output_line(form: str | None, now: datetime, run_id: str | None, message: str) -> str:
    """Give the line for a line of another program, on standard error; the arguments are those of `warning_line`."""
    return _object(now, "output", run_id, {"message": message}) if form == "json" else message


def _object(now: datetime, event: str, run_id: str | None, *facts: Mapping[str, object]) -> str:
    known: dict[str, object] = {"time": _moment(now), "event": event, **({"run_id": run_id} if run_id else {})}
    for each in facts:
        known |= each
    return json_text(known)


def _moment(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _is_worth_telling(event: Event) -> bool:
    match event:
        case JobSeen():
            return event.is_news
        case RowsRead():
            return event.last
        case Waiting():
            return event.seconds >= WORTH_TELLING
        case _:
            return True


def _facts(event: Event) -> Mapping[str, object]:
    match event:
        case RequestSettled(record=record):
            settled = {"of": event.of, "rows_settled": event.rows, "rows_total": event.total}
            return {**request_json(record), **settled}
        case TaskEnded(report=report):
            error = report.error.to_json() if report.error else None
            return {"task": report.task, "rows": report.rows.to_json(), "seconds": report.seconds, "error": error}
        case SendingBegan():
            return {"requests": event.requests, "rows": event.counts.to_json()}
        case _:
            return {name: value for name, value in asdict(event).items() if name not in NOT_TOLD}


def _sentence(event: Event) -> str:
    match event:
        case RunBegan():
            text = f"run {event.run_id} began"
        case TaskBegan():
            text = f"task {event.task} began, {event.number} of {event.of}"
        case JobSeen():
            text = f"job {event.job_id}: {event.status} after {event.seconds:.0f} s"
        case RowsRead():
            text = f"{event.rows:,} rows read"
        case SendingBegan():
            text = f"{event.counts.invalid:,} rows invalid; requests to send: {event.requests:,}"
        case RequestSettled():
            verdict = "accepted" if event.accepted else "refused"
            rows = f"{event.rows:,} of {event.total:,} rows settled"
            text = f"request {event.request} of {event.of} {verdict} after {event.seconds:.1f} s; {rows}"
        case Waiting():
            text = f"waiting {event.seconds:.0f} s: {event.reason}"
        case TaskEnded():
            text = f"task {event.report.task} {'ended early' if event.report.error else 'done'}"
        case RunEnded():
            text = f"run {event.run_id} ended: {event.status}"
    return text
