"""How do rows go in as files, each once?

A file is taken whole or not at all. Its unique id lets Treasure Data leave a file out that it has already; for how long
it remembers ids is not published.
"""

import gzip
from collections.abc import Mapping, Sequence
from typing import Final

from td_line_connectors.transport.answers import Call
from td_line_connectors.treasure_data.client import WriteClient
from td_line_connectors.treasure_data.packing import record_packer
from td_line_connectors.treasure_data.records import Limits, RecordFault

__all__ = ["ImportWriter"]

HEADERS: Final = {"Content-Type": "application/octet-stream"}
COMPRESSION: Final = 3


class ImportWriter:
    """Writes the rows of one table by files.

    Args:
        client: asks the region's import host.
        database: of Treasure Data.
        table: of that database.

    Raises:
        ConfigError: msgpack is not installed.
    """

    # Treasure Data's own Fluentd plugin cuts files at 8,096 records. It lets them grow for five minutes.
    limits: Final = Limits(records=8_000, bytes=8_000_000, record_bytes=8_000_000)
    patience: Final = 60.0
    once: Final = True

    def __init__(self, client: WriteClient, database: str, table: str) -> None:
        self._client = client
        self._place = f"/v3/table/import_with_id/{database}/{table}"
        self._pack = record_packer()

    def encode(self, record: Mapping[str, object]) -> bytes:
        """Write a row down."""
        return self._pack(record)

    def send(self, unique_id: str, records: Sequence[bytes]) -> Sequence[RecordFault | None]:
        """Hand rows over in one file.

        Args:
            unique_id: the file's; the same for the same rows and for no others.
            records: rows written down, in their order; within `limits`.

        Returns:
            None for each row: all are taken.

        Raises:
            RemoteError: the file was refused, or patience has ended.
            ConfigError: the address or the key cannot be used.
        """
        call = Call("PUT", f"{self._place}/{unique_id}/msgpack.gz", repeatable=True)
        body = gzip.compress(b"".join(records), COMPRESSION, mtime=0)
        self._client.persist(lambda: self._client.ask(call, body, HEADERS))
        return [None] * len(records)

    def close(self) -> None:
        """Let go of the lines."""
        self._client.close()
