"""Where does a call go?"""

from dataclasses import dataclass
from typing import Final

from td_line_connectors.spi import InputConnector

__all__ = ["TASK", "Route"]

TASK: Final = "/v1/task/"
"""What comes before a source's id in the path of a webhook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A source, as the receiver needs it.

    Attributes:
        source: its name, for logs and metrics.
        connector: verifies a call and takes it apart; None where the source's connection cannot be used now.
        signature_header: the lower-case name of the header without which a call is refused unread.
        database: where its rows go, as `sources.places.Places` knows it.
        raw_table: the table of calls.
        events_table: the table of events.
    """

    source: str
    connector: InputConnector | None
    signature_header: str
    database: str
    raw_table: str
    events_table: str
