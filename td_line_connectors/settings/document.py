"""Settings text to nodes: the one door of YAML.

YAML is read as the workflow engine reads it, and stricter: every scalar stays the text that was written, so that a
phone number keeps its zeros and each parameter's own type decides; duplicate keys and tags are refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from td_line_connectors.errors import ConfigError
from td_line_connectors.settings.composer import Composer
from td_line_connectors.settings.node import Mark, Node, Path, Plain
from td_line_connectors.settings.problems import plain_words, tag_message

if TYPE_CHECKING:
    import yaml

__all__ = ["Document", "read_document"]


@dataclass(frozen=True, slots=True)
class Document:
    """What a YAML file says.

    Attributes:
        root: the tree.
    """

    root: Node

    @property
    def value(self) -> Plain:
        """The whole as plain mappings, lists, texts and None."""
        return self.root.plain

    def find(self, path: Path) -> Node:
        """Give the node at `path`.

        Raises:
            KeyError: if there is none.
        """
        node = self.root
        for step in path:
            children = node.value
            if isinstance(step, int) and isinstance(children, tuple) and 0 <= step < len(children):
                node = children[step]
            elif isinstance(step, str) and step in node.items:
                node = node.items[step]
            else:
                raise KeyError(path)
        return node

    def where(self, path: Path, *, key: bool = False) -> str:
        """Give `file:line:column` of the value at `path`, or of its key.

        Raises:
            KeyError: if there is none.
        """
        node = self.find(path)
        return str(node.key_at or node.at) if key else str(node.at)

    def commented(self, path: Path) -> bool:
        """Say whether the key at `path` has nothing but a `#` comment after its colon.

        Raises:
            KeyError: if there is none.
        """
        return self.find(path).commented


def read_document(text: str, name: str) -> Document:
    """Read a YAML text.

    Args:
        text: the content; a byte order mark at its beginning is no part of it.
        name: the file's name, as messages show it.

    Raises:
        ConfigError: with everything that is wrong, as far as it could be read. No value is repeated.
    """
    composer = Composer(name)
    for event in _events(text, composer, name):
        _feed(composer, event, text, name)
    if composer.issues:
        raise ConfigError(composer.issues)
    return Document(composer.root)


def _events(text: str, composer: Composer, name: str) -> "Iterator[yaml.Event]":
    """Give the parser's events; what it cannot read becomes one more issue, and the end."""
    import yaml  # noqa: PLC0415 - the door: whoever reads no settings never loads it
    from yaml.reader import ReaderError  # noqa: PLC0415 - the same

    try:
        loader = yaml.SafeLoader(text)
    except ReaderError as error:
        at = Mark.in_text(name, text, error.position)
        message = "a control character or half a character: YAML holds none; in double quotes write it as an escape"
        composer.stop("yaml", message, at)
    try:
        while loader.check_event():
            yield loader.get_event()  # type: ignore[no-untyped-call]  # the stubs leave it out
    except yaml.MarkedYAMLError as error:
        mark = _mark(name, error.problem_mark)
        problem = plain_words(error.problem or "it could not be read", text)
    except (ValueError, OverflowError):  # an escape beyond Unicode, a version of thousands of digits
        mark = _mark(name, loader.get_mark())
        problem = "a number that is too large: in double quotes a backslash is written \\\\"
    else:
        return
    composer.stop("yaml", problem, mark)


class _Place(Protocol):
    """What the parser calls a mark."""

    line: int
    column: int


def _mark(name: str, mark: "_Place | None") -> Mark:
    return Mark(name, mark.line + 1, mark.column + 1) if mark else Mark(name)


def _feed(composer: Composer, event: "yaml.Event", text: str, name: str) -> None:
    """Hand one event to the composer."""
    import yaml  # noqa: PLC0415 - the door: loaded by now

    at = _mark(name, event.start_mark)
    if isinstance(event, yaml.DocumentStartEvent) and composer.finished:
        composer.stop("yaml", "a second document (---): one file holds one", at)
    if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
        composer.refuse("tag", tag_message(event.tag), at)
    if isinstance(event, yaml.ScalarEvent):
        empty = not event.value and not event.style
        commented = empty and event.end_mark is not None and _comment_follows(text, event.end_mark.index)
        composer.scalar(event.value, at, anchor=event.anchor, quoted=bool(event.style), commented=commented)
    elif isinstance(event, yaml.MappingStartEvent):
        composer.begin({}, at, event.anchor)
    elif isinstance(event, yaml.SequenceStartEvent):
        composer.begin([], at, event.anchor)
    elif isinstance(event, yaml.CollectionEndEvent):
        composer.end()
    elif isinstance(event, yaml.AliasEvent):
        composer.alias(event.anchor or "", at)


def _comment_follows(text: str, index: int) -> bool:
    """Say whether the line goes on with nothing but a comment."""
    end = text.find("\n", index)
    return text[index : end if end >= 0 else None].lstrip(" \t").startswith("#")
