"""The segments of an account.

Unpublished, and chosen here: a list is ordered by number; `name` matches in part, as it may; a page token is opaque,
comes percent-encoded as in the published example, is taken back in either form, and is null on the last page; every
segment counts against the limit; while a segment is being prepared its download has no rows; people named twice are
listed once.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, unquote

__all__ = ["CUSTOM", "ORDINARY", "PAGE", "Segment", "SegmentBook", "SegmentLimitError"]

ORDINARY: Final = 1
CUSTOM: Final = 2
PAGE: Final = 300


class SegmentLimitError(Exception):
    """The account has as many segments as it may."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment.

    Attributes:
        id: its number.
        name: need not be unique.
        description: may be empty.
        segment_type: 1 ordinary, by tags; 2 custom list.
        uids: the list as it was given, each once.
        ready_at: epoch seconds at which it is prepared.
    """

    id: int
    name: str
    description: str
    segment_type: int
    uids: tuple[str, ...]
    ready_at: float


class SegmentBook:
    """Segments by number. Not thread-safe: the account holds the lock."""

    def __init__(self) -> None:
        self._segments: dict[int, Segment] = {}
        self._last_id = 0

    def all(self) -> list[Segment]:
        """Give all segments by number."""
        return list(self._segments.values())

    def find(self, segment_id: int) -> Segment | None:
        """Find a segment by its number."""
        return self._segments.get(segment_id)

    def add(self, name: str, uids: Sequence[str], *, description: str, segment_type: int, ready_at: float) -> Segment:
        """Make a segment; a name that is there already makes a second one of that name."""
        self._last_id += 1
        segment = Segment(self._last_id, name, description, segment_type, tuple(dict.fromkeys(uids)), ready_at)
        self._segments[segment.id] = segment
        return segment

    def check_room(self, limit: int) -> None:
        """Make sure that one more fits.

        Raises:
            SegmentLimitError: it does not.
        """
        if len(self._segments) >= limit:
            raise SegmentLimitError(f"at most {limit} segments per account")

    def change(
        self,
        segment: Segment,
        *,
        name: str | None,
        description: str | None,
        uids: Sequence[str] | None,
        ready_at: float,
    ) -> Segment:
        """Overwrite what is given; a new list is prepared anew."""
        changed = replace(
            segment,
            name=segment.name if name is None else name,
            description=segment.description if description is None else description,
        )
        if uids is not None:
            changed = replace(changed, uids=tuple(dict.fromkeys(uids)), ready_at=ready_at)
        self._segments[segment.id] = changed
        return changed

    def remove(self, segment_id: int) -> bool:
        """Forget a segment. Tells whether it was there."""
        return self._segments.pop(segment_id, None) is not None

    def page(self, name: str, start: str) -> tuple[list[Segment], str | None]:
        """Give one page of those whose name contains `name`, and the token of the next page.

        Raises:
            ValueError: `start` is no token of ours.
        """
        first = _read_token(start) if start else 0
        matching = [segment for segment in self._segments.values() if segment.id >= first and name in segment.name]
        following = matching[PAGE] if len(matching) > PAGE else None
        return matching[:PAGE], _write_token(following.id) if following else None


def _write_token(segment_id: int) -> str:
    return quote(base64.b64encode(f"segment {segment_id}".encode()), safe="")


def _read_token(token: str) -> int:
    word, number = base64.b64decode(unquote(token), validate=True).decode().split(" ")
    if word != "segment":
        raise ValueError("not a page token")
    return int(number)
