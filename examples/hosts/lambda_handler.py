"""An AWS Lambda behind a function URL or an HTTP API: LINE's calls are verified, taken apart and handed to a queue.

A function's disk does not last, so nothing is stored here. The queue's consumer stores `raw` and `events`, and drops an
event whose `webhookEventId` it has seen: LINE may deliver one more than once.
"""

import base64
import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from td_line_connectors import Row, default_registry
from td_line_connectors.errors import PayloadError, SignatureError
from td_line_connectors.spi import InputConnector

Answer = dict[str, object]
Put = Callable[[str], object]
"""Puts a message into a queue, and returns when it is durable there."""


def make_handler(
    channel_secret: str, put: Put, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Callable[[Mapping[str, Any], object], Answer]:
    """Make a function for Lambda; once for each cold start.

    Args:
        channel_secret: the channel's, from a secret store.
        put: `lambda message: queue.send_message(MessageBody=message)`, say.
        now: gives the moment, aware of its zone.
    """
    connector: InputConnector = (
        default_registry().input("line_oa_streaming").connect({"channel_secret": channel_secret})
    )

    def handler(event: Mapping[str, Any], context: object) -> Answer:
        del context
        text = event.get("body") or ""
        body = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()
        try:
            delivery = connector.receive(body, event["headers"], now())
            raw, events, status = delivery.raw, delivery.events, 200
        except SignatureError:
            return {"statusCode": 401}
        except PayloadError as error:
            raw, events, status = error.raw, (), 400
        try:
            put(message_of(raw, events))
        except Exception:
            logging.getLogger(__name__).exception("the queue did not take a call")
            return {"statusCode": 503, "headers": {"Retry-After": "5"}}  # 200 only when it is kept
        return {"statusCode": status}

    return handler


def message_of(raw: Row, events: tuple[Row, ...]) -> str:
    """Write a call down as JSON."""
    return json.dumps({"raw": raw, "events": events})
