"""LINE OA Streaming, as the registry holds it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from td_line_connectors.connectors.line_oa.columns import COLUMNS
from td_line_connectors.connectors.line_oa.decoding import decode
from td_line_connectors.connectors.line_oa.events import event_rows, raw_row
from td_line_connectors.connectors.line_oa.scanning import MalformedBodyError
from td_line_connectors.connectors.line_oa.settings import PARAMETERS, LineOaConfig
from td_line_connectors.connectors.line_oa.signature import signed_by
from td_line_connectors.errors import PayloadError, SignatureError
from td_line_connectors.secret import Secret
from td_line_connectors.spi import Delivery, InputPlugin

__all__ = ["PLUGIN", "SIGNATURE_HEADER", "LineOaInput"]

SIGNATURE_HEADER: Final = "x-line-signature"


class LineOaInput:
    """Takes the webhook calls of one LINE Official Account.

    Args:
        secrets: the channel secrets that may sign: one, or both while one is being replaced; with LINE Chat Plus also
            the Switcher Secret, which signs `delivery` events.

    Raises:
        ValueError: if one of the secrets is empty; anybody could sign with it.
    """

    def __init__(self, secrets: Sequence[Secret]) -> None:
        if not all(secrets):
            raise ValueError("a channel secret must not be empty")
        self._secrets = tuple(secrets)

    def receive(self, body: bytes, headers: Mapping[str, str], received_at: datetime) -> Delivery:
        """Verify one call and take it apart.

        Args:
            body: the bytes as they came.
            headers: by name, in any case.
            received_at: the moment at which the body was whole, aware of its zone.

        Raises:
            SignatureError: the call is not signed with one of the secrets; nothing of it may be kept.
            PayloadError: it is, and is not what LINE sends; the error's `raw` is the row to keep.
        """
        signature = _signature(headers)
        if not signature:
            raise SignatureError(f"the call has no {SIGNATURE_HEADER} header")
        if signed_by(body, signature, self._secrets) is None:
            raise SignatureError(f"the {SIGNATURE_HEADER} header fits the body with none of the channel secrets")
        return _delivery(body, int(received_at.timestamp()))


def _signature(headers: Mapping[str, str]) -> str | None:
    """Find the header; its case «may change without notice» (LINE, «Request headers»)."""
    found = headers.get(SIGNATURE_HEADER)
    if found is None:
        return next((value for name, value in headers.items() if name.lower() == SIGNATURE_HEADER), None)
    return found


def _delivery(body: bytes, time: int) -> Delivery:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        seen = body.decode(errors="backslashreplace")  # a table's text is UTF-8; nothing else of the body is lost
        message = f"the body is not UTF-8 from byte {error.start + 1} on"
        raise PayloadError(message, raw_row(body, seen, None, time)) from None
    try:
        call = decode(body)
    except MalformedBodyError as error:
        raise PayloadError(str(error), raw_row(body, text, None, time)) from None
    raw = raw_row(body, text, call, time)
    return Delivery(raw, event_rows(call, raw))


def build(config: LineOaConfig) -> LineOaInput:
    """Make the input of a connection."""
    return LineOaInput(config.channel_secret)


PLUGIN: Final = InputPlugin(
    name="line_oa_streaming",
    title="LINE OA Streaming",
    parameters=PARAMETERS,
    columns=COLUMNS,
    signature_header=SIGNATURE_HEADER,
    build=build,
)
