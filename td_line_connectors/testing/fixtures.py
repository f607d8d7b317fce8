"""Pytest fixtures for connector authors.

Use them with `pytest_plugins = ["td_line_connectors.testing.fixtures"]` in the top-level `conftest.py`, or import
the fixture into a `conftest.py` of your own.
"""

from collections.abc import Iterator

import pytest

from td_line_connectors.testing.maac.server import MaacEmulator
from td_line_connectors.testing.treasure_data.server import TreasureDataEmulator

__all__ = ["maac", "treasure_data"]


@pytest.fixture
def maac() -> Iterator[MaacEmulator]:
    """Give a running MAAC emulator, a hundred times faster than life, with one empty account."""
    with MaacEmulator(time_scale=100.0) as emulator:
        yield emulator


@pytest.fixture
def treasure_data() -> Iterator[TreasureDataEmulator]:
    """Give a running Treasure Data emulator, a hundred times faster than life, without a table."""
    with TreasureDataEmulator(time_scale=100.0) as emulator:
        yield emulator
