"""The tables of an open database, as its writer knows them."""

from collections.abc import Sequence
from typing import NamedTuple

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.rows import Row
from td_line_connectors.spi import Delivery
from td_line_connectors.storage.growing import MAX_EVENT_COLUMNS, GrowingTable
from td_line_connectors.storage.names import TableName, table_name
from td_line_connectors.storage.once import KEY_COLUMNS, UNLESS_STORED, ensure_unique_events
from td_line_connectors.storage.sqlite import Connection, StatementError, guarded
from td_line_connectors.storage.tables import require_table

__all__ = ["Arrival", "OpenTables"]


class Arrival(NamedTuple):
    """A call, taken apart, and where it goes.

    Attributes:
        database: an existing database.
        raw_table: its table of calls.
        events_table: its table of events.
        delivery: the call's rows.
    """

    database: str
    raw_table: str
    events_table: str
    delivery: Delivery


class OpenTables:
    """Rows go in here, inside transactions that the caller begins and ends.

    Args:
        connection: a writer.
        database: its name, for messages.
    """

    def __init__(self, connection: Connection, database: str) -> None:
        self._connection = connection
        self._database = database
        self._known: dict[tuple[str, bool], GrowingTable] = {}
        self._unfit: dict[tuple[str, bool], str] = {}
        self._seen: object = None

    def notice_changes(self) -> None:
        """Forget what is known if any other connection has written since. Call it in each transaction, first."""
        seen = self._connection.execute("PRAGMA data_version").fetchone()
        if seen != self._seen:
            self._seen = seen
            self._unfit.clear()
            self.forget()

    def forget(self) -> None:
        """Forget the tables' columns: the transaction that added some is undone."""
        self._known.clear()

    def insert(self, arrivals: Sequence[Arrival]) -> None:
        """Put calls into their tables.

        Raises:
            StatementError: a table cannot take calls, or SQLite cannot keep a value or name of theirs.
        """
        raw: dict[str, list[Row]] = {}
        events: dict[str, list[Row]] = {}
        for _, raw_table, events_table, delivery in arrivals:
            raw.setdefault(raw_table, []).append(delivery.raw)
            if delivery.events:
                events.setdefault(events_table, []).extend(delivery.events)
        for table, rows in raw.items():
            self._fill(table, rows, unique=False)
        for table, rows in events.items():
            self._fill(table, rows, unique=True)

    def try_insert(self, arrival: Arrival) -> StoreError | None:
        """Put one call into its tables, or leave no trace of it and say why."""
        self._connection.execute("SAVEPOINT attempt")
        outcome = None
        try:
            with guarded(f"storing into {self._database}"):
                self.insert([arrival])
        except StatementError as error:
            outcome = error
            self.forget()
            self._connection.execute("ROLLBACK TO attempt")
        self._connection.execute("RELEASE attempt")
        return outcome

    def _fill(self, name: str, rows: Sequence[Row], *, unique: bool) -> None:
        try:
            table = self._known.get((name, unique)) or self._prepared(name, rows[0], unique=unique)
            table.insert(rows)
        except (TypeError, ValueError, OverflowError) as error:
            kind = type(error).__name__
            raise StatementError(f"storing into {name}: a value or name that SQLite cannot keep ({kind})") from error

    def _prepared(self, name: str, first: Row, *, unique: bool) -> GrowingTable:
        """Learn a table's columns; give an events table those of its key, and its index."""
        key = (name, unique)
        if key in self._unfit:  # to find that out may have taken a look at every row
            raise StatementError(self._unfit[key])
        try:
            known = table_name(name)
            require_table(self._connection, known)
            table = self._events_table(known, first) if unique else GrowingTable(self._connection, known)
        except ConfigError as error:
            self._unfit[key] = f"storing into {self._database}: {error}"
            raise StatementError(self._unfit[key]) from error
        self._known[key] = table
        return table

    def _events_table(self, name: TableName, first: Row) -> GrowingTable:
        table = GrowingTable(self._connection, name, UNLESS_STORED, MAX_EVENT_COLUMNS)
        table.bind([*first, *(column for column in KEY_COLUMNS if column not in first)])
        ensure_unique_events(self._connection, name)
        return table
