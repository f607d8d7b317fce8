"""What does each part of a call cost by itself?

    python benchmarks/receiver_parts.py FILE

FILE has a signed call on each line: the signature, a blank, the body. Printed: JSON, microseconds of CPU a call.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, MutableMapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from td_line_connectors.connectors.line_oa.connector import LineOaInput
from td_line_connectors.connectors.line_oa.decoding import decode
from td_line_connectors.connectors.line_oa.signature import signed_by
from td_line_connectors.secret import Secret
from td_line_connectors.server.application import Receiver, Settled
from td_line_connectors.server.call_log import CallLog
from td_line_connectors.server.calls import Call
from td_line_connectors.server.metrics import Metrics
from td_line_connectors.server.routes import TASK, Route
from td_line_connectors.spi import Delivery
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.events import Arrival, EventTables

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"  # noqa: S105 - it is LINE's own example
MOST_BYTES = 5_000_000
COMMIT = 64
"""Calls that share a commit where the store is timed: about half the connections of the benchmark."""

Signed = tuple[bytes, dict[str, str]]


def per_call(work: Callable[[], object], calls: int) -> float:
    """Give the microseconds of CPU a call, the best of five."""
    times = []
    for _ in range(5):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times) / calls * 1e6


def parts(signed: Sequence[Signed]) -> dict[str, float]:
    """Time the parts one by one, in microseconds a call."""
    calls = len(signed)
    secrets = [Secret(SECRET)]
    connector = LineOaInput(secrets)
    now = datetime.now(UTC)
    whole = per_call(lambda: [connector.receive(content, headers, now) for content, headers in signed], calls)
    check = per_call(
        lambda: [signed_by(content, headers["x-line-signature"], secrets) for content, headers in signed], calls
    )
    decoding = per_call(lambda: [decode(content) for content, _ in signed], calls)
    deliveries = [connector.receive(content, headers, now) for content, headers in signed]
    return {
        "signature": check,
        "decode": decoding,
        "rows": whole - check - decoding,
        "store": storing(deliveries),
        "application": answering(signed, deliveries[0]),
    }


def storing(deliveries: Sequence[Delivery]) -> float:
    """Time the store by itself, with `COMMIT` calls a commit."""
    arrivals = [Arrival("line", "calls", "events", delivery) for delivery in deliveries]
    with tempfile.TemporaryDirectory() as name:
        databases = Databases(Path(name))
        databases.create("line")
        databases.create_table("line", "calls")
        databases.create_table("line", "events")
        tables = EventTables(databases)
        tables.store("line", arrivals[:1])
        began = time.process_time()
        for start in range(1, len(arrivals), COMMIT):
            tables.store("line", arrivals[start : start + COMMIT])
        used = time.process_time() - began
        tables.close()
    return used / len(arrivals) * 1e6


class Ready:
    """A connector that has taken every call apart beforehand."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def receive(self, _body: bytes, _headers: object, _received_at: datetime) -> Delivery:
        """Give the delivery."""
        return self._delivery


def answering(signed: Sequence[Signed], delivery: Delivery) -> float:
    """Time the ASGI application by itself, log and metrics included: no server, no connector, no store."""
    route = Route(
        source="shop",
        connector=Ready(delivery),
        signature_header="x-line-signature",
        database="line",
        raw_table="calls",
        events_table="events",
    )
    metrics, lines = Metrics(), CallLog(len)

    def observe(call: Call) -> None:
        metrics(call)
        lines(call)

    def submit(_route: Route, _delivery: Delivery, settled: Settled) -> None:
        settled.set_result(None)

    application = Receiver({"id": route}.get, submit, observe=observe)

    async def call_all() -> None:
        for content, headers in signed:
            scope = {
                "type": "http",
                "method": "POST",
                "path": f"{TASK}id",
                "client": ("127.0.0.1", 1),
                "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            }
            message = {"type": "http.request", "body": content}
            await application(scope, lambda message=message: at_once(message), ignored)  # type: ignore[misc]  # its default

    used = per_call(lambda: asyncio.run(call_all()), len(signed))
    lines.start()
    began = time.process_time()
    lines.close()
    return used + (time.process_time() - began) / (5 * len(signed)) * 1e6


async def at_once(message: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Give a message."""
    return message


async def ignored(_message: MutableMapping[str, Any]) -> None:
    """Take a message."""


def main() -> None:
    """Read the calls, time their parts and print them."""
    with Path(sys.argv[1]).open("rb") as file:
        size = len(file.readline())
        file.seek(0)
        lines = [line.rstrip(b"\n").partition(b" ") for line in islice(file, max(1, MOST_BYTES // size))]
    print(json.dumps(parts([(body, {"x-line-signature": signature.decode()}) for signature, _, body in lines])))


if __name__ == "__main__":
    main()
