"""Values that are text."""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from numbers import Integral, Real
from typing import cast
from uuid import UUID

from td_line_connectors.issues import InvalidValueError
from td_line_connectors.validators.given import given

__all__ = ["line_uid", "one_of", "tags", "text", "text_of"]

_LINE_UID = re.compile(r"U[0-9a-f]{32}")
_INVISIBLE = re.compile("[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_TAG_CHARACTERS = 255
_TAGS = 100
_CACHED = 1000
"""The rows of one query repeat a few texts of tags; those of at most this many characters are remembered."""

_TOO_LARGE = 10**309
"""Larger than any finite float; a whole number from here on is no one's name."""


def text_of(value: object) -> str:
    """Read a value as text: what a customer id or a UID is, whatever type the query's driver gave it.

    Args:
        value: text, a whole number of any type, or a UUID.

    Returns:
        The text; for a number its digits, never in exponent form.

    Raises:
        InvalidValueError: `boolean` for a boolean, `type` for everything else.
    """
    if isinstance(value, str):
        return str.__str__(value)  # a subclass may say something else of itself
    if isinstance(value, bool):
        raise InvalidValueError("boolean", "must be text or a whole number, not a boolean")
    if isinstance(value, (int, float, Decimal, Integral, Real)):
        return _digits(cast("float", value))  # every numeric type of these answers as a float does
    if isinstance(value, UUID):
        return str(value)
    raise InvalidValueError("type", "must be text or a whole number")


def _digits(number: float) -> str:
    try:
        too_long = abs(number) >= _TOO_LARGE  # asked first: a Decimal's exponent can be a billion
        whole = 0 if too_long else int(number)
    except (ValueError, ArithmeticError):  # NaN
        raise InvalidValueError("type", "must be text or a whole number, not NaN") from None
    if too_long:
        raise InvalidValueError("type", "must be text or a whole number of at most 309 digits")
    if whole != number:
        raise InvalidValueError("type", "must be text or a whole number, without a fraction")
    return str(whole)


def text(max_length: int | None = None) -> Callable[[object], str]:
    """Make a validator of free text, such as a customer id or a display name.

    Args:
        max_length: how many characters are allowed; None for no limit.

    Returns:
        A validator that gives the text unchanged, and refuses what cannot be sent as UTF-8 JSON and stored.
    """

    def validate(value: object) -> str:
        read = value if type(value) is str else text_of(value)
        if not read.isascii() or "\0" in read:
            _check_sendable(read)
        if max_length is not None and len(read) > max_length:
            raise InvalidValueError("length", f"is longer than {max_length} characters")
        return read

    return validate


def _check_sendable(read: str) -> None:
    if "\0" in read:
        raise InvalidValueError("characters", "has a NUL character; take it out in the query")
    try:
        read.encode()
    except UnicodeEncodeError:
        raise InvalidValueError(
            "characters", "has half a character (a lone surrogate), which UTF-8 cannot carry"
        ) from None


def one_of(*choices: str, ignore_case: bool = False) -> Callable[[object], str]:
    """Make a validator of a closed set of words.

    Args:
        choices: the words, as they are sent.
        ignore_case: whether `Male` stands for `male`.

    Returns:
        A validator that gives the choice as it is written in `choices`.
    """
    known = {choice.lower() if ignore_case else choice: choice for choice in choices}
    known |= {choice: choice for choice in choices}
    message = f"must be one of: {', '.join(choices)}" + ("" if ignore_case else ", in lower and upper case as shown")

    def validate(value: object) -> str:
        read = value if type(value) is str else text_of(value)
        choice = known.get(read) or (known.get(read.lower()) if ignore_case else None)
        if choice is None:
            raise InvalidValueError("choice", message)
        return choice

    return validate


def tags(value: object) -> tuple[str, ...]:
    """Validate a row's tags: each of at most 255 characters, at most 100 of them.

    Args:
        value: comma-separated text, or a list or tuple of texts or whole numbers.

    Returns:
        The tags in their order, trimmed, without blanks and repeats.

    Raises:
        InvalidValueError: `length` for a tag that is too long, `count` for too many, `characters`, `boolean` or `type`
            for one that is no text or cannot be sent.
    """
    if isinstance(value, (list, tuple)):
        return _checked_tags([text_of(item) for item in map(given, value) if item is not None])
    read = value if type(value) is str else text_of(value)
    return _comma_separated(read) if len(read) <= _CACHED else _checked_tags(read.split(","))


@lru_cache(maxsize=1024)
def _comma_separated(read: str) -> tuple[str, ...]:
    return _checked_tags(read.split(","))


def _checked_tags(parts: list[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(tag for part in parts if (tag := part.strip())))
    for tag in found:
        _check_sendable(tag)
        if len(tag) > _TAG_CHARACTERS:
            raise InvalidValueError("length", f"has a tag longer than {_TAG_CHARACTERS} characters")
    if len(found) > _TAGS:
        raise InvalidValueError("count", f"has more than {_TAGS} tags")
    return found


def line_uid(value: object) -> str:
    """Validate a LINE user id: `U` and 32 lower-case hexadecimal digits.

    Args:
        value: the raw value.

    Returns:
        The user id, unchanged.

    Raises:
        InvalidValueError: `line_uid`; the message says what stands in the way.
    """
    read = value if type(value) is str else text_of(value)
    if _LINE_UID.fullmatch(read):
        return read
    raise InvalidValueError("line_uid", f"must be U and 32 lower-case hexadecimal digits{_what_is_wrong(read)}")


def _what_is_wrong(read: str) -> str:
    """Name the nearest cause; an earlier one may be the reason of a later one."""
    if _INVISIBLE.search(read):
        return ": it has an invisible character, such as a byte order mark (BOM); take it out in the query"
    if not read.isascii():
        return ": it has characters that are not ASCII, perhaps full-width ones"
    if len(read) != 33:
        return f": it has {len(read)} characters in place of 33"
    if not read.startswith("U"):
        return ": it does not begin with a capital U"
    if _LINE_UID.fullmatch("U" + read[1:].lower()):
        return ": it has upper-case digits; select it as LINE gave it, in lower case"
    return ": it has a character that is no hexadecimal digit"
