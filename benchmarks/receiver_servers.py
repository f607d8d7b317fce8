"""The servers that receiver.py compares, each in a process of its own.

    python benchmarks/receiver_servers.py floor|sdk|sdk+sqlite|ours FOLDER

The port is printed when it listens. `ours` makes a project in FOLDER, with a source whose id is FOLDER's name.
"""

import base64
import hashlib
import hmac
import logging
import sqlite3
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import read_project
from td_line_connectors.server.call_log import CallLog
from td_line_connectors.server.hosting import hosting
from td_line_connectors.server.listening import listen
from td_line_connectors.sources.creating import SourceFields, create_source
from td_line_connectors.sources.store import SourceStore
from td_line_connectors.storage.databases import Databases

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"  # noqa: S105 - it is LINE's own example
PROJECT = f"connections: {{line: {{type: line_oa_streaming, channel_secret: {SECRET}}}}}\n"
FIELDS = SourceFields(name="shop", connection="line", database="line", raw_table="calls", events_table="events")


def serve(application: Any) -> None:  # noqa: ANN401 - an ASGI application
    """Serve an application of a peer with uvicorn, as lean as it can be told to be."""
    uvicorn = import_module("uvicorn")
    config = uvicorn.Config(application, http="httptools", loop="uvloop", log_config=None, access_log=False)
    with listen("127.0.0.1", 0) as listener:
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(config).run(sockets=[listener])


async def floor(_scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's dicts
    """Check the signature and answer."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    given = next((value for name, value in _scope["headers"] if name == b"x-line-signature"), b"")
    expected = base64.b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256))
    status = 200 if hmac.compare_digest(expected, given) else 401
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def sdk(keep: Callable[[str, Any], None]) -> Any:  # noqa: ANN401 - fastapi's application
    """Give the application that a LINE developer writes with FastAPI and the official SDK.

    Args:
        keep: stores a body and its parsed events.
    """
    fastapi, webhook = import_module("fastapi"), import_module("linebot.v3")
    parser = webhook.WebhookParser(SECRET)
    application = fastapi.FastAPI()

    async def callback(request: Any) -> str:  # noqa: ANN401 - fastapi's request
        body = (await request.body()).decode()
        try:
            events = parser.parse(body, request.headers["X-Line-Signature"])
        except import_module("linebot.v3.exceptions").InvalidSignatureError:
            raise fastapi.HTTPException(status_code=400) from None
        keep(body, events)
        return "OK"

    callback.__annotations__["request"] = fastapi.Request
    application.post("/callback")(callback)
    return application


def keep_nothing(_body: str, _events: Any) -> None:  # noqa: ANN401 - the SDK's events
    """Store nothing."""


def keep_in_sqlite(folder: Path) -> Callable[[str, Any], None]:
    """Give what stores a call in one durable transaction of its own."""
    connection = sqlite3.connect(folder / "peer.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE calls (body)")
    connection.execute("CREATE TABLE events (id UNIQUE, type, timestamp, source, message)")

    def keep(body: str, events: Any) -> None:  # noqa: ANN401 - the SDK's events
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO calls VALUES (?)", (body,))
        connection.executemany(
            "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?)",
            [
                (each.webhook_event_id, each.type, each.timestamp, each.source.to_json(), each.message.to_json())
                for each in events
            ],
        )
        connection.execute("COMMIT")

    return keep


def ours(folder: Path) -> None:
    """Serve a project as `td-line serve` does, with its log in a file."""
    (folder / "td-line.yml").write_text(PROJECT)
    project, registry = read_project(folder), default_registry()
    create_source(
        FIELDS,
        project,
        registry,
        store=SourceStore(project.state / "sources.sqlite"),
        databases=Databases(project.state / "databases"),
        now=datetime.now(UTC),
        create_tables=True,
        new_id=lambda: UUID(folder.name),
    )
    with (folder / "calls.log").open("w") as log, hosting(project, registry, CallLog(log.write), port=0) as server:
        server.run(lambda: print(urlsplit(server.url).port, flush=True))


def main() -> None:
    """Play the role that the arguments name."""
    role, folder = sys.argv[1], Path(sys.argv[2])
    logging.disable()
    with suppress(KeyboardInterrupt):
        if role == "ours":
            ours(folder)
        elif role == "floor":
            serve(floor)
        else:
            serve(sdk(keep_in_sqlite(folder) if role == "sdk+sqlite" else keep_nothing))


if __name__ == "__main__":
    main()
