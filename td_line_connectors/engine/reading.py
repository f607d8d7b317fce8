"""The whole result goes into the snapshot before anything is sent."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from td_line_connectors.engine.cutting import Cutter
from td_line_connectors.engine.events import Observer, RowsRead
from td_line_connectors.engine.source import Source
from td_line_connectors.report import RowCounts
from td_line_connectors.runs.sealing import SnapshotWriter
from td_line_connectors.runs.snapshot import SetAside
from td_line_connectors.spi import OutputConnector

__all__ = ["read_all"]

R = TypeVar("R", bound=tuple[object, ...])

MAX_BITS: Final = 2000
"""Python refuses to write longer integers in decimal, from 640 digits on where it is set so."""

MAX_DEPTH: Final = 20
"""Lists within lists below which the rejects show no more of a value; one that holds itself has no end."""


def read_all(
    source: Source[R], connector: OutputConnector[R], snapshot: SnapshotWriter, counts: RowCounts, observer: Observer
) -> None:
    """Judge, merge and cut every row of `source` into `snapshot`, which is left unsealed.

    Args:
        source: the rows.
        connector: whose limits, keys and encoding apply.
        snapshot: takes requests and invalid rows.
        counts: `read` and `invalid` grow with the rows.
        observer: is told of each group of rows.

    Raises:
        ConfigError: if the result lacks a required column.
        DataError: if the result is more than the far side takes.
        StoreError: if the disk cannot take the snapshot.
    """
    cutter = Cutter(connector, snapshot, counts)
    for group in source:
        first, counts.read = counts.read + 1, counts.read + len(group.rows)
        invalid: list[SetAside] = []
        for number, record in enumerate(group.reader.read_group(group.rows, first), start=first):
            if isinstance(record, list):
                invalid.append(SetAside(number, record, plain(group.reader.header, group.rows[number - first])))
            else:
                cutter.add(record, number)
        counts.invalid += len(invalid)
        snapshot.set_aside(invalid)
        observer(RowsRead(counts.read, source.total))
    cutter.cut()
    observer(RowsRead(counts.read, source.total, last=True))


def plain(header: Sequence[str], values: Sequence[object]) -> Mapping[str, object]:
    """Give a row as JSON can hold it: what JSON has no form for becomes its text."""
    return {name: _plain(value) for name, value in zip(header, values, strict=False)}


def _plain(value: Any, depth: int = 0) -> object:  # noqa: ANN401 - whatever a query may answer
    if isinstance(value, list | tuple | dict) and depth == MAX_DEPTH:
        return "…"
    if isinstance(value, list | tuple):
        return [_plain(each, depth + 1) for each in value]
    if isinstance(value, dict):
        return {str(name): _plain(each, depth + 1) for name, each in value.items()}
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> object:  # noqa: ANN401 - the same
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= MAX_BITS else hex(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)
