"""A connector, and the far side that it reaches."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from td_line_connectors.engine.task import ExportTask
from td_line_connectors.rows import Row
from td_line_connectors.runs.folder import RunFolder
from td_line_connectors.spi import OutputConnector, OutputPlugin, Runtime
from td_line_connectors.testing.clock import StillClock
from td_line_connectors.testing.emulation.emulator import Call
from td_line_connectors.testing.emulation.fault_plan import FaultPlan

__all__ = ["FarSide", "Stage", "Suite", "staged"]


class FarSide(Protocol):
    """A far side that fails when told to. Every emulator of `td_line_connectors.testing` is one."""

    @property
    def url(self) -> str:
        """Where it listens."""

    @property
    def faults(self) -> FaultPlan:
        """Which call fails, and how."""

    @property
    def calls(self) -> Sequence[Call]:
        """Every call so far."""


F = TypeVar("F", bound=FarSide)


class Suite(Protocol[F]):
    """What must be known of a connector to try it; `OutputContract` says more of each."""

    plugin: OutputPlugin[Any]
    good_rows: Sequence[Row]
    bad_rows: Sequence[Row]
    personal: Sequence[str]

    def far_side(self, clock: StillClock) -> AbstractContextManager[F]:
        """Give a new far side."""

    def settings(self, far_side: F) -> Mapping[str, object]:
        """Give the raw settings."""

    def held(self, far_side: F) -> object:
        """Give what it holds."""

    def broken_limits(self, far_side: F) -> Sequence[object]:
        """Give the limits that were not kept."""


@dataclass(frozen=True, slots=True)
class Stage(Generic[F]):
    """A far side that listens, and a connector that reaches it.

    Attributes:
        far_side: the far side.
        settings: the connector's raw settings.
        runtime: the connector's outside world.
        clock: what both live by.
        connector: the first of its kind here.
        plugin: makes further ones.
    """

    far_side: F
    settings: Mapping[str, object]
    runtime: Runtime
    clock: StillClock
    connector: OutputConnector[Any]
    plugin: OutputPlugin[Any]

    def another(self) -> OutputConnector[Any]:
        """Make a further connector, as another process would; the caller closes it."""
        return self.plugin.connect(self.settings, self.runtime)

    def task(self, connector: OutputConnector[Any], folder: Path, told: list[str] | None = None) -> ExportTask:
        """Make an export that keeps its files in `folder`.

        Args:
            connector: does the sending.
            folder: an existing one.
            told: what observers are told goes here.
        """
        heard = [] if told is None else told
        return ExportTask(
            name="contract",
            connector=connector,
            folder=RunFolder(folder),
            runtime=self.runtime,
            observer=lambda event: heard.append(repr(event)),
        )


@contextmanager
def staged(suite: Suite[F]) -> Iterator[Stage[F]]:
    """Open a new far side, and make a connector that reaches it."""
    clock = StillClock()
    with suite.far_side(clock) as far_side:
        settings, runtime = suite.settings(far_side), clock.runtime()
        with closing(suite.plugin.connect(settings, runtime)) as connector:
            yield Stage(far_side, settings, runtime, clock, connector, suite.plugin)
