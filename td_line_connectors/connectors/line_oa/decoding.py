"""The door of msgspec: what does a call say, read fast?"""

from codecs import BOM_UTF8
from collections.abc import Callable
from functools import cache

from td_line_connectors.connectors.line_oa.nesting import MAX_NESTING, is_too_deep
from td_line_connectors.connectors.line_oa.scanning import Call, MalformedBodyError, scan

__all__ = ["decode"]


def decode(body: bytes) -> Call:
    """Take a call apart: with msgspec where it is installed, else with the standard library; the result is the same.

    What msgspec refuses goes to the standard library too. It has the last word: it reads lone surrogates and events
    that are no objects, and it says what is wrong.

    Args:
        body: JSON in UTF-8; that it is UTF-8 has been made sure of.

    Raises:
        MalformedBodyError: if it is no JSON object with an `events` array, or is nested too deeply.
    """
    if is_too_deep(body):
        raise MalformedBodyError(f"the body has more than {MAX_NESTING} objects and arrays inside one another")
    if body.startswith(BOM_UTF8):
        raise MalformedBodyError("the body begins with a byte order mark (BOM)")
    read = _reader()
    call = read(body) if read else None
    return scan(body.decode()) if call is None else call


@cache
def _reader() -> Callable[[bytes], Call | None] | None:
    """Make the fast reader, which gives None where it refuses; give None where msgspec is not installed."""
    try:
        import msgspec  # noqa: PLC0415 - an extra: the receiver brings it, a Lambda may do without
    except ImportError:
        return None

    class Envelope(msgspec.Struct):
        events: list[dict[str, msgspec.Raw]]
        destination: msgspec.Raw = msgspec.Raw()

    decoder = msgspec.json.Decoder(Envelope)
    compact = msgspec.json.format

    def read(body: bytes) -> Call | None:
        try:
            envelope = decoder.decode(compact(body, indent=-1))
        except (ValueError, RecursionError):
            return None
        events = [{name: str(raw, "utf-8") for name, raw in event.items()} for event in envelope.events]
        return Call(str(envelope.destination, "utf-8"), events)

    return read
