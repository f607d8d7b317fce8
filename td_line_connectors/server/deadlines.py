"""Which waits have lasted too long?"""

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Deadlines"]

T = TypeVar("T", bound=Hashable)


class Deadlines(Generic[T]):
    """Waits that may all last equally long, watched by one timer of the running loop.

    The first to begin is then the first to be late, so a dict in that order is all there is to keep, and a call
    costs no timer of its own.

    Args:
        seconds: how long a wait may last.
        late: called in the loop with each wait that has lasted longer; it has been taken out already.
    """

    __slots__ = ("_armed", "_due", "_late", "_seconds")

    def __init__(self, seconds: float, late: Callable[[T], None]) -> None:
        self._seconds = seconds
        self._late = late
        self._due: dict[T, float] = {}
        self._armed = False

    def begin(self, wait: T, loop: asyncio.AbstractEventLoop) -> None:
        """Watch a wait from now on."""
        self._due[wait] = due = loop.time() + self._seconds
        if not self._armed:
            self._armed = True
            loop.call_at(due, self._sweep, loop)

    def end(self, wait: T) -> None:
        """Watch it no longer; one that is not watched is no fault."""
        self._due.pop(wait, None)

    def __len__(self) -> int:
        return len(self._due)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        while self._due:
            wait, due = next(iter(self._due.items()))
            if due > now:
                loop.call_at(due, self._sweep, loop)
                return
            del self._due[wait]
            self._late(wait)
        self._armed = False
