"""What happens at the demonstration's LINE account?"""

from collections.abc import Iterator
from random import Random
from typing import Final

from td_line_connectors.testing import EVENT_TYPES, EventFactory, SignedCall, redelivered, signed_call

__all__ = ["FOLLOWERS", "LEAVERS", "calls"]

FOLLOWERS: Final = 60
"""People who become friends of the account; none of them is in the table of people."""

LEAVERS: Final = 6
"""How many of them block it again."""

TEXTS: Final = ("Is the spring sale on? 🌸", "Spring sale?", "你好，請問門市幾點開？", "こんにちは", "สวัสดีค่ะ")


def calls(secret: str, random: Random) -> Iterator[SignedCall]:
    """Give the calls that LINE makes: people follow, write and leave, and some calls come twice.

    Args:
        secret: the channel secret.
        random: the source of chance; the same seed gives the same people and texts.
    """
    people = [f"U{number:032x}" for number in range(1_000, 1_000 + FOLLOWERS)]
    factory = EventFactory(random, people=people)
    yield signed_call([], secret)  # the console's Verify button
    for number, person in enumerate(people):
        events = [factory.event("follow", user=person), factory.text(TEXTS[number % len(TEXTS)], user=person)]
        yield signed_call(events, secret)
        if number % 10 == 0:  # LINE had no answer in time, and sends it again
            yield signed_call([redelivered(event) for event in events], secret)
    yield signed_call([factory.event(kind) for kind in EVENT_TYPES if kind not in {"follow", "unfollow"}], secret)
    for person in people[:LEAVERS]:
        yield signed_call([factory.event("unfollow", user=person)], secret)
    for person in people[LEAVERS : 2 * LEAVERS]:
        yield signed_call([factory.text("Thank you 🙏", user=person)], secret)
