"""HTML in which no value can do anything.

A page is a tree of elements. What stands in them is text, escaped at the one place where it becomes HTML.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Final

from td_line_connectors.cli.text import safe

__all__ = ["Content", "Element", "document", "element"]

VOID: Final = frozenset({"meta"})
"""Elements that have no end tag."""

POLICY: Final = "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
"""Nothing may be loaded or run, nobody is called; the page's own style counts and no other."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element of HTML or SVG. Use `element`.

    Attributes:
        name: its name; never a value from elsewhere.
        attributes: their names, likewise, and their values.
        children: what stands in it.
    """

    name: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple["Content", ...]


Content = str | Element
"""A text, which is escaped, or an element."""


def element(name: str, /, *children: Content, **attributes: str | float) -> Element:
    """Make an element.

    Args:
        name: its name.
        children: what stands in it, in order.
        attributes: their values by name; `class_` is `class`, and `_` in a name is `-`.
    """
    named = tuple((key.rstrip("_").replace("_", "-"), str(value)) for key, value in attributes.items())
    return Element(name, named, children)


def document(title: str, style: str, body: Element, **facts: str) -> str:
    """Give a whole page: one file, no script, nothing to fetch.

    Args:
        title: its title.
        style: its style sheet, which is ours and holds no value.
        body: what is to be seen.
        facts: further `<meta>` elements: content by name.
    """
    policy = POLICY.format(style=b64encode(sha256(style.encode()).digest()).decode("ascii"))
    known = {"viewport": "width=device-width, initial-scale=1", "referrer": "no-referrer", **facts}
    head = [
        _html(element("meta", charset="utf-8")),
        _html(element("meta", http_equiv="Content-Security-Policy", content=policy)),
        *(_html(element("meta", name=name.replace("_", "-"), content=text)) for name, text in known.items()),
        _html(element("title", title)),
        f"<style>{style}</style>",
    ]
    lines = ["<!doctype html>", '<html lang="en">', "<head>", *head, "</head>", _html(body), "</html>"]
    return "\n".join(lines) + "\n"


def _html(content: Content) -> str:
    return "".join(_pieces(content))


def _pieces(content: Content) -> Iterator[str]:
    if isinstance(content, str):
        yield _escaped(content)
        return
    attributes = "".join(f' {name}="{_escaped(value)}"' for name, value in content.attributes)
    yield f"<{content.name}{attributes}>"
    if content.name not in VOID:
        for child in content.children:
            yield from _pieces(child)
        yield f"</{content.name}>"


def _escaped(text: str) -> str:
    """Give a text as HTML shows it; what would command or mislead is a visible escape."""
    return escape(safe(text), quote=True)
