"""Which variables does every workflow have?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from td_line_connectors.issues import InvalidValueError

__all__ = ["NOT_HERE", "Session", "built_in_variables", "find_zone", "read_session_time", "session_at"]

NO_SERVER: Final = "is a number that the workflow server gives; there is none here: use `${session_uuid}`"
NO_HISTORY: Final = "is a variable of scheduled sessions, which is not supported here"
NO_RESULTS: Final = "is known only while a workflow runs, which is not supported here"

NOT_HERE: Final = MappingProxyType(
    {
        **dict.fromkeys(("project_id", "session_id", "attempt_id"), NO_SERVER),
        **{
            f"{which}_session_{what}": NO_HISTORY
            for which in ("last", "next", "last_executed")
            for what in ("time", "date", "date_compact", "local_time", "tz_offset", "unixtime")
        },
        **dict.fromkeys(("td.last_job_id", "td.last_job", "td.last_results", "task_id"), NO_RESULTS),
    }
)
"""Built-in variables of the workflow engine that we follow and do not have: name → why."""


@dataclass(frozen=True, slots=True)
class Session:
    """The one run that variables speak of.

    Attributes:
        time: the session's time, aware of its zone; for a scheduled run the beginning of the period, not the clock.
        uuid: the session's id.
    """

    time: datetime
    uuid: UUID


def read_session_time(text: str) -> datetime:
    """Read a session's time as `${session_time}` is written: `2026-11-21T00:00:00+08:00`.

    Raises:
        InvalidValueError: if it is no moment: a day without a time, a time without its offset.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.utcoffset() is None or not 1970 <= time.year <= 9998:
        message = "must be day, time and offset, such as 2026-11-21T00:00:00+08:00"
        raise InvalidValueError("session_time", message)
    return time


def session_at(time: datetime, path: Path) -> Session:
    """Give the session of a workflow at a time. Run again, it has the same id, as in the workflow engine we follow.

    Args:
        time: the session's, aware of its zone.
        path: the workflow file.
    """
    name = f"{path.absolute().as_uri()}#{time.astimezone(UTC).isoformat()}"
    return Session(time, uuid5(NAMESPACE_URL, name))


def find_zone(name: str) -> tzinfo | None:
    """Give the zone of an IANA name; None if there is none."""
    if name == "UTC":
        return UTC  # so that a host without a time zone database can do without
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # a folder, a path, an unknown name
        return None


def built_in_variables(session: Session, timezone: str, zone: tzinfo) -> Mapping[str, str]:
    """Give the variables that need no task: `session_date` and so on, as digdag writes them.

    Source: digdag's documentation, «Using ${variables}», built-in variables.

    Args:
        session: the run.
        timezone: the workflow's zone, by name.
        zone: that zone.
    """
    time = session.time.astimezone(zone).replace(microsecond=0)
    return {
        "timezone": timezone,
        "session_uuid": str(session.uuid),
        "session_time": time.isoformat(),
        "session_date": f"{time:%Y-%m-%d}",
        "session_date_compact": f"{time:%Y%m%d}",
        "session_local_time": f"{time:%Y-%m-%d %H:%M:%S}",
        "session_tz_offset": f"{time:%z}",
        "session_unixtime": str(int(time.timestamp())),
    }
