"""Which events happen at an account?"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from random import Random
from typing import Final, NamedTuple

from td_line_connectors.testing.line.calls import Event
from td_line_connectors.testing.line.messages import edited_message, text_message
from td_line_connectors.testing.line.payloads import SHAPES, Shape, user_id

__all__ = ["EventFactory"]

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REMEMBERED: Final = 1_000
PEOPLE: Final = 100


class _Said(NamedTuple):
    """A message that can still be taken back, or edited."""

    id: str
    source: Event | None


class EventFactory:
    """Makes events of every type, as LINE sends them: their properties in its order, ids that are ULIDs.

    What is taken back or edited was sent before. The same seed and the same clock make the same events.

    Args:
        random: the source of chance: `Random(7)`.
        now: gives epoch seconds.
        people: the user ids of those who talk to the account; a hundred made-up ones where none are given.
    """

    def __init__(self, random: Random, *, now: Callable[[], float] = time.time, people: Sequence[str] = ()) -> None:
        self._random = random
        self._now = now
        self._people = tuple(people) or tuple(user_id(random) for _ in range(PEOPLE))
        self._groups = tuple(f"{random.getrandbits(128):032x}" for _ in range(5))
        self._said: deque[_Said] = deque(maxlen=REMEMBERED)

    def event(self, kind: str, *, user: str | None = None) -> Event:
        """Make an event.

        Args:
            kind: one of `EVENT_TYPES`.
            user: who does it, alone with the account; chance decides where None. Of no effect on events that have
                no source, or happen in groups only.

        Raises:
            ValueError: LINE has no such type of event.
        """
        if kind not in SHAPES:
            raise ValueError(f"«{kind}» is no type of event; there are {', '.join(SHAPES)}")
        shape = SHAPES[kind]
        own, source, replies = shape.own(self._random), self._source(shape, user), shape.replies
        if kind == "unsend" and (earlier := self._earlier(user)):
            own, source = {"unsend": {"messageId": earlier.id}}, earlier.source
        elif kind == "messageEdited" and (earlier := self._earlier(None, place="group")):
            own, source = {"message": edited_message(self._random, earlier.id)}, earlier.source
        elif kind == "accountLink" and _mapping(own["link"])["result"] == "failed":
            source, replies = None, False
        return self._event(kind, own, source, replies=replies)

    def text(self, text: str, *, user: str | None = None) -> Event:
        """Make the event of a text message that a person sends to the account."""
        source: Event = {"type": "user", "userId": user or self._random.choice(self._people)}
        return self._event("message", {"message": text_message(self._random, text)}, source, replies=True)

    def _event(self, kind: str, own: Event, source: Event | None, *, replies: bool) -> Event:
        """Put an event together, in the order of a captured call."""
        milliseconds = int(self._now() * 1000)
        mode = "standby" if replies and self._random.random() < 0.03 else "active"
        event: Event = {"type": kind, **own, "webhookEventId": self._ulid(milliseconds)}
        event |= {"deliveryContext": {"isRedelivery": False}, "timestamp": milliseconds}
        if source:
            event["source"] = source
        if replies and mode == "active":
            event["replyToken"] = f"{self._random.getrandbits(128):032x}"
        event["mode"] = mode
        if kind == "message":
            self._said.append(_Said(str(_mapping(own["message"])["id"]), source))
        return event

    def _ulid(self, milliseconds: int) -> str:
        """Make an id whose time is up to half a second after the event's, as published pairs have it."""
        number = (milliseconds + self._random.randrange(510)) << 80 | self._random.getrandbits(80)
        return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))

    def _source(self, shape: Shape, user: str | None) -> Event | None:
        if not shape.places:
            return None
        person = user or self._random.choice(self._people)
        place = "u" if user and "u" in shape.places else self._random.choice(shape.places)
        if shape.module:
            return {"type": "user", "userId": f"L{person}-{self._people[0]}"}
        if place == "u":
            return {"type": "user", "userId": person}
        name, initial = ("group", "C") if place == "g" else ("room", "R")
        source: Event = {"type": name, f"{name}Id": initial + self._random.choice(self._groups)}
        # Only users who have consented, of some versions of the app, are named in a group.
        return {**source, "userId": person} if shape.speaks and self._random.random() < 0.8 else source

    def _earlier(self, user: str | None, place: str | None = None) -> _Said | None:
        """Take a message of this person, or of that kind of place, out of those that are remembered."""
        found = [
            said
            for said in self._said
            if said.source and user in {None, said.source.get("userId")} and place in {None, said.source["type"]}
        ]
        if not found:
            return None
        chosen = self._random.choice(found)
        if place is None:
            self._said.remove(chosen)
        return chosen


def _mapping(value: object) -> Event:
    assert isinstance(value, dict), "a payload is an object"
    return value
