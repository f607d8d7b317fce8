"""A scheduler as a process of its own, with sessions that are due the moment it starts."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from td_line_connectors.scheduling.store import ScheduleStore
from tests.cli.terminal import ROOT

TAIPEI: Final = ZoneInfo("Asia/Taipei")
Process = subprocess.Popen[str]


def schedule(file: Path, *, sessions: int = 1) -> datetime:
    """Give a workflow a schedule of which so many sessions are due and still wanted, and no other for most of an hour.

    Returns:
        the first one's time, in the workflow's zone.
    """
    now = datetime.now(TAIPEI).replace(second=0, microsecond=0)
    times = [now - timedelta(minutes=each) for each in reversed(range(sessions))]
    minutes = ",".join(str(time.minute) for time in times)
    block = f"timezone: Asia/Taipei\nschedule:\n  cron>: {minutes} * * * *\n  skip_delayed_by: 30m\n"
    file.write_text(block + file.read_text())
    ScheduleStore(file.parent / ".td-line" / "schedule.sqlite").settle(file.name, times[0] - timedelta(seconds=1))
    return times[0]


@contextmanager
def scheduling(folder: Path, *arguments: str) -> Iterator[Process]:
    """Run `td-line schedule` until the block ends; `arguments` stand before the command."""
    command = [sys.executable, "-m", "td_line_connectors", *arguments, "schedule"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def hear(process: Process, pattern: str) -> str:
    """Read what it says on standard error up to a line that holds a pattern; give that line."""
    assert process.stderr is not None
    heard = []
    for line in process.stderr:
        if re.search(pattern, line):
            return line
        heard.append(line)
    raise AssertionError(f"never said «{pattern}»: {''.join(heard)}")


def end(process: Process) -> tuple[str, str]:
    """Wait until it has ended, and give what was left to read of both streams."""
    return process.communicate(timeout=60)
