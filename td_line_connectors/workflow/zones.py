"""Which moments does a clock on the wall mean?"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

__all__ = ["first_moment", "moments_of"]


def moments_of(shown: datetime, zone: tzinfo) -> Sequence[datetime]:
    """Give the moments at which the clocks of a zone show a time.

    Args:
        shown: day and time, without a zone.
        zone: where the clocks hang.

    Returns:
        the moments in UTC, in order: one as a rule, none where the clocks are set forward over that time, two where
        they are set back over it. Source: PEP 495, the two readings of a time by `fold`.
    """
    before, after = _readings(shown, zone)
    if before == after:
        return (before,)
    return (before, after) if before < after else ()


def first_moment(shown: datetime, zone: tzinfo) -> datetime:
    """Give the first moment, in UTC, at which a zone's clocks show a time; where they skip it, the first one after it.

    Args:
        shown: day and time, without a zone.
        zone: where the clocks hang.
    """
    moments = moments_of(shown, zone)
    if moments:
        return moments[0]
    after, before = _readings(shown, zone)  # of a time that is skipped, one lies on either side of the change

    def is_past(seconds: int) -> bool:
        return (before + timedelta(seconds=seconds)).astimezone(zone).replace(tzinfo=None) > shown

    skipped = int((after - before).total_seconds())
    return before + timedelta(seconds=bisect_left(range(skipped), True, key=is_past))


def _readings(shown: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Read a time with the offset that holds before a change of the clocks, and with the one after it."""
    with_zone = shown.replace(tzinfo=zone)
    return with_zone.replace(fold=0).astimezone(UTC), with_zone.replace(fold=1).astimezone(UTC)
