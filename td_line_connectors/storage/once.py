"""How is an event kept from being stored twice?"""

from itertools import count
from typing import Final

from td_line_connectors.errors import ConfigError
from td_line_connectors.storage.names import TableName, quoted
from td_line_connectors.storage.sqlite import Connection, StatementError, guarded

__all__ = ["KEY_COLUMNS", "UNLESS_STORED", "ensure_unique_events"]

KEY_COLUMNS: Final = ("event_webhookeventid", "destination")
"""An event is stored once for each pair of these. One without a text as its id is never taken for a repeat."""

_KEY: Final = "(event_webhookeventid, coalesce(destination, '')) WHERE typeof(event_webhookeventid) = 'text'"

UNLESS_STORED: Final = f" ON CONFLICT {_KEY} DO NOTHING"
"""The end of an INSERT that leaves out the events that are stored already, and nothing else. Where the index is
missing the statement is refused, so no repeat can slip in."""


def ensure_unique_events(connection: Connection, table: TableName) -> None:
    """Make the unique index of an events table, if it has none. Call it in a transaction.

    Args:
        connection: a writer.
        table: a table that has `KEY_COLUMNS`.

    Raises:
        ConfigError: the table holds an event twice already.
    """
    found = connection.execute("SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index'").fetchall()
    if any(of.lower() == table and str(sql).endswith(_KEY) for _, of, sql in found):
        return
    taken = {name for name, _, _ in found}
    # No table may have a space in its name. A number follows where a table was renamed and took its index along.
    name = next(each for each in (f"{table} once {number}" for number in count(1)) if each not in taken)
    try:
        with guarded(f"storing into {table}"):
            connection.execute(f"CREATE UNIQUE INDEX {quoted(name)} ON {quoted(table)} {_KEY}")
    except StatementError as error:
        if "UNIQUE constraint failed" not in str(error):
            raise
        rule = "holds an event twice (same event_webhookeventid and destination); delete the repeats first"
        raise ConfigError.of("events_table", "repeats", f"{table!r} {rule}") from error
