"""A Treasure Data whose time stands still, and our connector to it, which waits by the same clock."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from td_line_connectors.secret import Secret
from td_line_connectors.spi import Query, QueryConnector
from td_line_connectors.testing import TreasureDataEmulator
from td_line_connectors.treasure_data.connector import PLUGIN
from tests.testing.maac_client import HandClock
from tests.transport.conftest import serve
from tests.treasure_data.connecting import DATABASE, waiting_by

__all__ = ["serve"]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's proxies, certificates and keys out of the tests."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("TD_API_KEY", "1/not-this-one")
    monkeypatch.setenv("TD_API_SERVER", "https://not-there.invalid")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def far_side(clock: HandClock) -> Iterator[TreasureDataEmulator]:
    """Jobs take 3 s; the database is empty."""
    with TreasureDataEmulator(now=clock, job_seconds=3.0) as emulator:
        emulator.add_tables(DATABASE)
        yield emulator


@pytest.fixture
def queries(far_side: TreasureDataEmulator, clock: HandClock) -> Iterator[QueryConnector]:
    settings = {"api_key": Secret(far_side.api_key), "endpoint": far_side.url}
    with closing(PLUGIN.connect(settings, waiting_by(clock))) as connector:
        yield connector


@pytest.fixture
def query() -> Query:
    return Query(engine="presto", database=DATABASE, sql="SELECT 1 AS one", key="run-7/members")
