"""Is this a day?"""

import re
from datetime import date, datetime, time
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from td_line_connectors.issues import InvalidValueError

if TYPE_CHECKING:
    from dateutil.parser import isoparser

__all__ = ["birthday"]

_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MIDNIGHT = time()


def birthday(value: object) -> str:
    """Validate a birthday.

    Args:
        value: text of the shape `YYYY-MM-DD`, a date, or a datetime at midnight of any time zone.

    Returns:
        The day as `YYYY-MM-DD`.

    Raises:
        InvalidValueError: `birthday`; the message says what is expected.
    """
    if type(value) is str:
        return _day(value)
    if isinstance(value, datetime):
        nanosecond: object = getattr(value, "nanosecond", None)  # pandas.Timestamp counts them apart
        if value.time() != _MIDNIGHT or nanosecond:
            raise InvalidValueError("birthday", "must be a day: it is a point in time; cast it to a date in the query")
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return _day(str.__str__(value))
    raise InvalidValueError("birthday", "must be a date, or text of the form YYYY-MM-DD such as 1985-04-06")


@lru_cache(maxsize=65_536)  # all days of 179 years, about 10 MB
def _day(read: str) -> str:
    # dateutil reads far more than one form: "1985" and "1985-W14-6" are days to it.
    if not _SHAPE.fullmatch(read):
        raise InvalidValueError("birthday", "must have the form YYYY-MM-DD, such as 1985-04-06, in ASCII digits")
    try:
        return _iso_parser().parse_isodate(read).isoformat()
    except ValueError:
        raise InvalidValueError(
            "birthday", "must be a day of the calendar, year, month and day in this order"
        ) from None


@cache
def _iso_parser() -> "isoparser":
    from dateutil.parser import isoparser  # noqa: PLC0415 - the door: 40 ms, paid with the first birthday

    return isoparser()
