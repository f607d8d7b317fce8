"""What a query's answer looks like before anyone has judged it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["EventRow", "Result", "Row"]

Row = Mapping[str, object]
"""One row as a mapping from column name to value: untrusted, and open to any column."""


class EventRow(dict[str, object]):
    """The row of an event that brings the event along.

    A table that has no more room for a property's column keeps its name and value as they were sent.

    Attributes:
        properties: name → value as JSON text; to be set by whoever makes the row.
    """

    __slots__ = ("properties",)
    properties: Mapping[str, str]


def _nothing_to_close() -> None:
    """Close a result that holds nothing open."""


@dataclass(frozen=True, slots=True)
class Result:
    """The answer of a query: its columns, known before the first row, and its rows, read once.

    Attributes:
        columns: the names of the columns, in order, as the query wrote them.
        rows: the values of each row, in the order of `columns`. Read as a stream.
        total: how many rows there will be, where the source knows.
        close: lets go of the cursor or file behind `rows`; safe to call twice.
    """

    columns: tuple[str, ...]
    rows: Iterable[Sequence[object]]
    total: int | None = None
    close: Callable[[], None] = _nothing_to_close

    def mappings(self) -> Iterator[Row]:
        """Give each row as a mapping from column name to value."""
        columns = self.columns
        for values in self.rows:
            yield dict(zip(columns, values, strict=True))
