"""What does each type of event bring, and where can it happen?

The table is that of the Messaging API's reference, with the events of module channels and of notification messages
(partner documents), and LINE Things, which ended in 2024 and whose events must still be read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from td_line_connectors.testing.line.messages import edited_message, message, message_id

__all__ = ["EVENT_TYPES", "SHAPES", "Shape", "user_id"]

Properties = dict[str, object]


@dataclass(frozen=True, slots=True)
class Shape:
    """What an event of one type is made of.

    Attributes:
        places: where it can happen: `u` with one person, `g` in a group, `r` in a room; empty: it has no source.
        replies: whether it brings a reply token.
        own: makes its own properties.
        speaks: whether a person did it, who can be named where it happened in a group or room.
        module: whether only a module channel gets it, with its longer user id.
    """

    places: str
    replies: bool
    own: Callable[[Random], Properties] = lambda _random: {}
    speaks: bool = False
    module: bool = False


def user_id(random: Random) -> str:
    """Make the user id of a person, as one provider's channels see it."""
    return f"U{random.getrandbits(128):032x}"


def _members(random: Random) -> Properties:
    return {"members": [{"type": "user", "userId": user_id(random)} for _ in range(random.randint(1, 3))]}


def _postback(random: Random) -> Properties:
    params = random.choice(
        (
            None,
            {"date": "2026-01-31"},
            {"time": "21:30"},
            {"datetime": "2026-01-31T21:30"},
            {"newRichMenuAliasId": "second-menu", "status": "SUCCESS"},
            {"status": "RICHMENU_ALIAS_ID_NOTFOUND"},
        )
    )
    data = f"storeId={random.randrange(100_000)}&item={random.choice(('茶', 'coffee'))}"
    return {"data": data, "params": params} if params else {"data": data}


def _beacon(random: Random) -> Properties:
    beacon: Properties = {"hwid": f"{random.getrandbits(40):010x}", "type": random.choice(("enter", "banner", "stay"))}
    return {**beacon, "dm": f"{random.getrandbits(64):016x}"} if random.random() < 0.5 else beacon


def _link(random: Random) -> Properties:
    return {"result": random.choice(("ok", "failed")), "nonce": f"{random.getrandbits(96):024x}"}


def _membership(random: Random) -> Properties:
    return {"type": random.choice(("joined", "left", "renewed")), "membershipId": random.randrange(1, 10_000)}


def _module(random: Random) -> Properties:
    bot = user_id(random)
    if random.random() < 0.5:
        return {"type": "attached", "botId": bot, "scopes": ["message:send", "message:receive"]}
    return {"type": "detached", "botId": bot, "reason": "bot_deleted"}


def _things(random: Random) -> Properties:
    device = f"t{random.getrandbits(128):032x}"
    if random.random() < 0.7:
        return {"deviceId": device, "type": random.choice(("link", "unlink"))}
    result = {
        "scenarioId": f"{random.getrandbits(80):020x}",
        "revision": 2,
        "startTime": 1_547_817_845_950,
        "endTime": 1_547_817_845_952,
        "resultCode": "success",
        "bleNotificationPayload": "AQ==",
        "actionResults": [{"type": "binary", "data": "/w=="}],
    }
    return {"deviceId": device, "result": result, "type": "scenarioResult"}


def _named(name: str, make: Callable[[Random], Properties]) -> Callable[[Random], Properties]:
    return lambda random: {name: make(random)}


SHAPES: Final[Mapping[str, Shape]] = {
    "message": Shape("ugr", replies=True, own=_named("message", message), speaks=True),
    "messageEdited": Shape("g", replies=True, own=_named("message", edited_message), speaks=True),
    "unsend": Shape(
        "ugr", replies=False, own=_named("unsend", lambda random: {"messageId": message_id(random)}), speaks=True
    ),
    "follow": Shape(
        "u", replies=True, own=_named("follow", lambda random: {"isUnblocked": random.random() < 0.3}), speaks=True
    ),
    "unfollow": Shape("u", replies=False),
    "join": Shape("gr", replies=True),
    "leave": Shape("gr", replies=False),
    "memberJoined": Shape("gr", replies=True, own=_named("joined", _members)),
    "memberLeft": Shape("gr", replies=False, own=_named("left", _members)),
    "postback": Shape("ugr", replies=True, own=_named("postback", _postback), speaks=True),
    "videoPlayComplete": Shape(
        "u", replies=True, own=_named("videoPlayComplete", lambda _random: {"trackingId": "spring-film"})
    ),
    "beacon": Shape("u", replies=True, own=_named("beacon", _beacon)),
    "accountLink": Shape("u", replies=True, own=_named("link", _link)),
    "membership": Shape("u", replies=True, own=_named("membership", _membership)),
    "module": Shape("", replies=False, own=_named("module", _module)),
    "activated": Shape(
        "u", replies=False, own=_named("chatControl", lambda _random: {"expireAt": 4_102_444_800_000}), module=True
    ),
    "deactivated": Shape("u", replies=False, module=True),
    "botSuspended": Shape("", replies=False),
    "botResumed": Shape("", replies=False),
    "delivery": Shape(
        "", replies=False, own=_named("delivery", lambda random: {"data": f"{random.getrandbits(256):064x}"})
    ),
    "things": Shape("u", replies=True, own=_named("things", _things)),
}

EVENT_TYPES: Final = tuple(SHAPES)
"""Every type of event that LINE sends, or once sent."""
