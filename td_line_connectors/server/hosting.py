"""What belongs to a project's receiver?"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Final

from td_line_connectors.drain.backlog import Backlog, backlog_of
from td_line_connectors.ingest.intake import Intake
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.server.answers import HEALTHY, Answer
from td_line_connectors.server.application import Limits, Receiver, Settled
from td_line_connectors.server.call_log import CallLog
from td_line_connectors.server.calls import Call
from td_line_connectors.server.draining import DrainProcess
from td_line_connectors.server.handover import Handover, hand_over
from td_line_connectors.server.limiting import ConnectionLimits
from td_line_connectors.server.listening import listen
from td_line_connectors.server.metrics import Figures, Metrics, require_prometheus
from td_line_connectors.server.readiness import Readiness
from td_line_connectors.server.route_book import RouteBook
from td_line_connectors.server.serving import HttpServer, require_uvicorn
from td_line_connectors.server.trial import try_databases
from td_line_connectors.sources.places import Places
from td_line_connectors.storage.events import EventTables

__all__ = ["HOST", "PORT", "hosting"]

HOST: Final = "127.0.0.1"
PORT: Final = 8000


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
    drain: Sequence[str] = (),
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
        drain: the command that hands rows over to Treasure Data, for as long as a source wants it; none: nobody does.

    Raises:
        ConfigError: the address cannot be had, or the `serve` extra is not installed.
        StoreError: the sources cannot be read.
    """
    require_uvicorn()
    require_prometheus()
    with ExitStack() as stack:
        listener = listen(host, port)
        stack.callback(listener.close)
        stack.enter_context(log.writing())
        book = RouteBook(project, registry)
        book.start()
        stack.callback(book.close)
        if drain:
            draining = DrainProcess(drain, lambda: bool(book.to_treasure_data()), time.monotonic)
            draining.start()
            stack.callback(draining.close)
        places = Places(project.state)
        intake: Intake[Settled] = Intake(EventTables(places), hand_over)
        intake.start()
        stack.callback(intake.close)
        backlogs = partial(_backlogs, book, places)
        metrics = Metrics(lambda: _figures(intake, server), lambda: _drain_figures(backlogs()))

        def observe(call: Call) -> None:
            metrics(call)
            log(call)

        readiness = Readiness(
            lambda: try_databases(places, book.databases()), time.monotonic, remarks=lambda: _remarks(backlogs())
        )
        pages = {"/healthz": _healthy, "/readyz": readiness.page, "/metrics": metrics.page}
        receiver = Receiver(book.find, Handover(intake).submit, pages=pages, observe=observe, limits=limits)
        server = HttpServer(receiver, listener, connection_limits)
        yield server


async def _healthy() -> Answer:
    return HEALTHY


def _figures(intake: Intake[Settled], server: HttpServer) -> Figures:
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


def _backlogs(book: RouteBook, places: Places) -> Mapping[str, Backlog]:
    """Look how far behind each source is whose rows go on to Treasure Data, by its name."""
    now = time.time()
    return {source.name: backlog_of(source, places, now) for source in book.to_treasure_data()}


def _drain_figures(backlogs: Mapping[str, Backlog]) -> Mapping[str, Figures]:
    return {
        source: {
            ("td_line_drain_lag_seconds", "For how long the oldest row waits for Treasure Data."): backlog.lag,
            ("td_line_drain_pending_rows", "Rows that wait for Treasure Data."): backlog.pending,
            ("td_line_drain_rejected_rows", "Rows that were set aside and are not at Treasure Data."): backlog.rejected,
        }
        for source, backlog in backlogs.items()
    }


def _remarks(backlogs: Mapping[str, Backlog]) -> Sequence[str]:
    """Say which source is behind: the receiver is ready all the same, as calls are stored."""
    return [f"source {source}: {words}" for source, backlog in backlogs.items() if (words := str(backlog))]
