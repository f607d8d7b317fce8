import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from td_line_connectors.storage.databases import Databases
from tests.ingest.loads import call

ROOT = Path(__file__).parents[2]


def acknowledged(shop: Databases, enough: int) -> list[int]:
    """Run the load until so many calls are acknowledged, kill it with -9, and give what it said until then."""
    command = [sys.executable, "-m", "tests.ingest.loads", str(shop.folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = b""
        while said.count(b"\n") < enough:
            said += os.read(process.stdout.fileno(), 65_536)
        process.send_signal(signal.SIGKILL)
        said += process.stdout.read()
    *whole, _ = said.split(b"\n")
    return [int(line) for line in whole]


@pytest.mark.parametrize("enough", [1, 500, 3000])
def test_every_acknowledged_call_outlives_kill_9_and_no_event_is_there_twice(shop: Databases, enough: int) -> None:
    said = acknowledged(shop, enough)
    calls: list[str] = []
    events: list[str] = []
    for database in ("shop", "other"):
        calls += (
            [str(each) for (each,) in shop.query(database, "SELECT record_uuid FROM raw_calls").rows]
            if _filled(shop, database)
            else []
        )
        events += (
            [str(each) for (each,) in shop.query(database, "SELECT event_webhookeventid FROM events").rows]
            if _filled(shop, database)
            else []
        )
    wanted = {
        str(row["event_webhookeventid"])
        for number in said
        for row in call(number, events=1 + number % 4).delivery.events
    }
    assert wanted <= set(events)
    assert len(events) == len(set(events))
    assert all(calls.count(str(number)) >= said.count(number) for number in said[-100:])
    assert {str(number) for number in said} <= set(calls)


def _filled(shop: Databases, database: str) -> bool:
    return bool(shop.columns(database, "events"))
