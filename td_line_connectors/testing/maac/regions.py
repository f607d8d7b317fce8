"""What differs between MAAC's regions?"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

__all__ = ["REGIONS", "Region"]

_E164: Final = re.compile(r"\+[1-9][0-9]{7,14}")


@dataclass(frozen=True, slots=True)
class Region:
    """An account's region.

    Attributes:
        country_code: what a local mobile number's leading 0 becomes.
        local_mobile: the shape of a local mobile number.
        utc_offset: whole hours; MAAC writes its times with this offset.
    """

    country_code: str
    local_mobile: re.Pattern[str]
    utc_offset: int

    def e164(self, mobile: str) -> str | None:
        """Give the number in E.164, or None if it is neither that nor a local mobile number of this region."""
        if self.local_mobile.fullmatch(mobile):
            return self.country_code + mobile[1:]
        return mobile if _E164.fullmatch(mobile) else None

    def timestamp(self, at: float) -> str:
        """Write epoch seconds as MAAC does: ISO 8601 with microseconds and offset."""
        moment = datetime.fromtimestamp(at, UTC).astimezone(timezone(timedelta(hours=self.utc_offset)))
        return moment.isoformat(timespec="microseconds")


REGIONS: Final = {
    "tw": Region("+886", re.compile(r"09[0-9]{8}"), 8),
    "jp": Region("+81", re.compile(r"0[789]0[0-9]{8}"), 9),
}
