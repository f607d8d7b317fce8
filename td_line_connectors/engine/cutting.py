"""Records become requests: merged by key, cut by the far side's limits."""

import json
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Final, Generic, TypeVar

from td_line_connectors.errors import DataError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report import RowCounts
from td_line_connectors.runs.sealing import SnapshotWriter
from td_line_connectors.runs.snapshot import SetAside
from td_line_connectors.spi import OutputConnector

__all__ = ["Cutter"]

R = TypeVar("R", bound=tuple[object, ...])

WEIGHED_TOGETHER: Final = 500
"""Records between two looks at how heavy the open request has become."""


class Cutter(Generic[R]):
    """The request that is being filled, and the snapshot that full ones go to.

    Memory is bounded by one request, however many rows are merged into it: neither more records nor more bytes than
    it may have are held, but for the records that come between two weighings.

    Args:
        connector: whose keys, merging, limits and encoding apply.
        snapshot: takes each request as it is cut.
        counts: `invalid` grows where a record is too heavy for any request.
    """

    def __init__(self, connector: OutputConnector[R], snapshot: SnapshotWriter, counts: RowCounts) -> None:
        self._counts = counts
        self._connector = connector
        self._limits = connector.limits
        self._snapshot = snapshot
        self._forget()

    def add(self, record: R, row: int) -> None:
        """Take one valid record.

        Args:
            record: the record.
            row: its row's number.

        Raises:
            DataError: if there is more than the far side takes in one request and it may not be cut.
        """
        place = self._places.setdefault(self._connector.key(record), len(self._records))
        if place < len(self._records):
            merged = self._connector.merge(self._records[place], record)
            if merged is not None:
                self._fold(place, merged, row)
            else:
                self.cut()
                self.add(record, row)
            return
        if place == self._limits.rows:
            if self._limits.overflow == "refuse":
                raise self._overflow(f"has more than {self._limits.rows:,} different keys")
            self.cut()
            self._places[self._connector.key(record)] = 0
        self._records.append(record)
        self._rows.append(row)
        if not len(self._records) % WEIGHED_TOGETHER:
            self._texts.append(_text(self._records[-WEIGHED_TOGETHER:]))
            self._weigh(len(self._texts[-1]))

    def cut(self) -> None:
        """Write the open request, if it holds anything, and begin a new one."""
        if self._records:
            self._write(self._records, self._rows, self._texts)
        self._forget()

    def _forget(self) -> None:
        self._places: dict[str, int] = {}
        self._records: list[R] = []
        self._rows: list[int] = []
        self._texts: list[str] = []
        self._weight = 0

    def _fold(self, place: int, merged: R, row: int) -> None:
        """Put a merged record into its place, and its row into the snapshot: millions may have one key."""
        self._snapshot.fold(row, self._rows[place])
        earlier, self._records[place] = self._records[place], merged
        group = place // WEIGHED_TOGETHER
        if group < len(self._texts) and merged != earlier:
            self._texts[group] = ""  # out of date
            self._weigh(len(_text([merged])) - len(_text([earlier])))

    def _weigh(self, more: int) -> None:
        """Cut early where the open request is about to become too heavy, so that it never fills the memory."""
        self._weight += more
        if self._weight > self._limits.bytes and self._limits.overflow == "cut":
            self.cut()

    def _write(self, records: Sequence[R], rows: Sequence[int], texts: Sequence[str] = ()) -> None:
        """Write these records as one request, or as several where they are too heavy for one.

        Args:
            records: what to send.
            rows: the number of each one's first row.
            texts: the first groups of them as JSON, where that is known; empty where it is out of date.
        """
        body = self._connector.encode(records)
        if len(body) <= self._limits.bytes:
            self._snapshot.add_request(body, _values(records, texts), rows)
        elif self._limits.overflow == "refuse":
            raise self._overflow(f"is larger than {self._limits.bytes:,} bytes")
        elif len(records) == 1:
            self._set_aside(records[0], rows[0])
        else:
            middle = len(records) // 2
            self._write(records[:middle], rows[:middle])
            self._write(records[middle:], rows[middle:])

    def _set_aside(self, record: R, row: int) -> None:
        """Refuse a record that is too heavy for a request of its own."""
        message = f"is larger than a whole request may be ({self._limits.bytes:,} bytes): shorten its values"
        known = dict(zip(self._connector.rows.names, record, strict=True))
        refused = SetAside(row, [ValidationIssue("row", "too_large", message, row)], known)
        self._counts.invalid += self._snapshot.set_aside_record(refused)

    def _overflow(self, what: str) -> DataError:
        """Say that the result is more than the far side takes, which may not be cut."""
        kind = self._connector.data_object
        message = f"the result {what}, and {kind} cannot be cut into several requests: select fewer rows"
        return DataError.of(kind, "too_large", message)


def _values(records: Sequence[tuple[object, ...]], texts: Sequence[str]) -> str:
    """Give the records' values as a JSON array of arrays, using the texts of its groups that are known."""
    starts = range(0, len(records), WEIGHED_TOGETHER)
    known = zip(starts, chain(texts, repeat("")), strict=False)
    return f"[{','.join(text or _text(records[start : start + WEIGHED_TOGETHER]) for start, text in known)}]"


def _text(records: Sequence[tuple[object, ...]]) -> str:
    """Give records as the inside of a JSON array."""
    return json.dumps(records, separators=(",", ":"))[1:-1]
