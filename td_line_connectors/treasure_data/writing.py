"""What writes rows to a table of Treasure Data?"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from td_line_connectors.spi import Runtime
from td_line_connectors.transport.retry import OnWait, RetryPolicy
from td_line_connectors.treasure_data.account import WriteAccount
from td_line_connectors.treasure_data.client import WriteClient
from td_line_connectors.treasure_data.importing import ImportWriter
from td_line_connectors.treasure_data.ingesting import IngestWriter
from td_line_connectors.treasure_data.records import Limits, RecordFault

__all__ = ["Writer", "table_writer"]


class Writer(Protocol):
    """What writes rows to one table. For one thread at a time."""

    @property
    def limits(self) -> Limits:
        """How much goes in one call of `send`."""

    @property
    def patience(self) -> float:
        """Seconds for which rows that are too few for a full request wait for further ones."""

    @property
    def once(self) -> bool:
        """Whether rows sent twice under one unique id are stored once."""

    def encode(self, record: Mapping[str, object]) -> bytes:
        """Write a row down: column → value, without NULLs."""

    def send(self, unique_id: str, records: Sequence[bytes]) -> Sequence[RecordFault | None]:
        """Hand rows over; give for each why it is refused for good, or None.

        Raises:
            RefusedError: the call as a whole was refused.
            TransientError: patience has ended.
            ConfigError: the address or the key cannot be used.
        """

    def close(self) -> None:
        """Let go of the lines; safe to call twice."""


def table_writer(
    account: WriteAccount,
    writer: str,
    place: tuple[str, str],
    *,
    retry: RetryPolicy,
    runtime: Runtime,
    on_wait: OnWait | None = None,
) -> Writer:
    """Make the writer of a table; it connects when it sends.

    Args:
        account: where, and with which key.
        writer: one of `account.WRITERS`.
        place: database and table.
        retry: how often a call is tried.
        runtime: clocks, sleep and randomness.
        on_wait: told before each wait.

    Raises:
        ConfigError: a package that the writer needs is not installed.
    """
    client = WriteClient(account.host(writer), account.td_api_key, retry=retry, runtime=runtime, on_wait=on_wait)
    return (ImportWriter if writer == "import" else IngestWriter)(client, *place)
