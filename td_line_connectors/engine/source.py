"""Where do the rows come from, and under which names?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, Final, Generic, TypeVar

from td_line_connectors.errors import ConfigError, DataError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.rows import Result, Row
from td_line_connectors.schema.columns import RowReader, RowSchema
from td_line_connectors.schema.headers import shown_names

__all__ = ["Group", "Rows", "Source"]

R = TypeVar("R", bound=tuple[object, ...])
T = TypeVar("T")

Rows = Result | Iterable[Row]
"""What can be exported: a query's result, or any iterable of mappings."""


GROUP: Final = 500
"""Rows that are judged together."""


@dataclass(frozen=True, slots=True)
class Group(Generic[R]):
    """Rows that follow each other and have one header.

    Attributes:
        reader: knows the values' names.
        rows: each row's values.
    """

    reader: RowReader[R]
    rows: Sequence[Sequence[Any]]


class Source(Generic[R]):
    """The rows of one run, bound to a connector's columns.

    Args:
        rows: read once.
        schema: the connector's columns.

    Raises:
        ConfigError: from every method, if the columns do not fit.
    """

    def __init__(self, rows: Rows, schema: RowSchema[R]) -> None:
        self._rows = rows
        self._schema = schema
        self._readers: dict[tuple[str, ...], RowReader[R]] = {}

    @property
    def total(self) -> int | None:
        """How many rows there will be, where that is known."""
        return self._rows.total if isinstance(self._rows, Result) else None

    def __iter__(self) -> Iterator[Group[R]]:
        """Give the rows in groups of one header; those that came before a failure are given before it is raised."""
        if isinstance(self._rows, Result):
            reader = self._reader(self._rows.columns)
            self._require_columns()
            yield from (Group(reader, rows) for rows in _grouped(self._rows.rows))
        else:
            for rows in _grouped(self._rows):
                yield from self._by_header(rows)
            self._require_columns()

    def warnings(self) -> list[str]:
        """Say which columns were ignored."""
        ignored = dict.fromkeys(name for reader in self._readers.values() for name in reader.ignored)
        if not ignored:
            return []
        return [f"columns that the connector does not know were ignored: {shown_names(ignored)}"]

    def close(self) -> None:
        """Let go of the cursor or file behind the rows; safe to call twice."""
        if isinstance(self._rows, Result):
            self._rows.close()

    def _by_header(self, rows: Sequence[Row]) -> Iterator[Group[R]]:
        """Give rows of mappings, those of one header that follow each other together."""
        for header, alike in groupby(rows, key=_header):
            yield Group(self._reader(header), [tuple(row.values()) for row in alike])

    def _reader(self, header: tuple[str, ...]) -> RowReader[R]:
        reader = self._readers.get(header)
        if reader is None:
            _require_texts(header)
            reader = self._readers[header] = self._schema.reader(header)
        return reader

    def _require_columns(self) -> None:
        """Refuse a result that lacks a required column altogether; rows of mappings may each have others."""
        readers = self._readers.values()
        missing = [
            column.name
            for column in self._schema.columns
            if column.required and readers and all(column.name in reader.missing for reader in readers)
        ]
        if missing:
            there = shown_names(dict.fromkeys(name for header in self._readers for name in header))
            message = f"the result lacks this column: select it, or name it with AS. Columns there are: {there}"
            raise ConfigError([ValidationIssue(name, "missing_column", message) for name in missing])


def _grouped(rows: Iterable[T]) -> Iterator[list[T]]:
    """Give items in lists of up to `GROUP`; what came before the iterable fails is given before the failure."""
    iterator = iter(rows)
    while True:
        group: list[T] = []
        try:
            group.extend(islice(iterator, GROUP))  # what was taken stays in the list, whatever happens then
        except BaseException:
            if group:
                yield group
            raise
        if not group:
            return
        yield group


def _header(row: object) -> tuple[str, ...]:
    if not isinstance(row, Mapping):
        message = f"a row is a value of type {type(row).__name__}: each must be a mapping from column to value"
        raise DataError.of("row", "type", message)
    return tuple(row)


def _require_texts(header: tuple[object, ...]) -> None:
    odd = [type(name).__name__ for name in header if not isinstance(name, str)]
    if odd:
        message = (
            f"a row has a column name of type {odd[0]}: each must be text (csv.DictReader gives None to the cells "
            "beyond its header)"
        )
        raise DataError.of("row", "column", message)
