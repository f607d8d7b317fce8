"""A receiver whose store is a list, and calls to it without a socket."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import pytest

from td_line_connectors.connectors.line_oa.connector import LineOaInput
from td_line_connectors.errors import StoreError
from td_line_connectors.secret import Secret
from td_line_connectors.server.application import Limits, Receiver, Settled
from td_line_connectors.server.calls import Call
from td_line_connectors.server.limiting import ConnectionLimits
from td_line_connectors.server.listening import listen
from td_line_connectors.server.routes import Route
from td_line_connectors.server.serving import HttpServer
from td_line_connectors.spi import Delivery, InputConnector

SOURCE = "3d7a1c52-5d5c-4c5e-9d33-3c36b1f3a0ab"
PATH = f"/v1/task/{SOURCE}"
SECRET = "channel-secret"
EVENT = {"type": "message", "webhookEventId": "01JD0000000000000000000000", "message": {"text": "my hidden words"}}
BODY = json.dumps({"destination": "U8e742f61d673b39c7fff3cecb7536ef0", "events": [EVENT]}).encode()
EMPTY = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'


def signature(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-line-signature": signature(body, secret)}


@dataclass(frozen=True)
class Answered:
    """What came of a call."""

    status: int
    headers: dict[str, str]
    body: bytes
    pieces_read: int


@dataclass
class Rig:
    """A receiver, and what it did.

    Attributes:
        outcome: what the store says to each delivery: None, or what is wrong; `never` says nothing at all.
        full: what the store raises instead of taking anything.
    """

    stored: list[Delivery] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    outcome: StoreError | None = None
    never: bool = False
    full: StoreError | None = None
    pages: dict[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    connector: InputConnector | None = field(default_factory=lambda: LineOaInput([Secret(SECRET)]))

    def submit(self, _route: Route, delivery: Delivery, settled: Settled) -> None:
        if self.full:
            raise self.full
        if not self.outcome:
            self.stored.append(delivery)
        if not self.never:
            settled.get_loop().call_soon(settled.set_result, self.outcome)

    def receiver(self) -> Receiver:
        route = Route(
            source="shop",
            connector=self.connector,
            signature_header="x-line-signature",
            database="line",
            raw_table="calls",
            events_table="events",
        )
        return Receiver(
            {SOURCE: route}.get, self.submit, pages=self.pages, observe=self.calls.append, limits=self.limits
        )

    def call(
        self,
        method: str = "POST",
        path: str = PATH,
        headers: dict[str, str] | None = None,
        body: bytes | Iterable[bytes] | None = BODY,
    ) -> Answered:
        """Make one call: a signed one, unless headers are given. A body of None never comes."""
        whole = body if isinstance(body, bytes) else b""
        return asyncio.run(answered(self.receiver(), scope(method, path, headers or signed(whole)), pieces(body)))


def scope(method: str, path: str, headers: dict[str, str]) -> MutableMapping[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("203.0.113.7", 50_000),
    }


def pieces(body: bytes | Iterable[bytes] | None) -> list[bytes] | None:
    if body is None:
        return None
    return [body] if isinstance(body, bytes) else list(body)


async def answered(application: Any, scope: MutableMapping[str, Any], parts: list[bytes] | None) -> Answered:
    """Make one ASGI call."""
    sent: list[MutableMapping[str, Any]] = []
    read = 0

    async def receive() -> MutableMapping[str, Any]:
        nonlocal read
        if parts is None:
            await asyncio.Event().wait()
        assert parts is not None
        if read == len(parts):
            return {"type": "http.disconnect"}
        read += 1
        return {"type": "http.request", "body": parts[read - 1], "more_body": read < len(parts)}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await application(scope, receive, send)
    if not sent:
        return Answered(0, {}, b"", read)
    start, end = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answered(start["status"], headers, end["body"], read)


@pytest.fixture
def rig() -> Rig:
    return Rig()


@contextmanager
def served(application: Any, **limits: float) -> Iterator[HttpServer]:
    """Serve an application on a free port, in a thread, for the length of the block."""
    server = HttpServer(application, listen("127.0.0.1", 0), ConnectionLimits(**limits))  # type: ignore[arg-type]  # by name
    thread = Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
