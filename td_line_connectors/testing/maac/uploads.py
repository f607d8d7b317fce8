"""Whom does an uploaded file name?

Unpublished, and chosen here: the CSV is UTF-8 without a byte order mark, has the one column `line_uid`, and must name
somebody; one malformed UID refuses the file.
"""

import csv
import io
from typing import Final

from td_line_connectors.testing.emulation.answers import RequestRefusedError
from td_line_connectors.testing.maac.members import LINE_UID

__all__ = ["FILE_BYTES", "FILE_UIDS", "parse_uids"]

FILE_BYTES: Final = 25_000_000
FILE_UIDS: Final = 300_000


def parse_uids(content: bytes) -> list[str]:
    """Read a CSV of LINE UIDs.

    Raises:
        RequestRefusedError: 400, it is too large, has another header, names nobody or has a malformed UID.
    """
    if len(content) > FILE_BYTES:
        raise RequestRefusedError(400, f"file: at most {FILE_BYTES} bytes")
    try:
        header, *rows = list(csv.reader(io.StringIO(content.decode().rstrip(), newline=""), strict=True)) or [[]]
    except (UnicodeDecodeError, csv.Error) as error:
        raise RequestRefusedError(400, "file: must be a CSV in UTF-8") from error
    if header != ["line_uid"]:
        raise RequestRefusedError(400, "file: the one column must be line_uid")
    rows = [row for row in rows if row]
    if not rows:
        raise RequestRefusedError(400, "file: it names nobody")
    if len(rows) > FILE_UIDS:
        raise RequestRefusedError(400, f"file: at most {FILE_UIDS} UIDs")
    malformed = sum(len(row) != 1 or not LINE_UID.fullmatch(row[0]) for row in rows)
    if malformed:
        raise RequestRefusedError(400, f"file: {malformed} malformed UIDs")
    return [uid for (uid,) in rows]
