"""When does a workflow run by itself?"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from td_line_connectors import validators
from td_line_connectors.issues import InvalidValueError, ValidationIssue
from td_line_connectors.schema.parameters import nearest
from td_line_connectors.settings.node import Node
from td_line_connectors.workflow.cron import WEEKDAYS, Cron, parse_cron

__all__ = ["Schedule", "ScheduleKind", "read_schedule"]

T = TypeVar("T")

TIME: Final = re.compile(r"(?:(?P<hour>\d{1,2}):)?(?P<minute>\d{2}):(?P<second>\d{2})", re.ASCII)
DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
DURATION: Final = re.compile(
    r"(?:(?P<d>\d{1,5})\s*d)?\s*(?:(?P<h>\d{1,6})\s*h)?\s*(?:(?P<m>\d{1,8})\s*m)?\s*(?:(?P<s>\d{1,9})\s*s)?", re.ASCII
)
SHAPE: Final = "write it as `schedule:` with one line below it, such as `daily>: 07:30:00`"


class ScheduleKind(StrEnum):
    """The forms of a schedule, as the YAML writes them before the `>`."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    MINUTES_INTERVAL = "minutes_interval"
    CRON = "cron"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a workflow runs by itself, in its own zone.

    For the first four kinds the session's time is the beginning of the period, and the run starts later: at `after`.

    Attributes:
        kind: the form.
        after: seconds from the beginning of the hour or day to the run's start; for an interval or cron, from the
            minute meant (`delay:`).
        weekday: for a weekly one: 0 for Sunday to 6 for Saturday.
        day: for a monthly one: 1 to 31; a month without that day is left out.
        minutes: for an interval: the minutes of an hour that it divides by this number.
        cron: for cron: the minutes meant.
        start: the first day of sessions; None for no limit.
        end: the last day of sessions, included; None for no limit.
        skip_on_overtime: whether a session is left out while the one before still runs.
        skip_delayed_by: seconds after which a session that could not start in time is left out; None for never.
        text: as written.
    """

    kind: ScheduleKind
    after: int = 0
    weekday: int | None = None
    day: int | None = None
    minutes: int | None = None
    cron: Cron | None = None
    start: date | None = None
    end: date | None = None
    skip_on_overtime: bool = False
    skip_delayed_by: int | None = None
    text: str = field(default="", compare=False)


def read_schedule(node: Node, issues: list[ValidationIssue]) -> Schedule | None:
    """Read a `schedule:` block.

    Args:
        node: the block, or one of the texts `@hourly`, `@daily` and `@monthly`.
        issues: where everything that is wrong is added.

    Returns:
        the schedule; None if something is wrong with it.
    """
    before = len(issues)
    values: dict[str, object] = {}
    if isinstance(node.value, str):
        values = {"kind": ScheduleKind.CRON, "cron": _read(node, _shorthand, issues), "text": node.value.strip()}
    elif node.items:
        values = _block(node, issues)
    else:
        issues.append(node.key_issue("schedule", f"is empty: {SHAPE}"))
    return None if len(issues) > before else Schedule(**values)  # type: ignore[arg-type]  # the tables below see to it


def _block(node: Node, issues: list[ValidationIssue]) -> dict[str, object]:
    values: dict[str, object] = {"text": ", ".join(f"{key}: {child.value}" for key, child in node.items.items())}
    chosen = [key for key in node.items if key in KINDS]
    if len(chosen) != 1:
        known = ", ".join(f"`{key}`" for key in KINDS)
        issues.append(node.key_issue("schedule", f"needs exactly one of {known}"))
    for key, child in node.items.items():
        if key in KINDS:
            values["kind"] = ScheduleKind(key[:-1])
            values.update(_read(child, KINDS[key], issues) or {})
        elif key in OPTIONS:
            values[OPTIONS[key][0]] = _read(child, OPTIONS[key][1], issues)
        else:
            message = f"is no key of a schedule.{nearest(key, [*KINDS, *OPTIONS])}"
            issues.append(child.key_issue("unknown", message))
    if "delay" in node.items and values.get("kind") not in (ScheduleKind.CRON, ScheduleKind.MINUTES_INTERVAL, None):
        issues.append(node.items["delay"].key_issue("schedule", "applies to `cron>` and `minutes_interval>` only"))
    start, end = values.get("start"), values.get("end")
    if isinstance(start, date) and isinstance(end, date) and end < start:
        issues.append(node.items["end"].issue("schedule", "is before `start`"))
    return values


def _read(node: Node, parse: Callable[[str], T], issues: list[ValidationIssue]) -> T | None:
    """Read one value; a fault becomes an issue and None."""
    if not isinstance(node.value, str):
        said = (
            "nothing after the colon (a # begins a comment); put it in quotes" if node.commented else "must be a text"
        )
        issues.append(node.key_issue("schedule", said))
        return None
    try:
        return parse(node.value.strip())
    except InvalidValueError as error:
        issues.append(node.issue(error.code, error.message))
        return None


def _shorthand(text: str) -> Cron:
    if not text.startswith("@"):
        raise InvalidValueError("schedule", f"{SHAPE}, or as @hourly, @daily or @monthly in quotes")
    return parse_cron(text)


def _time(text: str, shape: str) -> int:
    """Give the seconds that a `HH:MM:SS` or `MM:SS` stands for."""
    time = TIME.fullmatch(text)
    if time is None or (time["hour"] is None) != (shape == "MM:SS"):
        raise InvalidValueError("time", f"must be {shape}, in digits")
    hour, minute, second = (int(part or 0) for part in time.groups())
    if hour > 23 or minute > 59 or second > 59:
        raise InvalidValueError("time", f"must be a time that a clock shows, {shape}")
    return hour * 3600 + minute * 60 + second


def _hourly(text: str) -> dict[str, object]:
    return {"after": _time(text, "MM:SS")}


def _daily(text: str) -> dict[str, object]:
    return {"after": _time(text, "HH:MM:SS")}


def _weekly(text: str) -> dict[str, object]:
    day, comma, time = text.partition(",")
    name = day.strip().lower()
    number = WEEKDAYS.index(name) if name in WEEKDAYS else int(name) if name in "01234567" and name else None
    if not comma or number is None:
        raise InvalidValueError("schedule", "must be DDD,HH:MM:SS with a day from Sun to Sat, or 0 for Sunday to 6")
    return {"weekday": number % 7, "after": _time(time.strip(), "HH:MM:SS")}


def _monthly(text: str) -> dict[str, object]:
    day, comma, time = text.partition(",")
    if not comma or not re.fullmatch(r"0?[1-9]|[12]\d|3[01]", day.strip(), re.ASCII):
        raise InvalidValueError("schedule", "must be D,HH:MM:SS with a day from 1 to 31")
    return {"day": int(day), "after": _time(time.strip(), "HH:MM:SS")}


def _interval(text: str) -> dict[str, object]:
    return {"minutes": validators.integer(1, 59)(text)}


def _cron(text: str) -> dict[str, object]:
    return {"cron": parse_cron(text)}


def _date(text: str) -> date:
    try:
        if DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InvalidValueError("date", "must be a day that there is, as YYYY-MM-DD")


def _duration(text: str) -> int:
    parts = DURATION.fullmatch(text)
    if not text or parts is None:
        raise InvalidValueError("duration", "must be a duration with its unit, such as 30s, 3m, 1h or 2d")
    seconds = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    return sum(int(number or 0) * seconds[unit] for unit, number in parts.groupdict().items())


KINDS: Final[dict[str, Callable[[str], dict[str, object]]]] = {
    "hourly>": _hourly,
    "daily>": _daily,
    "weekly>": _weekly,
    "monthly>": _monthly,
    "minutes_interval>": _interval,
    "cron>": _cron,
}
OPTIONS: Final[dict[str, tuple[str, Callable[[str], object]]]] = {
    "start": ("start", _date),
    "end": ("end", _date),
    "delay": ("after", validators.integer(0, 86_400)),
    "skip_on_overtime": ("skip_on_overtime", validators.boolean),
    "skip_delayed_by": ("skip_delayed_by", _duration),
}
