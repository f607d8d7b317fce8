"""Emulators and callers of them."""

from collections.abc import Iterator

import pytest
from tdclient.client import Client

from td_line_connectors.testing import MaacEmulator, TreasureDataEmulator
from td_line_connectors.testing.fixtures import maac, treasure_data
from tests.testing.maac_client import HandClock, MaacClient
from tests.testing.treasure_data_client import DATABASE, TABLE, PlainClient, official

__all__ = ["maac", "treasure_data"]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def still(clock: HandClock) -> Iterator[MaacEmulator]:
    """An emulator whose time stands still; imports take 2 s and segments 3 s."""
    with MaacEmulator(now=clock, task_seconds=2.0, segment_seconds=3.0) as emulator:
        yield emulator


@pytest.fixture
def quick() -> Iterator[MaacEmulator]:
    """An emulator whose imports and segments are done at once, and whose minute is a millisecond."""
    with MaacEmulator(task_seconds=0, segment_seconds=0, time_scale=60_000) as emulator:
        yield emulator


@pytest.fixture
def caller(still: MaacEmulator) -> Iterator[MaacClient]:
    """A caller of the emulator that stands still."""
    with MaacClient(still) as client:
        yield client


@pytest.fixture
def quick_caller(quick: MaacEmulator) -> Iterator[MaacClient]:
    """A caller of the quick emulator."""
    with MaacClient(quick) as client:
        yield client


@pytest.fixture
def plazma(clock: HandClock) -> Iterator[TreasureDataEmulator]:
    """A Treasure Data whose time stands still, with one empty table; jobs take 3 s."""
    with TreasureDataEmulator(now=clock, job_seconds=3.0) as emulator:
        emulator.add_tables(DATABASE, TABLE)
        yield emulator


@pytest.fixture
def writer(plazma: TreasureDataEmulator) -> Iterator[PlainClient]:
    """A plain caller with the write-only key."""
    with PlainClient(plazma, plazma.write_key) as client:
        yield client


@pytest.fixture
def master(plazma: TreasureDataEmulator) -> Iterator[Client]:
    """The official client with the master key."""
    with official(plazma) as client:
        yield client
