"""What does a call of LINE look like on the wire?"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

__all__ = ["DESTINATION", "Event", "SignedCall", "redelivered", "signed_call"]

Event = dict[str, object]
"""A webhook event, its properties in LINE's order."""

DESTINATION: Final = "U8e742f61d673b39c7fff3cecb7536ef0"
"""The bot's user id in LINE's own example of a signed call."""

BEYOND_UCS_2: Final = re.compile("[\U00010000-\U0010ffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SignedCall:
    """One call, ready to be sent to a webhook's URL with POST.

    Attributes:
        body: the bytes that are signed; a receiver must see exactly these.
        headers: as LINE sends them, `x-line-signature` among them.
    """

    body: bytes
    headers: Mapping[str, str] = field(repr=False)


def signed_call(
    content: bytes | str | Sequence[Mapping[str, object]], secret: str, *, destination: str = DESTINATION
) -> SignedCall:
    """Sign a call as LINE does.

    Args:
        content: the events; none of them makes the call of the console's Verify button. Or a whole body, sent as it
            is, right or wrong.
        secret: the channel secret, as the console shows it.
        destination: the bot's user id, where `content` is events.
    """
    if isinstance(content, bytes):
        body = content
    elif isinstance(content, str):
        body = content.encode()
    else:
        body = _wire_text({"destination": destination, "events": content}).encode()
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    headers = {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "LineBotWebhook/2.0",
        "accept-encoding": "gzip",
        "x-line-signature": signature,
    }
    return SignedCall(body, headers)


def redelivered(event: Mapping[str, object]) -> Event:
    """Give the event as LINE sends it again: the same ids, the same time, `isRedelivery` true."""
    return {**event, "deliveryContext": {"isRedelivery": True}}


def _wire_text(value: object) -> str:
    r"""Write JSON as LINE does: compact, text as UTF-8, characters beyond U+FFFF as two escapes in capitals.

    Seen in calls: an emoji came as `\uD83E\uDD28` (line-bot-sdk-nodejs, issue 922). Half a character comes alike.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return BEYOND_UCS_2.sub(lambda found: _escaped(found[0]), text)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex().upper()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
