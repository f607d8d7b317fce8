"""What is in a batch for the Data Ingestion API?

Published: 1 to 500 records of at most 1 MB, 5 MB together; read here as the smaller of their meanings, and before
compression. Unpublished, and chosen here: too many records, or none, are 400, a body that is too long 413, another
media type or compression 415.
"""

import gzip
import json
import zlib
from typing import Any, Final

from td_line_connectors.testing.emulation.answers import Request, RequestRefusedError
from td_line_connectors.testing.treasure_data.account import Account

__all__ = ["BATCH_BYTES", "RECORDS", "RECORD_BYTES", "read_batch"]

RECORDS: Final = 500
BATCH_BYTES: Final = 5_000_000
RECORD_BYTES: Final = 1_000_000
_BATCH: Final = "application/vnd.treasuredata.v1+json"
_SINGLE: Final = "application/vnd.treasuredata.v1.single+json"


def read_batch(account: Account, request: Request) -> tuple[list[dict[str, Any]], list[int]]:
    """Read the records of a request, and how many bytes of JSON each is; 0 where it can be none too many.

    Raises:
        RequestRefusedError: it is no batch, or more than one may be.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {_BATCH, _SINGLE}:
        raise RequestRefusedError(415, f"Content-Type: must be {_BATCH} or {_SINGLE}")
    body = _inflated(request)
    if len(body) > BATCH_BYTES:
        account.report("batch_bytes")
        raise RequestRefusedError(413, f"at most {BATCH_BYTES} bytes")
    document = _parsed(body)
    records = [document] if media_type == _SINGLE else document.get("events")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise RequestRefusedError(400, "events: must be an array of objects")
    if not 1 <= len(records) <= RECORDS:
        account.report("records")
        raise RequestRefusedError(400, f"events: 1 to {RECORDS} records")
    if len(body) <= RECORD_BYTES:
        return records, [0] * len(records)
    sizes = [len(json.dumps(each, ensure_ascii=body.isascii(), separators=(",", ":")).encode()) for each in records]
    if max(sizes) > RECORD_BYTES:
        account.report("record_bytes")
    return records, sizes


def _inflated(request: Request) -> bytes:
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "identity":
        return request.body
    if encoding != "gzip":
        raise RequestRefusedError(415, "Content-Encoding: gzip or none")
    try:
        return gzip.decompress(request.body)
    except (OSError, EOFError, zlib.error) as error:
        raise RequestRefusedError(400, "the body must be gzip") from error


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RequestRefusedError(400, "the body must be JSON in UTF-8") from error
    if not isinstance(document, dict):
        raise RequestRefusedError(400, "the body must be an object")
    return document


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
