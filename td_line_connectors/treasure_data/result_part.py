"""What has come of a job's result, from one of its bytes on?"""

import re
from dataclasses import dataclass, field
from typing import Final, Self

from td_line_connectors.errors import RemoteError
from td_line_connectors.transport.answers import Call
from td_line_connectors.treasure_data.td_client import OpenAnswer, answered

__all__ = ["ResultPart"]

CHUNK: Final = 262_144
PARTIAL: Final = 206
RANGE: Final = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18})")


@dataclass(frozen=True, slots=True, eq=False)
class ResultPart:
    """An open answer that has a job's result, from one of its bytes to its end.

    Attributes:
        call: what was asked.
        total: bytes of the whole result; None where that is not said.
        response: td-client's.
    """

    call: Call
    total: int | None
    response: "OpenAnswer" = field(repr=False)

    @classmethod
    def of(cls, call: Call, response: "OpenAnswer", start: int) -> Self:
        """Take an answer over; one that begins too early is read up to the byte that was asked for.

        Args:
            call: what was asked.
            response: 200 or 206.
            start: the byte that is wanted first, from 0.

        Raises:
            RemoteError: if it is another part, or the line breaks.
        """
        if response.status == PARTIAL:
            found = RANGE.fullmatch(response.headers.get("Content-Range", ""))
            if found is None or int(found[1]) != start:
                response.close()
                raise RemoteError(f"{call}: 206, but not with the bytes that were asked for")
            return cls(call, int(found[2]), response)
        length = response.headers.get("Content-Length", "")
        part = cls(call, int(length) if length.isdecimal() else None, response)
        part.skip(start)
        return part

    def read(self, size: int) -> bytes:
        """Read so many bytes; fewer only at the end.

        Raises:
            RemoteError: if the line breaks before.
        """
        return answered(self.call, lambda: self.response.read(size))

    def skip(self, size: int) -> None:
        """Read so many bytes, and forget them."""
        while size and (passed := self.read(min(size, CHUNK))):
            size -= len(passed)

    def close(self) -> None:
        """Let go of the line."""
        self.response.close()
