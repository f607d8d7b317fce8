"""What is a source?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

__all__ = ["Source", "masked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A webhook's address, and the tables that its calls go into.

    Attributes:
        id: a part of the webhook's URL; whoever knows it may knock, so it is shown `masked`.
        name: unique in the project; for people, logs and metrics.
        connection: the project's connection that verifies the calls.
        datastore: where the tables are: `sqlite`, or `plazma`: at Treasure Data.
        writer: how rows are written to Treasure Data: `ingest` or `import`; None for sqlite.
        database: the tables' database, there.
        raw_table: takes one row for each call.
        events_table: takes one row for each event.
        tags: what people sort sources by.
        created_at: aware of its zone.
    """

    id: UUID
    name: str
    connection: str
    datastore: str = "sqlite"
    writer: str | None = None
    database: str
    raw_table: str
    events_table: str
    tags: tuple[str, ...] = ()
    created_at: datetime


def masked(source_id: UUID) -> str:
    """Give the beginning of an id, enough to tell sources apart: `9f1c****`."""
    return f"{source_id.hex[:4]}****"
