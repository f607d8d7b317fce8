"""LINE's side, and exports to it by a clock that moves only when somebody sleeps."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from line_audience.testing import LineAudienceEmulator

from td_line_connectors import RunReport, default_registry, export
from td_line_connectors.spi import OutputConnector, Runtime
from td_line_connectors.testing import StillClock


def uid(number: int) -> str:
    return f"U{number:032x}"


@dataclass(frozen=True)
class Shop:
    """A channel, its audiences at LINE, and exports to them."""

    line: LineAudienceEmulator
    runtime: Runtime
    settings: dict[str, object] = field(default_factory=dict)

    def connect(self, **settings: object) -> OutputConnector[Any]:
        told = {
            "channel_access_token": self.line.token,
            "audience_name": "Spring sale",
            "endpoint": self.line.url,
            "data_endpoint": self.line.url,
            **settings,
        }
        return default_registry().output("line_audience").connect(told, self.runtime)

    def export(self, rows: Iterable[Mapping[str, object]], *, plan: bool = False, **settings: object) -> RunReport:
        with closing(self.connect(**settings)) as connector:
            return export(rows, connector, self.runtime, plan=plan)

    def people(self, *numbers: int) -> RunReport:
        return self.export([{"line_uid": uid(each)} for each in numbers])


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def line(clock: StillClock) -> Iterator[LineAudienceEmulator]:
    with LineAudienceEmulator(now=clock) as emulator:
        yield emulator


@pytest.fixture
def shop(line: LineAudienceEmulator, clock: StillClock) -> Shop:
    return Shop(line, clock.runtime())
