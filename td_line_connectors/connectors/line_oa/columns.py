"""Which columns are known before the first call?"""

from collections.abc import Mapping, Sequence
from typing import Final

from td_line_connectors.schema.columns import Column

__all__ = ["COLUMNS"]


def _as_it_is(value: object) -> object:
    """Give a cell back: what LINE sends is stored, not judged."""
    return value


def _column(name: str, type_: str, text: str, *, required: bool = False) -> Column:
    return Column(name=name, validate=_as_it_is, help=text, type=type_, required=required)


EVENTS: Final = (
    _column("event_mode", "text", "The state of the channel, such as `active` or `standby`."),
    _column("event_type", "text", "The type of the event, such as `message`, `postback`, `follow` or `unfollow`."),
    _column("event_deliverycontext", "JSON text", "How it was delivered: `isRedelivery`."),
    _column("event_timestamp", "integer", "When it happened, in milliseconds since 1970."),
    _column("destination", "text", "The user id of the LINE Official Account that received it."),
    _column("event_source", "JSON text", "Whom it comes from: `type` (user, group or room) and the ids."),
    _column("event_postback", "JSON text", "Of postback events: `data` and `params`."),
    _column("event_webhookeventid", "text", "The event's id at LINE; an event is stored once for each `destination`."),
    _column("event_replytoken", "text", "The token for one reply."),
    _column("record_uuid", "text", "The same for every delivery of one event.", required=True),
    _column("event_message", "JSON text", "Of message events: `id`, `type`, and what the type brings."),
    _column("time", "integer", "When it was received, in seconds since 1970.", required=True),
    _column(
        "event_…",
        "as it was sent",
        "Every other property, in lower case: `event_unsend`, `event_follow`, `event_beacon`, `event_link` and what "
        "LINE may add. Objects and arrays as JSON text, `true` and `false` as text.",
    ),
    _column("event_other", "JSON text", "Properties whose names make no column, and events that are no objects."),
)

RAW: Final = (
    _column("record_uuid", "text", "The same for equal bodies; not unique.", required=True),
    _column("destination", "text", "The user id of the LINE Official Account that received the call."),
    _column("body", "text", "The body as it was sent.", required=True),
    _column("event_count", "integer", "How many events the call brought.", required=True),
    _column("time", "integer", "When it was received, in seconds since 1970.", required=True),
)

COLUMNS: Final[Mapping[str, Sequence[Column]]] = {"events": EVENTS, "raw": RAW}
"""Table → columns, those of the Events table in the product page's order."""
