"""Is the whole body here, in time and in size?"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from td_line_connectors.server.answers import BODY_TOO_LARGE, BODY_TOO_SLOW, TurnedAwayError
from td_line_connectors.server.deadlines import Deadlines

__all__ = ["BodyReader", "Receive"]

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class BodyReader:
    """Reads bodies.

    Args:
        most_bytes: of one body.
        seconds: from the head until the body must be whole.
    """

    __slots__ = ("_late", "_most_bytes", "_reading")

    def __init__(self, most_bytes: int, seconds: float) -> None:
        self._most_bytes = most_bytes
        self._late: set[asyncio.Task[Any]] = set()
        self._reading: Deadlines[asyncio.Task[Any]] = Deadlines(seconds, self._stop)

    async def read(self, receive: Receive, loop: asyncio.AbstractEventLoop) -> bytes:
        """Read a body.

        Args:
            receive: of ASGI.
            loop: the running one.

        Raises:
            TurnedAwayError: it is too large or too slow, or the caller went away.
        """
        task = asyncio.current_task(loop)
        assert task is not None, "an ASGI application runs in a task"
        self._reading.begin(task, loop)
        try:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body", False):
                body: bytes = message.get("body", b"")  # nearly every call's way
            else:
                body = await self._rest(message, receive)
        except asyncio.CancelledError:
            if task not in self._late:  # the host stops, and this is not ours to swallow
                raise
            self._late.discard(task)
            task.uncancel()
            raise TurnedAwayError(BODY_TOO_SLOW) from None
        finally:
            self._reading.end(task)
        if len(body) > self._most_bytes:
            raise TurnedAwayError(BODY_TOO_LARGE)
        return body

    async def _rest(self, message: MutableMapping[str, Any], receive: Receive) -> bytes:
        pieces = bytearray()
        while message["type"] == "http.request":
            pieces += message.get("body", b"")
            if not message.get("more_body", False) or len(pieces) > self._most_bytes:
                return bytes(pieces)
            message = await receive()
        raise TurnedAwayError(None)

    def _stop(self, task: asyncio.Task[Any]) -> None:
        self._late.add(task)
        task.cancel()
