"""The far side and the clock of a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from td_line_connectors.testing import MaacEmulator
from tests.connectors.crescendo import Exporter, SharedClock


@pytest.fixture
def clock() -> SharedClock:
    return SharedClock()


@pytest.fixture
def maac(clock: SharedClock) -> Iterator[MaacEmulator]:
    with MaacEmulator(now=clock, task_seconds=2.0, segment_seconds=3.0) as emulator:
        yield emulator


@pytest.fixture
def exporter(maac: MaacEmulator, clock: SharedClock, tmp_path: Path) -> Exporter:
    return Exporter(maac, clock, tmp_path)
