"""Raw values to clean ones, one rule each.

A validator takes one raw value that is «given» and stripped (see `given`). It returns a plain JSON value (text, number,
boolean, or a tuple of texts) or raises `InvalidValueError`.
"""

from td_line_connectors.issues import InvalidValueError
from td_line_connectors.validators.birthday import birthday
from td_line_connectors.validators.email import email
from td_line_connectors.validators.given import given
from td_line_connectors.validators.mobile import mobile
from td_line_connectors.validators.scalars import boolean, country, integer, seconds, url
from td_line_connectors.validators.text import line_uid, one_of, tags, text, text_of

__all__ = [
    "InvalidValueError",
    "birthday",
    "boolean",
    "country",
    "email",
    "given",
    "integer",
    "line_uid",
    "mobile",
    "one_of",
    "seconds",
    "tags",
    "text",
    "text_of",
    "url",
]
