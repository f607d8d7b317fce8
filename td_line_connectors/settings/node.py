"""What was written, and where does it stand?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from td_line_connectors.issues import ValidationIssue

__all__ = ["COMMENT", "Mark", "Node", "Path", "Plain", "plain_node"]

COMMENT: Final = "nothing after the colon (a # begins a comment); put it in quotes"

Plain = str | dict[str, "Plain"] | list["Plain"] | None
"""A tree of mappings, lists, texts and None: every scalar is the text that was written."""

Path = tuple[str | int, ...]
"""The keys and list places that lead from a document's root to a value."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file.

    Attributes:
        file: the file's name, as messages show it.
        line: counted from 1; 0 where the text has no lines, such as an argument of the command line.
        column: counted from 1, in characters.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @classmethod
    def in_text(cls, file: str, text: str, offset: int) -> "Mark":
        """Give the place of the character at `offset` of a file whose content is `text`."""
        before = text[:offset]
        return cls(file, before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One value of a document, knowing its place. It never prints its value, which may be a secret.

    Attributes:
        value: a text as written, None where nothing was given, a mapping, or a tuple of further nodes.
        at: where the value stands.
        path: how the document's root leads to it.
        key_at: where its key stands; None for the root and for list items.
        commented: whether nothing but a `#` comment follows its key's colon.
        broken: whether the value could not be worked out, which has been reported already.
    """

    value: "str | Mapping[str, Node] | tuple[Node, ...] | None" = field(repr=False)
    at: Mark
    path: Path = ()
    key_at: Mark | None = None
    commented: bool = False
    broken: bool = False

    @property
    def field(self) -> str:
        """The dotted path, as an issue names it."""
        return ".".join(map(str, self.path)) or self.at.file

    @property
    def blank(self) -> str:
        """What to say of a key without a value that needs one."""
        return f"has no value: {COMMENT}" if self.commented else "has no value"

    @property
    def items(self) -> "Mapping[str, Node]":
        """The children of a mapping; none for any other value."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def children(self) -> "Iterator[Node]":
        """The nodes right below this one, of a mapping or a list."""
        if isinstance(self.value, Mapping):
            yield from self.value.values()
        elif isinstance(self.value, tuple):
            yield from self.value

    @property
    def plain(self) -> Plain:
        """The value as plain mappings, lists, texts and None."""
        if isinstance(self.value, Mapping):
            return {key: child.plain for key, child in self.value.items()}
        if isinstance(self.value, tuple):
            return [child.plain for child in self.value]
        return self.value

    @property
    def texts(self) -> "Iterator[Node]":
        """This node, if it is a text, or every text below it."""
        if isinstance(self.value, str):
            yield self
        for child in self.children:
            yield from child.texts

    @property
    def is_broken(self) -> bool:
        """Whether this value or one below it could not be worked out."""
        return self.broken or any(child.is_broken for child in self.children)

    def moved(self, path: Path, *, key_at: Mark | None) -> "Node":
        """Give a copy that hangs at another place of the tree; the texts' places in the file stay."""
        value = self.value
        if isinstance(value, Mapping):
            value = {key: child.moved((*path, key), key_at=child.key_at) for key, child in value.items()}
        elif isinstance(value, tuple):
            value = tuple(child.moved((*path, place), key_at=None) for place, child in enumerate(value))
        return replace(self, value=value, path=path, key_at=key_at)

    def without(self, *keys: str) -> "Node":
        """Give a copy of a mapping that lacks some keys."""
        return replace(self, value={key: child for key, child in self.items.items() if key not in keys})

    def issue(self, code: str, message: str) -> ValidationIssue:
        """Make an issue about the value."""
        return ValidationIssue(self.field, code, message, where=str(self.at))

    def key_issue(self, code: str, message: str) -> ValidationIssue:
        """Make an issue about the key, or about the value where there is none."""
        return ValidationIssue(self.field, code, message, where=str(self.key_at or self.at))


def plain_node(plain: Plain, at: Mark, *, path: Path = (), key_at: Mark | None = None) -> Node:
    """Make a tree of values that have no places of their own.

    Args:
        plain: the values, such as the pairs of a command line.
        at: where they all come from, such as `Mark("-s")`.
        path: where the tree hangs.
        key_at: where the key of the whole stands.
    """
    value: str | Mapping[str, Node] | tuple[Node, ...] | None
    if isinstance(plain, dict):
        value = {key: plain_node(child, at, path=(*path, key)) for key, child in plain.items()}
    elif isinstance(plain, list):
        value = tuple(plain_node(child, at, path=(*path, place)) for place, child in enumerate(plain))
    else:
        value = plain
    return Node(value=value, at=at, path=path, key_at=key_at)
