"""What is an input connector?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from td_line_connectors.rows import Row
from td_line_connectors.schema.columns import Column
from td_line_connectors.schema.parameters import ParameterSchema

__all__ = ["Delivery", "InputConnector", "InputPlugin"]

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one call of a far side becomes.

    Attributes:
        raw: the row of the Raw table: the call as it came.
        events: the rows of the Events table, in the order in which the call has them; the set of columns is open.
    """

    raw: Row
    events: tuple[Row, ...]


class InputConnector(Protocol):
    """An input: a function of bytes. It opens nothing and asks nobody, so that any host can call it."""

    def receive(self, body: bytes, headers: Mapping[str, str], received_at: datetime) -> Delivery:
        """Verify one call and take it apart.

        Args:
            body: the bytes as they came.
            headers: by name, in any case.
            received_at: the moment at which the body was whole, aware of its zone.

        Raises:
            SignatureError: the call is not from whom it says it is; nothing of it may be kept.
            PayloadError: it is, and cannot be taken apart; the error's `raw` is the row to keep.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class InputPlugin(Generic[C]):
    """What the registry holds for an input: a value, made by its author.

    Attributes:
        name: as the YAML writes it: `^[a-z0-9]+(_[a-z0-9]+)*$`.
        title: as the product page prints it.
        parameters: what its connection may be told.
        columns: for the reference: the columns of its tables that are known beforehand.
        signature_header: the lower-case name of the header without which a call is refused unread.
        build: typed configuration → connector. Does no I/O.
    """

    name: str
    title: str
    parameters: ParameterSchema[C]
    columns: Mapping[str, Sequence[Column]]
    signature_header: str
    build: Callable[[C], InputConnector]

    def connect(self, settings: Mapping[str, object]) -> InputConnector:
        """Make a connector from raw settings.

        Raises:
            ConfigError: with every issue at once.
        """
        return self.build(self.parameters.parse(settings))
