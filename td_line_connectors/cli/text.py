r"""How does text from elsewhere appear, so that it can do nothing?

What comes from LINE, MAAC, a query or a file may hold escape sequences that command the terminal, or marks that turn
the reading direction round. Each such character appears as a visible escape: `\x1b`, `\u202e`.
"""

import json
import re
from typing import Final
from unicodedata import category

__all__ = ["json_text", "plain", "safe", "safe_lines"]

INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of controls, invisible format characters, halves of characters, and line and paragraph ends."""

BLANK_LETTERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks that show nothing (Unicode: Default_Ignorable_Code_Point), variation selectors aside."""

SUSPECT: Final = re.compile(r"[^ -~]")


def safe(text: str) -> str:
    """Give a text on one line, each invisible or commanding character as a visible escape."""
    if text.isascii() and text.isprintable():
        return text
    return SUSPECT.sub(lambda match: _visible(match[0]) if _is_unsafe(match[0]) else match[0], text)


def safe_lines(text: str) -> str:
    """Give a text of several lines as `safe` does, its line feeds kept."""
    return "\n".join(map(safe, text.split("\n")))


def json_text(value: object, *, ascii_only: bool = False) -> str:
    r"""Give JSON on one line; what `safe` escapes stands in it as `\uXXXX`, so that it reads back exactly.

    Args:
        value: what JSON can say. Infinite numbers and NaN become null, bytes their hexadecimal digits, and what JSON
            does not know its text.
        ascii_only: whether all that is not ASCII is escaped.
    """
    text = json.dumps(_sayable(value), ensure_ascii=ascii_only, allow_nan=False)
    if text.isascii() and text.isprintable():
        return text
    return SUSPECT.sub(lambda match: _json_escape(match[0]) if _is_unsafe(match[0]) else match[0], text)


def plain(value: object) -> str:
    """Give a value of a query as text: None as an empty one, bytes as hexadecimal digits."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case bytes():
            return value.hex()
        case list() | tuple() | dict():
            return json_text(value)
        case _:
            return str(value)


def _sayable(value: object) -> object:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if value - value == 0 else None
        case dict():
            return {str(key): _sayable(each) for key, each in value.items()}
        case list() | tuple():
            return [_sayable(each) for each in value]
        case _:
            return plain(value)


def _is_unsafe(character: str) -> bool:
    return category(character) in INVISIBLE or character in BLANK_LETTERS


def _visible(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _json_escape(character: str) -> str:
    r"""Give `\uXXXX`, twice for a character beyond the first 65,536."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
