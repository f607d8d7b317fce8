"""Calls as LINE signs them, received."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from td_line_connectors.connectors.line_oa.connector import LineOaInput
from td_line_connectors.secret import Secret
from td_line_connectors.spi import Delivery

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
DESTINATION = "U2639d2fbf4d8ce912b6f1d6c107a12ca"
NOON = datetime(2026, 11, 21, 12, 0, 0, 999_999, tzinfo=UTC)
SECONDS = 1_795_262_400

DATA = Path(__file__).parents[2] / "data" / "line_events.json"
BODIES: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))


def signature(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def wire(entry: dict[str, Any]) -> str:
    """Give an entry of the data file as it comes over the wire."""
    return str(entry["raw"]) if "raw" in entry else compact(entry["body"])


def deliver(body: str | bytes, *secrets: str) -> Delivery:
    """Receive a body at noon, signed with the last of the secrets."""
    known = secrets or (SECRET,)
    sent = body.encode() if isinstance(body, str) else body
    headers = {"x-line-signature": signature(sent, known[-1])}
    return LineOaInput([Secret(each) for each in known]).receive(sent, headers, NOON)


def event_row(event: str) -> dict[str, Any]:
    """Receive one event, written as JSON, and give its row without what every row has."""
    [row] = deliver(f'{{"destination":"{DESTINATION}","events":[{event}]}}').events
    cells = dict(row)
    assert (cells.pop("destination"), cells.pop("time")) == (DESTINATION, SECONDS)
    assert cells.pop("record_uuid")
    return cells
