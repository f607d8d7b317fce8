"""What belongs to a project's receiver?"""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Final

from td_line_connectors.ingest.intake import Intake
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.server.answers import HEALTHY, Answer
from td_line_connectors.server.application import Limits, Receiver, Settled
from td_line_connectors.server.call_log import CallLog
from td_line_connectors.server.calls import Call
from td_line_connectors.server.handover import Handover, hand_over
from td_line_connectors.server.limiting import ConnectionLimits
from td_line_connectors.server.listening import listen
from td_line_connectors.server.metrics import Metrics, require_prometheus
from td_line_connectors.server.readiness import Readiness
from td_line_connectors.server.route_book import RouteBook
from td_line_connectors.server.serving import HttpServer, require_uvicorn
from td_line_connectors.server.trial import try_databases
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.events import EventTables

__all__ = ["HOST", "PORT", "hosting"]

HOST: Final = "127.0.0.1"
PORT: Final = 8000
LOGGERS: Final = ("td_line_connectors", "uvicorn.error")


@contextmanager
def hosting(
    project: Project,
    registry: Registry,
    log: CallLog,
    *,
    host: str = HOST,
    port: int = PORT,
    limits: Limits | None = None,
    connection_limits: ConnectionLimits | None = None,
) -> Iterator[HttpServer]:
    """Put a project's receiver together: sources, store, log, metrics and an address.

    The server that it gives has its address and does not serve yet: `run()` does that until it is stopped, by a
    signal or by `stop()` from another thread. At the end of the block every accepted call is stored.

    Args:
        project: whose sources are served; changes of sources, connections and secrets are noticed within a second.
        registry: the connectors there are.
        log: where calls are told; it is started and closed here.
        host: the address to listen on.
        port: the port; 0 takes a free one.
        limits: of one call.
        connection_limits: of connections.

    Raises:
        ConfigError: the address cannot be had, or the `serve` extra is not installed.
        StoreError: the sources cannot be read.
    """
    require_uvicorn()
    require_prometheus()
    with ExitStack() as stack:
        listener = listen(host, port)
        stack.callback(listener.close)
        stack.enter_context(_written(log))
        book = RouteBook(project, registry)
        book.start()
        stack.callback(book.close)
        databases = Databases(project.state / "databases")
        intake: Intake[Settled] = Intake(EventTables(databases), hand_over)
        intake.start()
        stack.callback(intake.close)
        metrics = Metrics(lambda: _figures(intake, server))

        def observe(call: Call) -> None:
            metrics(call)
            log(call)

        readiness = Readiness(lambda: try_databases(databases, book.databases()), time.monotonic)
        pages = {"/healthz": _healthy, "/readyz": readiness.page, "/metrics": metrics.page}
        receiver = Receiver(book.find, Handover(intake).submit, pages=pages, observe=observe, limits=limits)
        server = HttpServer(receiver, listener, connection_limits)
        yield server


@contextmanager
def _written(log: CallLog) -> Iterator[None]:
    """Write the calls, and what our loggers and uvicorn's say, for the length of the block."""
    handler = log.handler()
    for name in LOGGERS:
        logging.getLogger(name).addHandler(handler)
    log.start()
    try:
        yield
    finally:
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(handler)
        log.close()


async def _healthy() -> Answer:
    return HEALTHY


def _figures(intake: Intake[Settled], server: HttpServer) -> Mapping[tuple[str, str], float]:
    """Give what /metrics shows beside the calls: name and meaning → value."""
    counts = intake.statistics()
    return {
        ("td_line_connections", "Open connections."): server.connections,
        ("td_line_turned_away_calls_total", "Calls refused as too many connections were open."): server.turned_away,
        ("td_line_queued_calls", "Calls that wait to be stored."): counts.queued,
        ("td_line_queued_bytes", "Memory that their bodies occupy."): counts.queued_bytes,
        ("td_line_stored_calls_total", "Calls stored."): counts.calls,
        ("td_line_unstored_calls_total", "Calls that the store did not take."): counts.failed,
        ("td_line_commits_total", "Commits; stored calls by commits is how many shared one."): counts.commits,
    }
