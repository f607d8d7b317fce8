"""How do rows go in by the Data Ingestion API?

Published: 1 to 500 records of at most 1 MB, 5 MB together; read here as decimal, before compression. A receipt for each
record says what became of it. What the official SDKs and samples read of receipts is read here.
"""

import gzip
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from td_line_connectors.errors import TransientError
from td_line_connectors.transport.answers import Call, Json
from td_line_connectors.treasure_data.client import WriteClient
from td_line_connectors.treasure_data.records import Limits, RecordFault, as_json

__all__ = ["IngestWriter"]

MEDIA_TYPE: Final = "application/vnd.treasuredata.v1+json"
HEADERS: Final = {"Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE, "Content-Encoding": "gzip"}
COMPRESSION: Final = 3
"""Half the time of the usual 6, for bodies an eighth larger (measured on events)."""

BEGINNING: Final = b'{"events":['
ENDING: Final = b"]}"

PERMANENT: Final = frozenset({"InvalidCollectionNameError", "InvalidPropertyNameError", "InvalidPropertyValueError"})
"""The errors after which Treasure Data's own SDKs give a record up."""

TRIES: Final = 8
"""Of a record that is refused by another error while the call as a whole succeeds: about a minute."""

ERROR_NAME: Final = re.compile(r"[A-Za-z][A-Za-z_]{0,59}")


class IngestWriter:
    """Writes the rows of one table, each for itself: what is refused costs no neighbour.

    Args:
        client: asks the region's ingestion host.
        database: of Treasure Data.
        table: of that database.
    """

    limits: Final = Limits(records=500, bytes=5_000_000 - len(BEGINNING) - len(ENDING), record_bytes=1_000_000)
    patience: Final = 0.0
    once: Final = False

    def __init__(self, client: WriteClient, database: str, table: str) -> None:
        self._client = client
        self._call = Call("POST", f"/{database}/{table}", repeatable=True)

    def encode(self, record: Mapping[str, object]) -> bytes:
        """Write a row down."""
        return as_json(record)

    def send(self, unique_id: str, records: Sequence[bytes]) -> Sequence[RecordFault | None]:
        """Hand rows over, and again those of them that could not be taken at that moment.

        Args:
            unique_id: has no meaning here.
            records: rows written down, in their order; within `limits`.

        Returns:
            for each row why it is refused for good; None: it is taken.

        Raises:
            RemoteError: the call as a whole was refused, or patience has ended; some rows may be taken.
            ConfigError: the address or the key cannot be used.
        """
        del unique_id
        delivery = _Delivery(records, [None] * len(records), list(range(len(records))))

        def attempt() -> None:
            left = delivery.left
            body = gzip.compress(
                BEGINNING + b",".join([records[place] for place in left]) + ENDING, COMPRESSION, mtime=0
            )
            status, answer = self._client.ask(self._call, body, HEADERS)
            delivery.note(self._receipts(status, answer, len(left)))
            if delivery.left:
                names = ", ".join(sorted({fault.name for fault in map(delivery.fault, delivery.left) if fault}))
                raise TransientError(f"{self._call}: {len(delivery.left):,} records were not taken ({names})")

        self._client.persist(attempt)
        return delivery.faults

    def close(self) -> None:
        """Let go of the lines."""
        self._client.close()

    def _receipts(self, status: int, answer: Json, sent: int) -> Sequence[RecordFault | None]:
        """Read what became of each record."""
        receipts = answer.get("receipts") if isinstance(answer, dict) else None
        if isinstance(receipts, list) and len(receipts) == sent and all(map(_is_receipt, receipts)):
            return [_fault(receipt) for receipt in receipts]
        if status == 200 and isinstance(answer, dict):
            return [None] * sent  # «all accepted»; to doubt it would mean to send the same for ever
        raise TransientError(f"{self._call}: {status}, but the answer has not a receipt for each record")


@dataclass(slots=True)
class _Delivery:
    """What became of each record of one call of `send`, so far.

    Attributes:
        records: as they are sent.
        faults: what Treasure Data last said of each.
        left: the places of those that are to be sent again.
        tries: how often some were left.
    """

    records: Sequence[bytes]
    faults: list[RecordFault | None]
    left: list[int]
    tries: int = 0

    def fault(self, place: int) -> RecordFault | None:
        return self.faults[place]

    def note(self, receipts: Sequence[RecordFault | None]) -> None:
        """Take in the receipts of those that were left."""
        for place, fault in zip(self.left, receipts, strict=True):
            self.faults[place] = fault
        self.left = [place for place in self.left if _may_pass(self.faults[place])]
        self.tries += bool(self.left)
        if self.tries >= TRIES:
            self.left = []


def _may_pass(fault: RecordFault | None) -> bool:
    return fault is not None and fault.name not in PERMANENT


def _is_receipt(receipt: Json) -> bool:
    return isinstance(receipt, dict) and isinstance(receipt.get("success"), bool)


def _fault(receipt: Json) -> RecordFault | None:
    assert isinstance(receipt, dict), "it was looked at before"
    if receipt["success"]:
        return None
    error = receipt.get("error")
    name, description = (error.get("name"), error.get("description")) if isinstance(error, dict) else (None, None)
    known = isinstance(name, str) and ERROR_NAME.fullmatch(name)
    return RecordFault(str(name) if known else "unnamed error", str(description or ""))
