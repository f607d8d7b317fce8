"""A Treasure Data on this machine, and a queue of rows for it; both live by a clock that moves when somebody waits."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from td_line_connectors.drain.stream import Stream
from td_line_connectors.testing import StillClock, TreasureDataEmulator
from tests.drain.queues import DATABASE, EVENTS, RAW, Queued


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def far_side(clock: StillClock) -> Iterator[TreasureDataEmulator]:
    with TreasureDataEmulator(now=clock) as emulator:
        emulator.add_tables(DATABASE, RAW, EVENTS)
        yield emulator


@pytest.fixture(params=["ingest", "import"])
def queued(request: pytest.FixtureRequest, tmp_path: Path, far_side: TreasureDataEmulator) -> Iterator[Queued]:
    """A queue, once for each writer."""
    made = Queued(tmp_path, far_side, request.param)
    yield made
    made.tables.close()


@pytest.fixture
def ingested(tmp_path: Path, far_side: TreasureDataEmulator) -> Iterator[Queued]:
    """A queue for the writer `ingest`."""
    made = Queued(tmp_path, far_side, "ingest")
    yield made
    made.tables.close()


@pytest.fixture
def imported(tmp_path: Path, far_side: TreasureDataEmulator) -> Iterator[Queued]:
    """A queue for the writer `import`."""
    made = Queued(tmp_path, far_side, "import")
    yield made
    made.tables.close()


@pytest.fixture
def stream(queued: Queued, clock: StillClock) -> Iterator[Stream]:
    with closing(queued.stream(clock.runtime())) as made:
        yield made
