"""What is in an uploaded form?

Unpublished, and chosen here: the CSV is UTF-8 without a byte order mark, has the one column `line_uid`, and must name
somebody; one malformed UID refuses the file.
"""

import csv
import io
import re
from dataclasses import dataclass
from typing import Final

from td_line_connectors.testing.maac.answers import RequestRefusedError
from td_line_connectors.testing.maac.members import LINE_UID

__all__ = ["FILE_BYTES", "FILE_UIDS", "Form", "parse_form", "parse_uids"]

FILE_BYTES: Final = 25_000_000
FILE_UIDS: Final = 300_000

_BOUNDARY: Final = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_DISPOSITION: Final = re.compile(rb"^content-disposition:[ \t]*form-data(;[^\r\n]*)$", re.IGNORECASE | re.MULTILINE)
_NAME: Final = re.compile(rb';[ \t]*name="([^"]*)"', re.IGNORECASE)
_FILENAME: Final = re.compile(rb";[ \t]*filename\*?=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """A multipart form.

    Attributes:
        fields: texts by name.
        files: contents by name.
    """

    fields: dict[str, str]
    files: dict[str, bytes]


def parse_form(content_type: str, body: bytes) -> Form:
    """Read a `multipart/form-data` body.

    Raises:
        RequestRefusedError: 400, it is not one.
    """
    boundary = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data") or not boundary:
        raise RequestRefusedError(400, "Content-Type: must be multipart/form-data with a boundary")
    _, *parts = (b"\r\n" + body).split(b"\r\n--" + (boundary[1] or boundary[2]).encode("latin-1"))
    if not parts or not parts.pop().startswith(b"--"):
        raise RequestRefusedError(400, "the form has no end")
    form = Form({}, {})
    for part in parts:
        _add_part(form, part)
    return form


def _add_part(form: Form, part: bytes) -> None:
    head, gap, content = part.partition(b"\r\n\r\n")
    disposition = _DISPOSITION.search(head.replace(b"\r\n", b"\n"))
    name = _NAME.search(disposition[1]) if disposition else None
    if not gap or not disposition or not name:
        raise RequestRefusedError(400, "a part of the form has no name")
    try:
        if _FILENAME.search(disposition[1]):
            form.files[name[1].decode()] = content
        else:
            form.fields[name[1].decode()] = content.decode()
    except UnicodeDecodeError as error:
        raise RequestRefusedError(400, "the form's texts must be UTF-8") from error


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
