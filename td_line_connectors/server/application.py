"""What becomes of a call?"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from td_line_connectors.errors import PayloadError, SignatureError, StoreError
from td_line_connectors.server import answers
from td_line_connectors.server.answers import Answer, TurnedAwayError
from td_line_connectors.server.body import BodyReader, Receive
from td_line_connectors.server.calls import GONE, Call, masked
from td_line_connectors.server.complaints import Complaints, place_of
from td_line_connectors.server.deadlines import Deadlines
from td_line_connectors.server.routes import TASK, Route
from td_line_connectors.spi import Delivery, InputConnector

__all__ = ["Limits", "Page", "Receiver", "Settled", "Submit"]

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Page = Callable[[], Awaitable[Answer]]
Settled = asyncio.Future[StoreError | None]
Submit = Callable[[Route, Delivery, Settled], None]

LONGEST_LENGTH: Final = 18
"""Digits of a Content-Length that are worth reading as a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much, and how long.

    Attributes:
        body_bytes: of one body.
        body_seconds: from a call's head until its body must be whole; then the connection is closed.
        store_seconds: from the body until the call must be durable; then it is refused. LINE waits 2 s in all.
    """

    body_bytes: int = 1024 * 1024
    body_seconds: float = 5.0
    store_seconds: float = 1.5


def _unobserved(_call: Call) -> None:
    """Tell nobody."""


class Receiver:
    """The receiver as an ASGI application: any ASGI server can mount it. It lives in one event loop.

    Args:
        find: gives the route of a source's id, a UUID in lower case, or None; at once.
        submit: hands a delivery to the store and returns at once; the future is settled, in the loop, with None when
            the delivery is durable, or with what kept it from being so. Raises StoreError where it takes nothing.
        pages: what GET shows: path → answer.
        observe: is told of each call when its answer is known; at once.
        limits: how much, and how long.
        wall: the wall clock, in seconds since 1970.
        monotonic: a clock in seconds that never jumps.
    """

    def __init__(
        self,
        find: Callable[[str], Route | None],
        submit: Submit,
        *,
        pages: Mapping[str, Page] | None = None,
        observe: Callable[[Call], None] = _unobserved,
        limits: Limits | None = None,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        limits = limits or Limits()
        self._find = find
        self._submit = submit
        self._pages = pages or {}
        self._observe = observe
        self._most_bytes = limits.body_bytes
        self._wall = wall
        self._monotonic = monotonic
        self._bodies = BodyReader(limits.body_bytes, limits.body_seconds)
        self._storing: Deadlines[Settled] = Deadlines(limits.store_seconds, _give_up)
        self._complaints = Complaints(logging.getLogger(__name__), monotonic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call, as ASGI 3 has it."""
        if scope["type"] != "http":
            await _decline(scope, receive, send)
            return
        began = self._monotonic()
        path: str = scope["path"].removeprefix(scope.get("root_path", ""))
        answer: Answer | None = answers.FAULT
        source, events = "", 0
        try:
            if path.startswith(TASK):
                route = self._route(path)
                source = route.source
                answer, events = await self._take(route, scope, receive)
            else:
                answer = await self._show(path, scope["method"])
        except TurnedAwayError as early:
            answer = early.answer
        except Exception as error:  # noqa: BLE001 - a connector may raise anything; the caller and the log are told
            self._complaints.tell(f"a fault while answering a call: {type(error).__name__}{place_of(error)}")
        self._tell(scope, path, answer, source, events, self._monotonic() - began)
        if answer is not None:
            await send(answer.beginning())
            await send(answer.ending)

    def _route(self, path: str) -> Route:
        source_id = path[len(TASK) :]
        route = self._find(source_id) or self._find(source_id.lower())
        if route is None:
            raise TurnedAwayError(answers.NOT_FOUND)
        return route

    async def _take(self, route: Route, scope: Scope, receive: Receive) -> tuple[Answer, int]:
        """Take a call for a source. The order of the checks is the design's.

        Returns:
            the answer and the number of events taken.
        """
        connector, headers = self._admitted(route, scope)
        loop = asyncio.get_running_loop()
        body = await self._bodies.read(receive, loop)
        verdict = answers.ACCEPTED
        try:
            delivery = connector.receive(body, headers, datetime.fromtimestamp(self._wall(), UTC))
        except SignatureError:
            raise TurnedAwayError(answers.FORGED) from None
        except PayloadError as error:
            delivery, verdict = Delivery(error.raw, ()), answers.answer(400, str(error))
        await self._stored(route, delivery, loop)
        return verdict, len(delivery.events)

    def _admitted(self, route: Route, scope: Scope) -> tuple[InputConnector, Mapping[str, str]]:
        """Let a call in whose body is worth reading, and give its headers."""
        if scope["method"] != "POST":
            raise TurnedAwayError(answers.POST_ONLY)
        if route.connector is None:
            raise TurnedAwayError(answers.UNAVAILABLE)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if not headers.get(route.signature_header):
            raise TurnedAwayError(answers.UNSIGNED)
        if "upgrade" in headers and "upgrade" in headers.get("connection", "").lower():
            raise TurnedAwayError(answers.NO_UPGRADE)  # uvicorn's parser passes over the body of such a call
        length = headers.get("content-length", "")
        if length.isdecimal() and (len(length) > LONGEST_LENGTH or int(length) > self._most_bytes):
            raise TurnedAwayError(answers.BODY_TOO_LARGE)
        return route.connector, headers

    async def _stored(self, route: Route, delivery: Delivery, loop: asyncio.AbstractEventLoop) -> None:
        """Return when the delivery is durable."""
        settled: Settled = loop.create_future()
        self._storing.begin(settled, loop)
        try:
            self._submit(route, delivery, settled)
            problem = await settled
        except StoreError as error:
            problem = error
        finally:
            self._storing.end(settled)
        if problem is not None:
            self._complaints.tell(f"source {route.source}: {problem}")
            raise TurnedAwayError(answers.UNAVAILABLE)

    async def _show(self, path: str, method: str) -> Answer:
        page = self._pages.get(path)
        if page is None:
            return answers.NOT_FOUND
        if method not in {"GET", "HEAD"}:
            return answers.LOOK_ONLY
        return await page()

    def _tell(self, scope: Scope, path: str, answer: Answer | None, source: str, events: int, seconds: float) -> None:
        client = scope.get("client")
        sender = client[0] if client else None
        forwarded = b""
        for name, value in scope["headers"]:
            if name == b"x-forwarded-for":
                forwarded = value
        shown = path if path in self._pages else masked(path)
        status = answer.status if answer else GONE
        self._observe(Call(self._wall(), sender, forwarded, scope["method"], shown, status, source, events, seconds))


def _give_up(settled: Settled) -> None:
    if not settled.done():
        settled.set_result(StoreError("a call was not stored in time, and was refused; is the disk slow or busy?"))


async def _decline(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer what is no HTTP call: a server's start and stop are noted, a WebSocket is closed."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
        return
    while scope["type"] == "lifespan":
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
