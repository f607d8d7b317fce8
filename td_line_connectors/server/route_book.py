"""Which sources are there at this moment?"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Final

from td_line_connectors.errors import ConfigError, ConnectorError, StoreError
from td_line_connectors.project.project import Project, read_project
from td_line_connectors.registry import Registry
from td_line_connectors.server.complaints import Complaints, place_of
from td_line_connectors.server.routes import Route
from td_line_connectors.sources.changes import Stamp, stamp_of
from td_line_connectors.sources.connecting import connect_input
from td_line_connectors.sources.places import PLAZMA, local_database
from td_line_connectors.sources.source import Source
from td_line_connectors.sources.store import SourceStore

__all__ = ["RouteBook"]

LOG: Final = logging.getLogger(__name__)
SECONDS_BETWEEN_LOOKS: Final = 0.5


class RouteBook:
    """The routes of a project's sources, in memory.

    A thread reads them again when what they come from has changed: the sources, the project's file or its secrets.
    What cannot be read leaves the routes as they are. A source whose connection is wrong stays, without a connector:
    its calls are to come again, as another answer would lose them.

    Args:
        project: as it was read for the start; where its state folder is does not change later.
        registry: the connectors there are.
    """

    def __init__(self, project: Project, registry: Registry) -> None:
        self._project = project
        self._registry = registry
        self._store = SourceStore(project.state / "sources.sqlite")
        self._sources: Sequence[Source] = ()
        self._routes: Mapping[str, Route] = {}
        self._stamp: Stamp = ()
        self._complaints = Complaints(LOG, time.monotonic)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="td-line-sources", daemon=True)

    def start(self) -> None:
        """Read the sources, and watch for changes from now on.

        Raises:
            StoreError: they cannot be read.
        """
        self._stamp = stamp_of(self._project, self._store)
        self._routes = self._read(self._project)
        self._thread.start()

    def close(self) -> None:
        """Watch no longer. Safe to call twice."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def find(self, source_id: str) -> Route | None:
        """Give the route of a source's id, a UUID in lower case; at once."""
        return self._routes.get(source_id)

    def databases(self) -> frozenset[str]:
        """Give the databases that calls go to, as `Places` knows them."""
        return frozenset(route.database for route in self._routes.values())

    def to_treasure_data(self) -> Sequence[Source]:
        """Give the sources whose rows go on to Treasure Data."""
        return [source for source in self._sources if source.datastore == PLAZMA]

    def refresh(self) -> None:
        """Read the routes again if something has changed; what is wrong is told, and changes nothing."""
        try:
            self._follow()
        except ConnectorError as error:
            self._complaints.tell(f"the sources stay as they were: {error}")
        except Exception as error:  # noqa: BLE001 - the thread must outlive a fault, or no change is seen any more
            self._complaints.tell(f"the sources stay as they were: {type(error).__name__}{place_of(error)}")

    def _watch(self) -> None:
        while not self._ending.wait(SECONDS_BETWEEN_LOOKS):
            self.refresh()

    def _follow(self) -> None:
        stamp = self._look()
        if stamp != self._stamp:
            self._routes = self._read(read_project(self._project.folder, self._project.secrets.environ))
            self._stamp = stamp  # only now: what could not be read is read again with the next look

    def _look(self) -> Stamp:
        stamp = stamp_of(self._project, self._store)
        if not stamp[0] and self._routes:  # a volume that is not mounted, say: no reason to answer 404
            raise StoreError(f"{self._store.path.name} is gone; bring it back")
        return stamp

    def _read(self, project: Project) -> Mapping[str, Route]:
        self._sources = self._store.list()
        return {str(source.id): self._route(source, project) for source in self._sources}

    def _route(self, source: Source, project: Project) -> Route:
        header, connector = "", None
        try:
            plugin, connector = connect_input(source.connection, project, self._registry)
            header = plugin.signature_header
        except ConfigError as error:
            LOG.warning("source %s takes no calls: %s", source.name, error)
        except Exception as error:  # noqa: BLE001 - a third party's plugin may raise anything, and must not stop the rest
            LOG.warning("source %s takes no calls: %s%s", source.name, type(error).__name__, place_of(error))
        return Route(
            source=source.name,
            connector=connector,
            signature_header=header,
            database=local_database(source),
            raw_table=source.raw_table,
            events_table=source.events_table,
        )
