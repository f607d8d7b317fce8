"""What is in a form?"""

import re
from dataclasses import dataclass
from typing import Final

from td_line_connectors.testing.emulation.answers import RequestRefusedError

__all__ = ["Form", "parse_form"]

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
