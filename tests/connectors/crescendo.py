"""An export to the emulator in which both sides live by one clock that moves only when somebody sleeps."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from td_line_connectors.engine.export import Ended, ExportTask
from td_line_connectors.plugins import default_registry
from td_line_connectors.runs.folder import RunFolder
from td_line_connectors.spi import Runtime
from td_line_connectors.testing import MaacEmulator
from td_line_connectors.transport.quota_store import MemoryQuotaStore

Rows = Iterable[Mapping[str, object]]


@dataclass(slots=True)
class SharedClock:
    """Epoch seconds for both sides."""

    time: float = 1_769_817_600.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.time

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@dataclass(slots=True)
class Exporter:
    """Exports to one emulator, as an operator's host would."""

    maac: MaacEmulator
    clock: SharedClock
    folder: Path
    random: float = 1.0
    quota: MemoryQuotaStore = field(default_factory=MemoryQuotaStore)

    def runtime(self) -> Runtime:
        return Runtime(
            now=self.clock.now,
            monotonic=self.clock,
            sleep=self.clock.sleep,
            random=lambda: self.random,
            work_folder=self.folder,
            quota=self.quota,
        )

    def export(self, rows: Rows | None, **settings: Any) -> Ended:
        """Export `rows`; None: resume."""
        told = {"api_token": self.maac.token, "endpoint": self.maac.url, **settings}
        runtime = self.runtime()
        with closing(default_registry().output("line_via_crescendo").connect(told, runtime)) as connector:
            task = ExportTask(name="test", connector=connector, folder=RunFolder(self.folder), runtime=runtime)
            return task.run(rows) if rows is not None else task.resume()

    def members(self, rows: Rows | None, **settings: Any) -> Ended:
        return self.export(rows, **{"data_object": "members", "import_key": "line_uid", "tags": "import", **settings})

    def segment(self, rows: Rows | None, **settings: Any) -> Ended:
        return self.export(rows, **{"data_object": "segments", "segment_name": "VIP", **settings})


def uid(number: int) -> str:
    return f"U{number:032x}"


def counts(ended: Ended) -> dict[str, int]:
    """Give the outcomes that are not 0, having seen that they add up."""
    assert ended.report.rows.unaccounted == 0
    return {name: number for name, number in ended.report.rows.to_json().items() if number}
