"""Which minutes does a cron text mean?"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from td_line_connectors.issues import InvalidValueError

__all__ = ["Cron", "parse_cron"]

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
SHORTHANDS: Final = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@monthly": "0 0 1 * *"}
PART: Final = re.compile(r"(?P<single>\w+)|(?:\*|(?P<first>\w+)-(?P<last>\w+))(?:/0*(?P<step>\d{1,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.lowest
        number = int(text) if text.isdecimal() and len(text) <= 4 else -1
        if not self.lowest <= number <= self.highest:
            names = f" or {self.names[0]} to {self.names[-1]}" if self.names else ""
            message = f"its {self.name} must be {self.lowest} to {self.highest}{names}"
            raise InvalidValueError("cron", message)
        return number

    def numbers(self, text: str) -> frozenset[int]:
        """Give every number that a comma-separated field means."""
        return frozenset(number for part in text.split(",") for number in self._part(part))

    def _part(self, text: str) -> list[int]:
        part = PART.fullmatch(text)
        if part is None or part["step"] == "0":
            message = f"its {self.name} must be numbers, ranges `a-b`, `*`, or `*` or a range with a step, `*/n`"
            raise InvalidValueError("cron", message)
        if part["single"]:
            return [self.number(part["single"])]
        first = self.number(part["first"]) if part["first"] else self.lowest
        last = self.number(part["last"]) if part["last"] else self.highest
        over_the_end = [*range(first, self.highest + 1), *range(self.lowest, last + 1)]  # sat-mon
        return (over_the_end if last < first else list(range(first, last + 1)))[:: int(part["step"] or 1)]


FIELDS: Final = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, MONTHS),
    _Field("weekday", 0, 7, WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron text, read. A minute is meant if all five fit, as in the workflow engine that we follow.

    Source: cron4j, which digdag uses. Other crons take either day field where both are restricted.

    Attributes:
        minutes, hours, days, months: the numbers that match.
        weekdays: 0 for Sunday to 6 for Saturday.
        text: as written.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    text: str

    @property
    def every_hour(self) -> bool:
        """Whether it means every hour of a day, so that it goes by the hours that pass."""
        return len(self.hours) == 24

    def means(self, day: date) -> bool:
        """Say whether it means minutes of this day."""
        return day.day in self.days and day.month in self.months and day.isoweekday() % 7 in self.weekdays


def parse_cron(text: str) -> Cron:
    """Read five fields, or `@hourly`, `@daily` or `@monthly`.

    Raises:
        InvalidValueError: saying which field is wrong.
    """
    parts = SHORTHANDS.get(text, text).split()
    if len(parts) != len(FIELDS):
        message = "must have five fields, minute, hour, day, month and weekday, or be @hourly, @daily or @monthly"
        raise InvalidValueError("cron", message)
    minutes, hours, days, months, weekdays = (each.numbers(part) for each, part in zip(FIELDS, parts, strict=True))
    return Cron(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), text)
