"""How do LINE's calls come into the demonstration's tables?"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Final

from td_line_connectors.demo.line import calls
from td_line_connectors.demo.project import DATABASE, EVENTS, LINE, RAW
from td_line_connectors.drain.once import hand_over
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.secret import Secret
from td_line_connectors.server.call_log import CallLog
from td_line_connectors.server.hosting import hosting
from td_line_connectors.server.routes import TASK
from td_line_connectors.sources.creating import SourceFields, create_source
from td_line_connectors.sources.places import PLAZMA, Places, local_database
from td_line_connectors.sources.source import Source
from td_line_connectors.sources.store import SourceStore
from td_line_connectors.sources.unsending import Forgotten, forget_unsent
from td_line_connectors.spi import Runtime
from td_line_connectors.storage.databases import Databases
from td_line_connectors.testing import Tally, send_calls

__all__ = ["Received", "receive"]

SEED: Final = 7
COUNTS: Final = f"""
SELECT (SELECT count(*) FROM {RAW}), (SELECT sum(event_count) FROM {RAW}), (SELECT count(*) FROM {EVENTS})
"""  # noqa: S608 - our own tables


@dataclass(frozen=True, slots=True)
class Received:
    """What came in.

    Attributes:
        tally: what LINE was answered.
        calls: rows of the Raw table.
        sent: events in all calls, those that came twice counted twice.
        events: rows of the Events table.
        forgotten: what was done about messages that were taken back.
        handed_over: rows that went on to Treasure Data; None where none shall.
        source: the way they came.
    """

    tally: Tally
    calls: int
    sent: int
    events: int
    forgotten: Forgotten
    handed_over: int | None
    source: Source


def receive(project: Project, registry: Registry, secret: Secret, datastore: str = "sqlite") -> Received:
    """Let a simulated LINE call a real receiver in this process, and forget what people took back.

    Args:
        project: the demonstration's.
        registry: the connectors there are.
        secret: the channel secret.
        datastore: where rows belong: `sqlite`, or `plazma`, which has them handed over.

    Raises:
        ConfigError: what a receiver needs is not installed.
    """
    source = _source(project, registry, datastore)
    with hosting(project, registry, CallLog(_unread), port=0) as server, ThreadPoolExecutor(1) as pool:
        served = pool.submit(server.run)
        try:
            made_up = calls(secret.reveal(), Random(SEED))  # noqa: S311 - people and texts, no secret
            tally = send_calls(f"{server.url}{TASK}{source.id}", made_up)
        finally:
            server.stop()
        served.result()
    forgotten = forget_unsent(Places(project.state).path(local_database(source)), source)
    databases, database = Places(project.state).holding(source)
    with closing(databases.query(database, COUNTS)) as result:
        [counts] = result.rows
    raw, sent, events = (int(str(count)) for count in counts)
    handed_over = _handed_over(project, registry) if datastore == PLAZMA else None
    return Received(tally, raw, sent, events, forgotten, handed_over, source)


def _handed_over(project: Project, registry: Registry) -> int:
    """Hand over what waits, and say how much it was."""
    done = hand_over(project, registry, Runtime())
    if done.problems:
        raise done.problems[0]
    return done.tallies[LINE].handed_over


def _source(project: Project, registry: Registry, datastore: str) -> Source:
    fields = SourceFields(
        name=LINE, connection=LINE, database=DATABASE, raw_table=RAW, events_table=EVENTS, datastore=datastore
    )
    return create_source(
        fields,
        project,
        registry,
        store=SourceStore(project.state / "sources.sqlite"),
        databases=Databases(project.state / "databases"),
        now=datetime.now(UTC),
        create_tables=datastore != PLAZMA,
    )


def _unread(_lines: str) -> None:
    """Keep no log: the demonstration shows the rows."""
