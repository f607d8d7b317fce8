"""What the tests of queries share."""

from collections.abc import Sequence
from datetime import UTC, datetime

from td_line_connectors.spi import Query, QueryConnector, Runtime
from td_line_connectors.testing import TreasureDataEmulator
from tests.testing.maac_client import HandClock

DATABASE = "sample_datasets"
SQL = "SELECT line_uid, points FROM members"


def waiting_by(clock: HandClock) -> Runtime:
    """Give a world in which time passes only while somebody waits."""
    return Runtime(
        now=lambda: datetime.fromtimestamp(clock(), UTC), monotonic=clock, sleep=clock.advance, random=lambda: 0.5
    )


def finished_job(
    queries: QueryConnector,
    far_side: TreasureDataEmulator,
    clock: HandClock,
    rows: Sequence[Sequence[object]],
    columns: Sequence[str] = ("line_uid", "points"),
) -> str:
    """Issue a query that finds these rows, let its time pass, and give its number."""
    far_side.add_result(SQL, rows, [(name, "varchar") for name in columns])
    issued = queries.issue(Query(engine="trino", database=DATABASE, sql=SQL, key=f"key-{len(far_side.jobs)}"))
    clock.advance(3)
    return issued.job_id
