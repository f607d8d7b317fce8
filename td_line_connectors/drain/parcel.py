"""What goes in one request?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from td_line_connectors.drain.queue import NumberedRow
from td_line_connectors.treasure_data.records import Limits, RecordFault, too_large
from td_line_connectors.treasure_data.writing import Writer

__all__ = ["Parcel", "packed"]


@dataclass(slots=True)
class Parcel:
    """Rows that are sent together.

    Attributes:
        records: the rows written down, in their order.
        numbers: the number of each.
        rejects: rows among them that cannot be sent at all, by number.
        last: the number of the last row that was looked at; 0: there was none.
        full: whether further rows have to wait for the next request.
        oldest: the `time` of the first row, in seconds since 1970; None where it has none.
    """

    records: list[bytes] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rejects: dict[int, RecordFault] = field(default_factory=dict)
    last: int = 0
    full: bool = False
    oldest: object = None

    def faults(self, faults: Iterable[RecordFault | None]) -> Mapping[int, RecordFault]:
        """Give every row that is not taken, by number.

        Args:
            faults: what became of each of `records`.
        """
        refused = {number: fault for number, fault in zip(self.numbers, faults, strict=True) if fault is not None}
        return self.rejects | refused


def packed(rows: Iterable[NumberedRow], writer: Writer, limits: Limits) -> Parcel:
    """Take as many rows as one request may have. A row that no request may have is set aside, not cut.

    Args:
        rows: in their order.
        writer: writes them down.
        limits: how much there may be.
    """
    parcel, size, encode = Parcel(), 0, writer.encode
    for number, row in rows:
        record = encode(row)
        length = len(record)
        if length > limits.record_bytes:
            parcel.rejects[number] = too_large(length, limits)
        elif len(parcel.records) >= limits.records or size + length >= limits.bytes:
            parcel.full = True
            break
        else:
            parcel.records.append(record)
            parcel.numbers.append(number)
            size += length + 1  # a comma, where there are commas
        if not parcel.last:
            parcel.oldest = row.get("time")
        parcel.last = number
    return parcel
