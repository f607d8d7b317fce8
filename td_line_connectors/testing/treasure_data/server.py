"""Treasure Data, for rehearsals."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import partial
from typing import Any, Final

from td_line_connectors.testing.emulation.answers import Answer, Reply, Request, RequestRefusedError
from td_line_connectors.testing.emulation.clock import steady_clock
from td_line_connectors.testing.emulation.emulator import Emulator
from td_line_connectors.testing.emulation.fault_plan import FaultPlan
from td_line_connectors.testing.emulation.faults import WireFault
from td_line_connectors.testing.emulation.spoiling import spoil
from td_line_connectors.testing.emulation.violations import Violation
from td_line_connectors.testing.treasure_data.account import Account, Delivery
from td_line_connectors.testing.treasure_data.admitted import AdmittedCall
from td_line_connectors.testing.treasure_data.answers import refused_answer
from td_line_connectors.testing.treasure_data.api import carry_out
from td_line_connectors.testing.treasure_data.jobs import Job
from td_line_connectors.testing.treasure_data.packing import load_msgpack
from td_line_connectors.testing.treasure_data.results import Found
from td_line_connectors.testing.treasure_data.routes import WRITES, Route, TreasureDataOperation, find_route
from td_line_connectors.testing.treasure_data.running import plain_sql
from td_line_connectors.testing.treasure_data.table_calls import NAME
from td_line_connectors.testing.treasure_data.tables import Table

__all__ = ["DEFAULT_API_KEY", "DEFAULT_WRITE_KEY", "TreasureDataEmulator"]

DEFAULT_API_KEY: Final = f"1/{'0a' * 20}"
DEFAULT_WRITE_KEY: Final = f"1/{'0b' * 20}"
"""Made up, in the shape of the real ones: they open nothing but an emulator."""
_SCHEME: Final = "TD1 "


class TreasureDataEmulator(Emulator):
    """An honest Treasure Data on a loopback address: its ingestion, import and API hosts in one.

    `with TreasureDataEmulator() as treasure_data:` serves `treasure_data.url` until the block ends. Stopped and
    started again, it keeps its tables, jobs and port.

    Args:
        api_key: a master key: it may do everything.
        write_key: a write-only key: it may ingest and import, and nothing else (403).
        host: the IPv4 address to listen on.
        port: the port; 0 takes a free one.
        faults: a plan, or the lines of a script.
        job_seconds: how long a job takes.
        time_scale: how many times faster than life: divides `job_seconds`, and the `seconds` of a job that is stuck.
        now: gives epoch seconds; the emulator's own steady clock if left out.
    """

    def __init__(
        self,
        *,
        api_key: str = DEFAULT_API_KEY,
        write_key: str = DEFAULT_WRITE_KEY,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: FaultPlan | Iterable[WireFault] = (),
        job_seconds: float = 0.5,
        time_scale: float = 1.0,
        now: Callable[[], float] | None = None,
    ) -> None:
        if not time_scale > 0 or job_seconds < 0:
            raise ValueError("time_scale: must be above 0; job_seconds: must be 0 or more")
        super().__init__("treasure-data-emulator", host, port, now or steady_clock())
        self.api_key = api_key
        self.write_key = write_key
        self.faults = faults if isinstance(faults, FaultPlan) else FaultPlan(faults)
        self._account = Account(self._now, job_seconds, time_scale)
        self.add_key(api_key)
        self.add_key(write_key, write_only=True)

    def start(self) -> None:
        """Listen, and serve from threads of its own. Started already: nothing.

        Raises:
            OSError: the address cannot be listened on.
            ModuleNotFoundError: msgpack is not installed; the message says what to install.
        """
        load_msgpack()
        super().start()

    def add_key(self, key: str, *, write_only: bool = False) -> None:
        """Let a further key in."""
        self._account.keys[key] = write_only

    def revoke_key(self, key: str) -> None:
        """Let a key in no more."""
        del self._account.keys[key]

    def add_tables(self, database: str, *names: str) -> None:
        """Make tables, and their database, where they are not there.

        Raises:
            ValueError: a name is none.
        """
        for name in (database, *names):
            if not NAME.fullmatch(name):
                raise ValueError(f"a database or table: {NAME.pattern}")
        self._account.tables.create_database(database, self._now())
        for name in names:
            self._account.tables.create_table(database, name, self._now())

    def add_result(
        self,
        sql: str,
        rows: Sequence[Sequence[object]] | Callable[[], Iterable[Sequence[object]]],
        schema: Sequence[tuple[str, str]],
    ) -> None:
        """Tell beforehand what a query will find; the tables are not looked at then.

        Args:
            sql: the query; white space and a semicolon at its end say nothing.
            rows: the rows, or a function that gives them anew for each job: they are never held.
            schema: name and type of each column.
        """
        names, types = [name for name, _ in schema], [kind for _, kind in schema]
        self._account.told[plain_sql(sql)] = lambda: Found(rows() if callable(rows) else rows, names, types)

    def rows(self, database: str, table: str) -> list[dict[str, Any]]:
        """Give copies of a table's rows, in the order in which they were taken.

        Raises:
            KeyError: there is no such table.
        """
        with self._account.tables.lock:
            return [dict(row) for row in self._table(database, table).rows]

    def taken(self, database: str, table: str, column: str = "record_uuid") -> Counter[Any]:
        """Count how often each value of a column was taken; None: rows without it.

        Args:
            database: an existing one.
            table: a table of it.
            column: its name.

        Raises:
            KeyError: there is no such table.
        """
        with self._account.tables.lock:
            return Counter(row.get(column) for row in self._table(database, table).rows)

    def pipeline_uuids(self, database: str, table: str) -> Counter[str]:
        """Count how often each `uuid` was taken that callers gave to the Data Ingestion API.

        Raises:
            KeyError: there is no such table.
        """
        with self._account.tables.lock:
            return Counter(self._table(database, table).pipeline_uuids)

    @property
    def deliveries(self) -> list[Delivery]:
        """What was taken in each call, oldest first."""
        return list(self._account.deliveries)

    @property
    def jobs(self) -> list[Job]:
        """The jobs, oldest first."""
        return self._account.jobs.jobs

    @property
    def violations(self) -> list[Violation]:
        """The limits that callers did not keep, oldest first.

        The rules are `records`, `record_bytes`, `batch_bytes`, `time` (not in unix seconds) and `unique_id` (used for
        another table or other records).
        """
        return list(self._account.violations)

    def _table(self, database: str, name: str) -> Table:
        table = self._account.tables.find(database, name)
        if table is None:
            raise KeyError(f"{database}.{name}")
        return table

    def _answer(self, request: Request) -> tuple[StrEnum | None, Reply]:
        try:
            route = self._admit(request)
        except RequestRefusedError as refused:
            return None, Reply(refused_answer(refused))
        fault = self.faults.take(route.operation)
        call = AdmittedCall(route.operation, request, route.parts, fault)
        if fault is None:
            return route.operation, Reply(carry_out(self._account, call))
        return route.operation, spoil(fault, partial(carry_out, self._account, call), self._now(), refused_answer)

    def _admit(self, request: Request) -> Route:
        """Find what a request asks for, and whether its key may."""
        route = find_route(request.path)
        if route is None:
            raise RequestRefusedError(404, "Resource not found")
        if route.operation is not TreasureDataOperation.SERVER_STATUS:
            credentials = request.headers.get("authorization", "")
            write_only = self._account.keys.get(credentials.removeprefix(_SCHEME))
            if not credentials.startswith(_SCHEME) or write_only is None:
                raise RequestRefusedError(401, "Authentication required or API key invalid")
            if write_only and route.operation not in WRITES:
                raise RequestRefusedError(403, "Access denied: the key is write-only")
        if request.method != route.method:
            raise RequestRefusedError(405, "method not allowed", {"Allow": route.method})
        return route

    def _refuse(self, refused: RequestRefusedError) -> Answer:
        return refused_answer(refused)
