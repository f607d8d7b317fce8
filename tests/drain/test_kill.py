"""The drain is killed at any moment, while calls come in."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from td_line_connectors.drain.backlog import backlog_of
from td_line_connectors.sources.places import Places
from td_line_connectors.testing import FaultKind, TreasureDataEmulator, TreasureDataFault
from tests.drain.queues import DATABASE, EVENTS, RAW, make_project, source_of

ROOT = Path(__file__).parents[2]
TOTAL = 9100
KILLS = 4
LONGEST = 60.0


@contextmanager
def running(*arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-m", *arguments], env=environ, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def killed(folder: Path, far_side: TreasureDataEmulator, calls: int) -> bool:
    """Run a drain until the far side has seen so many more requests of it, and kill it; say whether it was in time."""
    enough, until = len(far_side.calls) + calls, monotonic() + LONGEST
    with running("td_line_connectors", "--project", str(folder), "drain", "--once") as process:
        while len(far_side.calls) < enough and process.poll() is None:
            assert monotonic() < until
        process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("writer", ["ingest", "import"])
def test_every_event_arrives_however_often_the_drain_is_killed(tmp_path: Path, writer: str) -> None:
    random = Random(writer)  # noqa: S311 - moments, no secrets
    late = TreasureDataFault(FaultKind.SLOW, times=None, seconds=0.02)  # rows are there, and the drain does not know
    with TreasureDataEmulator(faults=[late]) as far_side:
        far_side.add_tables(DATABASE, RAW, EVENTS)
        project = make_project(tmp_path, far_side, writer)
        with running("tests.drain.queues", str(project.state), writer, str(TOTAL)) as receiver:
            while not backlog_of(source_of(writer), Places(project.state), 0.0).pending:
                assert receiver.poll() is None
            in_time = [killed(tmp_path, far_side, random.randint(1, 3)) for _ in range(KILLS)]
            assert receiver.wait(LONGEST) == 0
        with running("td_line_connectors", "--project", str(tmp_path), "drain", "--once") as last:
            assert last.wait(LONGEST) == 0
        assert sum(in_time) >= KILLS // 2
        taken, calls = far_side.taken(DATABASE, EVENTS), far_side.taken(DATABASE, RAW)
        assert set(taken) == {f"r{number}" for number in range(TOTAL)}
        assert set(calls) == {f"raw of r{number}" for number in range(0, TOTAL, 7)}
        assert writer == "ingest" or set(taken.values()) | set(calls.values()) == {1}
        assert far_side.violations == []
