"""Who hands over which table at this moment?"""

import logging
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Final

from td_line_connectors.drain.backlog import Backlog, backlog_of
from td_line_connectors.drain.overdue import Overdue
from td_line_connectors.drain.targets import Target, drained_sources, targets_of
from td_line_connectors.drain.worker import Worker
from td_line_connectors.errors import ConfigError, ConnectorError
from td_line_connectors.project.project import Project, read_project
from td_line_connectors.registry import Registry
from td_line_connectors.sources.changes import Stamp, stamp_of
from td_line_connectors.sources.places import Places
from td_line_connectors.sources.source import Source
from td_line_connectors.sources.store import SourceStore
from td_line_connectors.spi import Runtime

__all__ = ["Crew"]

LOG: Final = logging.getLogger(__name__)

LOOK: Final = 1.0
"""Seconds between two looks whether sources, connections or secrets have changed."""

LOOKS_A_WARNING: Final = 60
GRACE: Final = 10.0
"""Seconds for which requests under way are waited for at the end."""


class Crew:
    """A worker for each table of every source whose datastore is Plazma.

    Args:
        project: as it was read at the start; where its state folder is does not change later.
        registry: the connectors there are.
        runtime: clocks and randomness.
    """

    def __init__(self, project: Project, registry: Registry, runtime: Runtime) -> None:
        self._project = project
        self._registry = registry
        self._runtime = runtime
        self._store = SourceStore(project.state / "sources.sqlite")
        self._stamp: Stamp = ()
        self._sources: Collection[Source] = ()
        self._wanted: Collection[Target] = ()
        self._is_whole = True
        self._warned: set[str] = set()
        self._workers: dict[tuple[Path, str], Worker] = {}

    def run(self, wait: Callable[[float], bool]) -> None:
        """Hand over what waits and what comes, until it is told to end.

        Args:
            wait: waits so many seconds, or less; gives whether to end.

        Raises:
            StoreError: the sources cannot be read at the beginning.
            Exception: a fault of a worker.
        """
        overdue, looks = Overdue(self._project.state), 0
        self._look(self._project)
        try:
            while True:
                self._assign()
                if looks % LOOKS_A_WARNING == 0:
                    overdue.look(self._backlogs(), self._runtime.monotonic())
                looks += 1
                if wait(LOOK):
                    return
                self._look_again()
        finally:
            self._end()

    def _look_again(self) -> None:
        """See what has changed; what cannot be read leaves all as it was."""
        try:
            if not self._is_whole or stamp_of(self._project, self._store) != self._stamp:
                self._look(read_project(self._project.folder, self._project.secrets.environ))
        except ConnectorError as error:
            self._warn(f"the sources stay as they were: {error}")

    def _look(self, project: Project) -> None:
        before, self._stamp = self._stamp, stamp_of(project, self._store)
        if self._stamp != before:
            self._warned.clear()
        self._is_whole = True
        self._sources = drained_sources(project)
        self._wanted = [target for source in self._sources for target in self._targets(source, project)]

    def _targets(self, source: Source, project: Project) -> list[Target]:
        try:
            return list(targets_of(source, project, self._registry))
        except ConfigError as error:
            self._warn(f"source {source.name}: nothing is handed over, and nothing is lost: {error}")
            self._is_whole = False  # its file may come back, and nothing else tells of that
            return []

    def _warn(self, warning: str) -> None:
        """Warn once of what every look finds."""
        if warning not in self._warned:
            self._warned.add(warning)
            LOG.warning("%s", warning)

    def _assign(self) -> None:
        """Give each table one worker. Whoever follows another waits for the end of that one's last request."""
        for place, worker in list(self._workers.items()):
            if worker.failure is not None:
                raise worker.failure
            if worker.target not in self._wanted:
                worker.stop()
            if not worker.is_alive:
                del self._workers[place]
        for target in self._wanted:
            if (target.path, target.table) not in self._workers:
                worker = Worker(target, self._runtime, self._project.keep_handed_over_days)
                self._workers[target.path, target.table] = worker
                worker.start()

    def _backlogs(self) -> Iterator[tuple[str, Backlog]]:
        places, now = Places(self._project.state), self._runtime.now().timestamp()
        return ((source.name, backlog_of(source, places, now)) for source in self._sources)

    def _end(self) -> None:
        for worker in self._workers.values():
            worker.stop()
        until = self._runtime.monotonic() + GRACE
        for worker in self._workers.values():
            worker.join(max(0.0, until - self._runtime.monotonic()))
