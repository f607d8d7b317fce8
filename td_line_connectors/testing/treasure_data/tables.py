"""Which databases, tables and rows are there?"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

__all__ = ["Database", "Table", "Tables"]


@dataclass(slots=True, eq=False)
class Table:
    """One table.

    Attributes:
        name: its name.
        number: its id.
        created_at: epoch seconds.
        updated_at: epoch seconds of the last rows.
        rows: what it holds, oldest first: values by column, without nulls, each with `time`.
        columns: the type of each column as its first value had it, `time` with them: `long`, `double` or `string`.
        pipeline_uuids: how often callers gave each of their own ids; not stored in the rows.
    """

    name: str
    number: int
    created_at: float
    updated_at: float
    rows: list[dict[str, Any]] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=lambda: {"time": "long"})
    pipeline_uuids: Counter[str] = field(default_factory=Counter)

    def append(self, rows: Iterable[dict[str, Any]], now: float) -> None:
        """Take rows over, and the columns that only they have; a null is none."""
        for row in rows:
            if None in row.values():
                for name in [name for name, value in row.items() if value is None]:
                    del row[name]
            if not row.keys() <= self.columns.keys():
                new = ((name, value) for name, value in row.items() if name not in self.columns)
                self.columns |= {name: _type_of(value) for name, value in new}
            self.rows.append(row)
        self.updated_at = now


@dataclass(slots=True, eq=False)
class Database:
    """One database.

    Attributes:
        name: its name.
        created_at: epoch seconds.
        tables: its tables by name.
    """

    name: str
    created_at: float
    tables: dict[str, Table] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Tables:
    """All databases of one account. Thread-safe, for whoever holds `lock`.

    Attributes:
        lock: to be held while a database or table is looked at or changed.
        databases: by name.
    """

    lock: RLock = field(default_factory=RLock, repr=False)
    databases: dict[str, Database] = field(default_factory=dict)

    def find(self, database: str, table: str) -> Table | None:
        """Find a table."""
        with self.lock:
            found = self.databases.get(database)
            return found.tables.get(table) if found else None

    def create_database(self, name: str, now: float) -> bool:
        """Make a database; False if it was there."""
        with self.lock:
            new = name not in self.databases
            self.databases.setdefault(name, Database(name, now))
            return new

    def create_table(self, database: str, name: str, now: float) -> bool:
        """Make a table in a database that is there; False if the table was there.

        Raises:
            KeyError: there is no such database.
        """
        with self.lock:
            tables = self.databases[database].tables
            if name in tables:
                return False
            tables[name] = Table(name, sum(1 for _ in self.all()) + 1, now, now)
            return True

    def all(self) -> Iterator[tuple[Database, Table]]:
        """Give every table with its database."""
        for database in self.databases.values():
            for table in database.tables.values():
                yield database, table


def _type_of(value: object) -> str:
    if isinstance(value, bool):
        return "string"
    if isinstance(value, int):
        return "long"
    return "double" if isinstance(value, float) else "string"
