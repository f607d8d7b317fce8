"""How much may a connection ask for?"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Application", "ConnectionLimits", "limited"]

Application = Callable[[Any, Any, Any], Awaitable[None]]
"""Of ASGI 3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """How many connections, and for how long.

    Attributes:
        connections: open ones; calls on further ones are refused.
        head_bytes: of a call's head.
        head_seconds: from a connection's beginning, or a further call's first byte, until the head must be whole; also
            for what remains of a body when its call has been answered.
        idle_seconds: between two calls of one connection. Longer than a proxy keeps an idle connection (nginx: 60 s),
            so that no call meets a connection that is just being closed.
        stop_seconds: from the stop until calls in flight are given up.
    """

    connections: int = 1000
    head_bytes: int = 64 * 1024
    head_seconds: float = 5.0
    idle_seconds: int = 75
    stop_seconds: int = 10


def limited(uvicorn_connection: Any, limits: ConnectionLimits, overloaded: Application) -> type[asyncio.Protocol]:  # noqa: ANN401 - a class that is loaded on first use
    """Give uvicorn's connection with our limits.

    Args:
        uvicorn_connection: its class for httptools.
        limits: how many connections, and for how long.
        overloaded: answers the calls of a connection too many.
    """

    class Connection(uvicorn_connection):  # type: ignore[misc] # it has types, but is loaded on first use
        """A connection that is refused, or closed, where it goes over a limit."""

        head_size = 0
        seen_cycle: object = None
        slow_since: float | None = None

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            if len(self.connections) > limits.connections:
                self.app = overloaded

        def data_received(self, data: bytes) -> None:
            inside, cycle = self.inside_head(), self.cycle
            super().data_received(data)
            # A head that began somewhere in this data, behind another call, is counted from the next data on.
            counted = inside and self.cycle is cycle and self.inside_head()
            self.head_size = self.head_size + len(data) if counted else 0
            if self.head_size > limits.head_bytes:
                self.send_400_response("The head is too large.")

        def inside_head(self) -> bool:
            """Say whether a head is under way, or awaited: uvicorn enters the method when one is whole."""
            return self.scope is None or "method" not in self.scope

        def close_if_slow(self, now: float) -> None:
            """Close the connection if it has neither been idle nor been working on one call for too long."""
            working = self.cycle is not None and not self.cycle.response_complete
            idle = self.timeout_keep_alive_task is not None  # uvicorn closes it in time
            if working or idle or self.slow_since is None or self.cycle is not self.seen_cycle:
                self.slow_since = None if working or idle else now
                self.seen_cycle = self.cycle
            elif now - self.slow_since >= limits.head_seconds:
                self.transport.close()

        def _unsupported_upgrade_warning(self) -> None:
            """Say nothing: the call's own line tells how it was answered."""

    return Connection
