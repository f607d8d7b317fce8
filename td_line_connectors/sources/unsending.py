"""Which stored messages were taken back, and how are they forgotten?"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from td_line_connectors.connectors.line_oa.blanking import blanked, message_ids
from td_line_connectors.sources.source import Source
from td_line_connectors.storage.names import TableName, quoted, table_name
from td_line_connectors.storage.sqlite import Connection, guarded, open_reader, open_writer, transaction
from td_line_connectors.storage.tables import columns_of, require_table

__all__ = ["Forgotten", "forget_unsent"]

UNSEND: Final = "event_unsend"
OTHER: Final = "event_other"
MESSAGES: Final = ("event_message", OTHER)
"""Where an event's message can stand."""

ROWS_AT_A_TIME: Final = 1_000
ROWS_A_TRANSACTION: Final = 500
CHARACTERS_A_TRANSACTION: Final = 1_000_000
"""A receiver's calls wait for each transaction, and for half a second at most."""

CHECKPOINT_WAIT: Final = 0.1
"""Seconds to wait for other readers; a receiver's calls wait meanwhile."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done.

    Attributes:
        taken_back: how many messages their senders have taken back so far.
        events: how many rows of the Events table were changed this time.
        calls: how many rows of the Raw table were changed this time.
    """

    taken_back: int
    events: int
    calls: int


@dataclass(frozen=True, slots=True)
class _Place:
    """A table, and its columns that can hold messages."""

    table: TableName
    columns: tuple[str, ...]


class _Change(NamedTuple):
    """A row, what its columns held, and what they shall hold."""

    place: _Place
    row: object
    old: Sequence[object]
    new: Sequence[object]


def forget_unsent(path: Path, source: Source) -> Forgotten:
    """Take out of a source's tables what people have taken back: each message keeps its type and its id.

    It may run while a receiver writes, and as often as one likes. A few hundred rows are changed in one transaction;
    where there are more, in several, so that no receiver is kept waiting. Rows on their way to Treasure Data are
    changed as any others. Those that are there already are out of reach; those that are just being sent as a file are
    left for the next time: what is sent again under the file's id must be the same.

    Args:
        path: of the source's database, as `Places` gives it.
        source: whose tables are meant.

    Raises:
        ConfigError: a table is not there.
        StoreError: the file cannot be read or written; what was not changed will be the next time.
    """
    raw, events = table_name(source.raw_table), table_name(source.events_table)
    changed: Counter[TableName] = Counter()
    with closing(open_reader(path, snapshot=True)) as reader, guarded(f"looking for messages in {path.stem}"):
        for table in (raw, events):
            require_table(reader, table)
        ids = frozenset(_taken_back(reader, events))
        places = [_Place(events, _present(reader, events, MESSAGES)), _Place(raw, _present(reader, raw, ("body",)))]
        changes = chain.from_iterable(_changes(reader, place, ids) for place in places if ids)
        for portion in _portions(changes):
            changed += _store(path, portion)
    if ids:  # even if nothing was changed: a reader may have kept the log from being cleared the last time
        _clear_log(path)
    return Forgotten(len(ids), changed[events], changed[raw])


def _present(connection: Connection, table: TableName, wanted: Sequence[str]) -> tuple[str, ...]:
    there = {name.lower() for name in columns_of(connection, table)}
    return tuple(name for name in wanted if name in there)


def _taken_back(reader: Connection, events: TableName) -> Iterator[str]:
    """Give the id of every message that was taken back."""
    columns = _present(reader, events, (UNSEND, OTHER))
    for _, *texts in _rows(reader, _Place(events, columns)):
        for column, text in zip(columns, texts, strict=True):
            value = _object(text)
            unsend = value if column == UNSEND else value.get("unsend", value.get(UNSEND))
            message = unsend.get("messageId") if isinstance(unsend, dict) else None
            if isinstance(message, str):
                yield message


def _object(text: object) -> dict[str, object]:
    """Read a JSON object; an empty one where there is none."""
    if isinstance(text, str) and text.startswith("{"):
        with suppress(ValueError, RecursionError):
            value = json.loads(text)
            return value if isinstance(value, dict) else {}
    return {}


def _changes(reader: Connection, place: _Place, ids: frozenset[str]) -> Iterator[_Change]:
    """Give the rows that hold something to forget."""
    for row, *old in _rows(reader, place):
        new = [_forgotten(text, ids) for text in old]
        if new != old:
            yield _Change(place, row, old, new)


def _portions(changes: Iterable[_Change]) -> Iterator[list[_Change]]:
    """Cut changes into transactions that do not last long."""
    portion: list[_Change] = []
    size = 0
    for change in changes:
        portion.append(change)
        size += sum(len(text) for text in change.old if isinstance(text, str))
        if len(portion) >= ROWS_A_TRANSACTION or size >= CHARACTERS_A_TRANSACTION:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _store(path: Path, changes: Sequence[_Change]) -> Counter[TableName]:
    """Make the changes, all or none, and count them by table."""
    changed: Counter[TableName] = Counter()
    doing = guarded(f"forgetting messages in {path.stem}")
    with closing(open_writer(path, create=False)) as writer, doing, transaction(writer):
        for place, row, old, new in changes:
            values = ", ".join(f"{quoted(name)} = ?" for name in place.columns)
            same = " AND ".join(f"{quoted(name)} IS ?" for name in place.columns)
            sql = f"UPDATE {quoted(place.table)} SET {values} WHERE rowid = ? AND {same}"  # noqa: S608 - quoted
            changed[place.table] += writer.execute(sql, (*new, row, *old)).rowcount
    return changed


def _clear_log(path: Path) -> None:
    """Empty the file's log, which holds the old texts too; another reader delays this to the next time."""
    connection = open_writer(path, create=False, wait=CHECKPOINT_WAIT)
    with closing(connection) as writer, guarded(f"clearing the log of {path.stem}"):
        writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()  # most of the work, and nobody waits for it
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _forgotten(text: object, ids: frozenset[str]) -> object:
    if not isinstance(text, str) or ids.isdisjoint(message_ids(text)):
        return text
    return blanked(text, ids)


def _rows(connection: Connection, place: _Place) -> Iterator[tuple[object, ...]]:
    """Give rowid and columns of every row in which one of the columns is not NULL."""
    if not place.columns:
        return
    names = ", ".join(map(quoted, place.columns))
    some = " OR ".join(f"{quoted(name)} IS NOT NULL" for name in place.columns)
    cursor = connection.execute(f"SELECT rowid, {names} FROM {quoted(place.table)} WHERE {some}")  # noqa: S608 - quoted names
    while rows := cursor.fetchmany(ROWS_AT_A_TIME):
        yield from rows
