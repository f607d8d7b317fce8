"""How is a message forgotten in stored JSON?

LINE asks that a message be removed, or made unusable, once its sender has taken it back
(https://developers.line.biz/en/docs/messaging-api/receiving-messages/). The text around it is kept to the letter, so
no parser that would write numbers or escapes anew is used.
"""

import json
import re
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Final

__all__ = ["blanked", "message_ids"]

TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)
"""A text (one that breaks off goes to the end), a mark, or a word."""

ID: Final = re.compile(r'"id"\s*:\s*"([^"\\]*)"')
KEPT: Final = ('"type"', '"id"')


@dataclass(slots=True)
class _Open:
    """An object or array whose end has not come yet.

    Attributes:
        start: where it begins.
        key: the member whose value comes next, in its quotes; None in an array.
        kept: the members that stay, as they are written.
        ids: every value that an `id` has; a key may be repeated.
        more: whether it has other members.
    """

    start: int
    key: str | None = None
    kept: dict[str, str] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    more: bool = False


def message_ids(text: str) -> set[str]:
    """Give the ids that stand in a JSON text, quickly: a look whether `blanked` could change it."""
    return set(ID.findall(text))


def blanked(text: str, ids: Container[str]) -> str:
    """Take out of a JSON text what the messages of these ids say.

    Each object, however deep, that has such an `id` keeps this and its `type`, and nothing else. A second time
    nothing changes. Text that is no JSON is taken as far as it is.

    Args:
        text: a body, or the value of an Events column.
        ids: the messages' ids.
    """
    spans: list[tuple[int, int, str]] = []
    inside: list[_Open] = []
    said = ""
    for token in TOKEN.finditer(text):
        word = token[0]
        if word == ":" and inside:
            inside[-1].key = said
        elif word in "{[":
            _note(inside, word)
            inside.append(_Open(token.start()))
        elif word in "}]" and inside:
            ended = inside.pop()
            if ended.more and any(each in ids for each in ended.ids):
                while spans and spans[-1][0] > ended.start:  # it is inside this one
                    spans.pop()
                kept = ",".join(f"{key}:{value}" for key, value in ended.kept.items())
                spans.append((ended.start, token.end(), f"{{{kept}}}"))
        elif word == "," and inside:
            inside[-1].key = None
        elif inside:
            _note(inside, word)
        said = word
    return _replaced(text, spans)


def _note(inside: list[_Open], value: str) -> None:
    """Note a member's value, if this is one."""
    if not inside or inside[-1].key is None:
        return
    here = inside[-1]
    if here.key in KEPT and value.startswith('"'):
        here.kept[here.key] = value
        if here.key == '"id"':
            here.ids.append(_decoded(value))
    else:
        here.more = True
    here.key = None


def _decoded(literal: str) -> str:
    try:
        return str(json.loads(literal, strict=False))
    except ValueError:  # an escape that there is not: the text is no JSON
        return literal[1:-1]


def _replaced(text: str, spans: list[tuple[int, int, str]]) -> str:
    parts, end = [], 0
    for start, until, instead in spans:
        parts += [text[end:start], instead]
        end = until
    return "".join([*parts, text[end:]])
