"""A source whose rows go on to Treasure Data, and a queue that tests fill; as a program, one that fills it."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from td_line_connectors.drain.backlog import Backlog, backlog_of
from td_line_connectors.drain.stream import Stream
from td_line_connectors.drain.targets import Target
from td_line_connectors.drain.worker import PERSISTENT, open_stream
from td_line_connectors.project.project import Project, read_project
from td_line_connectors.rows import Row
from td_line_connectors.secret import Secret
from td_line_connectors.sources.places import Places, local_database
from td_line_connectors.sources.plazma import make_queue
from td_line_connectors.sources.source import Source
from td_line_connectors.sources.store import SourceStore
from td_line_connectors.spi import Delivery, Runtime
from td_line_connectors.storage.events import Arrival, EventTables
from td_line_connectors.storage.names import table_name
from td_line_connectors.storage.sqlite import open_reader, open_writer
from td_line_connectors.testing import TreasureDataEmulator
from td_line_connectors.transport.retry import RetryPolicy
from td_line_connectors.treasure_data.account import WriteAccount

NOON = 1_795_262_400
DATABASE, RAW, EVENTS = "line", "calls", "events"


def source_of(writer: str) -> Source:
    return Source(
        id=UUID("9f1cf64d-4b35-4d2f-8b38-7f0a7d3d1a55"),
        name="Shop",
        connection="line_oa",
        datastore="plazma",
        writer=writer,
        database=DATABASE,
        raw_table=RAW,
        events_table=EVENTS,
        created_at=datetime(2026, 11, 21, 12, tzinfo=UTC),
    )


def event(number: int, **cells: object) -> Row:
    return {
        "event_type": "message",
        "event_webhookeventid": f"{number:026}",
        "event_timestamp": NOON * 1000 + number,
        "destination": "U1",
        "record_uuid": f"r{number}",
        "time": NOON,
        **cells,
    }


@dataclass
class Queued:
    """A source, and the file in which its rows wait.

    Attributes:
        state: a state folder.
        far_side: where they go.
        writer: how.
    """

    state: Path
    far_side: TreasureDataEmulator
    writer: str
    source: Source = field(init=False)
    places: Places = field(init=False)
    tables: EventTables = field(init=False)

    def __post_init__(self) -> None:
        self.source, self.places = source_of(self.writer), Places(self.state)
        make_queue(self.places, self.source)
        self.tables = EventTables(self.places)

    @property
    def path(self) -> Path:
        return self.places.path(local_database(self.source))

    def receive(self, *events: Row) -> None:
        """Store events as the receiver does: in one durable commit, with the call that brought them."""
        store(self.tables, self.source, events)

    def stream(
        self,
        runtime: Runtime,
        *,
        table: str = EVENTS,
        key: str | None = None,
        retry: RetryPolicy = PERSISTENT,
        patience: float | None = 0.0,
    ) -> Stream:
        return open_stream(self.target(table, key), retry=retry, runtime=runtime, patience=patience)

    def target(self, table: str = EVENTS, key: str | None = None) -> Target:
        secret, url = Secret(key or self.far_side.write_key), self.far_side.url
        account = WriteAccount(td_api_key=secret, region="us", ingest_endpoint=url, import_endpoint=url)
        return Target("Shop", self.path, DATABASE, table_name(table), self.writer, account)

    def backlog(self, now: float = NOON) -> Backlog:
        return backlog_of(self.source, self.places, now)

    def arrived(self, table: str = EVENTS) -> list[str]:
        """Give the `record_uuid` of each row at Treasure Data, in the order in which they came."""
        return [row["record_uuid"] for row in self.far_side.rows(DATABASE, table)]

    def kept(self, sql: str) -> list[tuple[object, ...]]:
        """Ask the file itself."""
        reader = open_reader(self.path)
        try:
            return reader.execute(sql).fetchall()
        finally:
            reader.close()

    def kept_change(self, sql: str) -> None:
        """Change the file, as a person with an SQLite tool would."""
        writer = open_writer(self.path, create=False)
        try:
            writer.execute(sql)
        finally:
            writer.close()


def store(tables: EventTables, source: Source, events: Iterable[Row]) -> None:
    rows = tuple(events)
    raw: Mapping[str, object] = {
        "record_uuid": f"raw of {rows[0]['record_uuid'] if rows else 'nothing'}",
        "body": "{}",
        "event_count": len(rows),
        "time": rows[0]["time"] if rows else NOON,
    }
    tables.append([Arrival(local_database(source), RAW, EVENTS, Delivery(raw, rows))])


def emptied(stream: Stream, most: int = 1000) -> None:
    """Hand over all that waits."""
    for _ in range(most):
        if not stream.turn():
            return
    raise AssertionError("it does not come to an end")


def make_project(folder: Path, far_side: TreasureDataEmulator, writer: str) -> Project:
    """Write a project with the source `Shop`, and the file for its rows."""
    (folder / "td-line.yml").write_text(
        "connections:\n  line_oa:\n    type: line_oa_streaming\n    channel_secret: opens nothing\n"
        f"    td_api_key: {far_side.write_key}\n"
        f"    ingest_endpoint: {far_side.url}\n    import_endpoint: {far_side.url}\n"
    )
    project = read_project(folder, {})
    source = source_of(writer)
    make_queue(Places(project.state), source)
    SourceStore(project.state / "sources.sqlite").create(source)
    return project


if __name__ == "__main__":  # fill the queue of a state folder with so many events, seven a call
    state, written_by, events = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    filled = EventTables(Places(state))
    for start in range(0, events, 7):
        store(filled, source_of(written_by), map(event, range(start, min(start + 7, events))))
