"""Which calls come from an account that people use?"""

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Final

from td_line_connectors.testing.line.calls import DESTINATION, Event, SignedCall, redelivered, signed_call
from td_line_connectors.testing.line.events import EventFactory
from td_line_connectors.testing.line.payloads import EVENT_TYPES

__all__ = ["traffic"]

REDELIVERED_TOGETHER: Final = 1_000


def traffic(
    factory: EventFactory,
    secret: str,
    *,
    calls: int,
    types: Sequence[str] = EVENT_TYPES,
    events_per_call: int = 1,
    redeliver: bool = False,
    destination: str = DESTINATION,
) -> Iterator[SignedCall]:
    """Make signed calls, one by one.

    Args:
        factory: makes the events.
        secret: the channel secret.
        calls: how many different ones.
        types: the events' types, taken in turn.
        events_per_call: how many events each call has.
        redeliver: whether each call comes a second time, as a redelivery, up to a thousand calls later.
        destination: the bot's user id.
    """
    kinds = cycle(types)
    again: list[list[Event]] = []
    for number in range(1, calls + 1):
        events = [factory.event(next(kinds)) for _ in range(events_per_call)]
        yield signed_call(events, secret, destination=destination)
        if redeliver:
            again.append([redelivered(event) for event in events])
        if len(again) == REDELIVERED_TOGETHER or number == calls:
            yield from (signed_call(each, secret, destination=destination) for each in again)
            again.clear()
