"""What may be shown of a value?

Its shape and nothing else: whoever mends a query must see that a date has slashes or a phone number letters, and may be
somebody who must not see whose they are. So not even first characters stay.
"""

import json
from typing import Final

__all__ = ["masked"]

LONGEST: Final = 40
"""Characters of a shape that are shown; of a longer one its length is told."""

BOX: Final = "□"
"""Stands for what is neither letter nor digit nor ASCII: a symbol, an emoji, a character that cannot be seen."""


def masked(value: object) -> str | None:
    """Give a value's shape: `1985/4/6` as `9999/9/9`, `Ann Lee` as `Aaa Aaa`, `王小明` as `字字字`.

    Args:
        value: a row's value as JSON holds it.

    Returns:
        the shape: `9` for each digit, `A`, `a` and `字` for each letter, `□` for each symbol; ASCII's punctuation and
        spaces stay, unless there is nothing but them. None where there is no value.
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if value is None or not text.strip():
        return None
    shape = "".join(map(_shape, text[:LONGEST]))
    if not any(map(str.isalnum, text)):
        shape = BOX * len(shape)
    return shape if len(text) <= LONGEST else f"{shape}… ({len(text):,} characters)"


def _shape(character: str) -> str:
    if character.isdecimal():
        return "9" if character.isascii() else "９"
    if not character.isascii():
        return "字" if character.isalpha() else BOX
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return character if character.isprintable() else BOX
