"""Calls in numbers; and, run as a program, a process that is killed while it takes them."""

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from td_line_connectors.errors import StoreError
from td_line_connectors.ingest.intake import Intake, QueueFullError
from td_line_connectors.spi import Delivery
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.events import Arrival, EventTables


def call(number: int, database: str = "shop", events: int = 1, body: str = "{}", **properties: object) -> Arrival:
    raw = {"record_uuid": f"{number}", "destination": "U1", "body": body, "event_count": events, "time": 17}
    rows = tuple(
        {"event_webhookeventid": f"{number:08}-{each}", "destination": "U1", "time": 17, **properties}
        for each in range(events)
    )
    return Arrival(database, "raw_calls", "events", Delivery(raw, rows))


def _acknowledge(told: Sequence[tuple[int, StoreError | None]]) -> None:
    os.write(1, b"".join(b"%d\n" % number for number, problem in told if problem is None))


def _send(intake: Intake[int], start: int) -> None:
    """Send calls without end, each of them twice."""
    number = start
    while True:
        try:
            for _ in range(2):
                intake.submit(call(number, "shop" if number % 3 else "other", events=1 + number % 4), number)
        except QueueFullError:
            continue
        number += 1


if __name__ == "__main__":
    intake = Intake(EventTables(Databases(Path(sys.argv[1]))), _acknowledge, max_calls=500)
    intake.start()
    for part in range(3):
        threading.Thread(target=_send, args=(intake, part * 10_000_000)).start()
