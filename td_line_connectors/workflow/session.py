"""Which variables does every workflow have?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

__all__ = ["NOT_HERE", "Session", "built_in_variables", "find_zone"]

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
