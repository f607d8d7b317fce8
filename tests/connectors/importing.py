"""Run as a program: a process that imports members, one import after the other, beside others of its account."""

import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from td_line_connectors.engine.events import Event, RequestSettled, Waiting
from td_line_connectors.engine.export import export
from td_line_connectors.plugins import default_registry
from td_line_connectors.spi import Runtime
from td_line_connectors.storage.quota_folder import QuotaFolder
from tests.connectors.crescendo import uid

EPOCH = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CommonClock:
    """A clock that runs faster than life, and shows all processes of one machine the same time.

    Attributes:
        scale: how many times faster.
    """

    scale: float

    def monotonic(self) -> float:
        return time.monotonic() * self.scale

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.monotonic())

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / self.scale)


def observe(event: Event) -> None:
    """Say what happens, a line for each step."""
    if isinstance(event, RequestSettled | Waiting):
        sys.stdout.write(f"{event.reason if isinstance(event, Waiting) else 'settled'}\n")
        sys.stdout.flush()


def main(folder: str, url: str, token: str, scale: str, name: str, *people: str) -> None:
    """Import people, each in an import of their own."""
    clock, quota = CommonClock(float(scale)), QuotaFolder(Path(folder))
    runtime = Runtime(now=clock.now, monotonic=clock.monotonic, sleep=clock.sleep, quota=quota, holder=name)
    settings = {"api_token": token, "endpoint": url, "data_object": "members", "import_key": "line_uid", "tags": "a"}
    with closing(default_registry().output("line_via_crescendo").connect(settings, runtime)) as connector:
        for person in people:
            export([{"line_uid": uid(int(person))}], connector, runtime, observer=observe)


def command(folder: Path, url: str, token: str, scale: float, name: str, people: Sequence[int]) -> list[str]:
    """Give the command of such a process."""
    return [
        sys.executable,
        "-m",
        "tests.connectors.importing",
        str(folder),
        url,
        token,
        str(scale),
        name,
        *map(str, people),
    ]


if __name__ == "__main__":
    main(*sys.argv[1:])
