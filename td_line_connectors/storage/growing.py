"""A table that takes rows of any columns."""

from collections.abc import Iterator, Sequence
from typing import Final

from td_line_connectors.errors import ConfigError
from td_line_connectors.rows import Row
from td_line_connectors.storage.event_other import OTHER, PREFIX, with_other
from td_line_connectors.storage.names import MAX_COLUMNS, TableName, quoted
from td_line_connectors.storage.once import KEY_COLUMNS
from td_line_connectors.storage.sqlite import Connection, StatementError
from td_line_connectors.storage.tables import add_columns, columns_of

__all__ = ["MAX_EVENT_COLUMNS", "GrowingTable"]

MAX_EVENT_COLUMNS: Final = 200
"""A table with this many columns grows no more for properties of events (design: tables)."""

_VARIABLES: Final = 32_766
"""SQLite's own limit for one statement (SQLITE_MAX_VARIABLE_NUMBER as it is built everywhere)."""

_ROWS_A_STATEMENT: Final = (64, 16, 4, 1)
"""Many rows go in by few statements. Each statement lets go of Python's lock, and to have it back from a busy event
loop takes longer than to store a row."""

_ALWAYS: Final = frozenset({OTHER, *KEY_COLUMNS})
"""Columns that an events table gets however many it has."""

_MAX_SHAPES: Final = 1000


class GrowingTable:
    """A table as one connection knows it: which columns there are, and which statements fill them.

    It is true for as long as nobody else changes the table and no transaction that grew it is undone.

    Args:
        connection: a writer.
        name: an existing table.
        ending: what stands at the end of its INSERT.
        most: with so many columns it gets no more for an event's properties.
    """

    def __init__(self, connection: Connection, name: TableName, ending: str = "", most: int = MAX_COLUMNS) -> None:
        self._connection = connection
        self._name = name
        self._ending = ending
        self._most = most
        self._present = {column.lower() for column in columns_of(connection, name)}
        self._bound: dict[str, None] = {}
        self._shapes: set[tuple[str, ...]] = set()
        self._statements: tuple[tuple[int, str], ...] = ()

    def insert(self, rows: Sequence[Row]) -> None:
        """Insert rows in their order, adding the columns that are missing. Call it in a transaction.

        Raises:
            StatementError: a row has two columns alike but for case, or the table can have no more of them.
        """
        shapes = self._shapes
        fitting = [row if tuple(row) in shapes else self._fit(row) for row in rows]
        start = 0
        for size, sql in self._statements:
            while start + size <= len(fitting):
                chunk = fitting[start : start + size]
                self._connection.execute(sql, [value for row in chunk for value in map(row.get, self._bound)])
                start += size
        if start < len(fitting):
            raise StatementError(f"storing into {self._name}: the rows have no columns")

    def bind(self, names: Sequence[str]) -> None:
        """Add the columns that the table has not got, as far as it may grow, and fill them from now on."""
        taken = {column.lower() for column in self._bound}
        chosen = list(self._with_room([name for name in names if name not in self._bound]))
        if not chosen:
            return
        for name in chosen:
            if name.lower() in taken:
                raise StatementError(f"storing into {self._name}: a row has two columns {name.lower()}, case aside")
            taken.add(name.lower())
        try:
            add_columns(self._connection, self._name, chosen)
        except ConfigError as error:
            raise StatementError(f"storing into {self._name}: {error}") from error
        self._present |= {name.lower() for name in chosen}
        self._bound.update(dict.fromkeys(chosen))
        self._statements = tuple(self._prepared())

    def _with_room(self, names: Sequence[str]) -> Iterator[str]:
        """Give the columns that the table has or may get."""
        room = self._most - len(self._present)
        for name in names:
            if name.lower() in self._present:
                yield name
            elif room > 0 or name in _ALWAYS or not name.startswith(PREFIX):
                room -= 1
                yield name

    def _fit(self, row: Row) -> Row:
        """Make room for a row's columns; move what finds none into `event_other`."""
        if any(name not in self._bound for name in row):
            self.bind(tuple(row))
        homeless = [name for name in row if name not in self._bound]
        if homeless:
            return self._fit(with_other(row, homeless))
        if len(self._shapes) < _MAX_SHAPES:
            self._shapes.add(tuple(row))
        return row

    def _prepared(self) -> Iterator[tuple[int, str]]:
        """Give statements for many rows and for few, the largest first."""
        width = len(self._bound)
        columns = ", ".join(map(quoted, self._bound))
        values = f"({', '.join('?' * width)})"
        for size in _ROWS_A_STATEMENT:
            if size == 1 or size * width <= _VARIABLES:
                places = ", ".join([values] * size)
                into = f"{quoted(self._name)} ({columns})"
                yield size, f"INSERT INTO {into} VALUES {places}{self._ending}"  # noqa: S608 - quoted
