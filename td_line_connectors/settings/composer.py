"""From the parser's events to one tree of nodes."""

from dataclasses import dataclass, replace
from typing import Final, NoReturn

from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.settings.node import Mark, Node, Path

__all__ = ["Composer"]

MAX_DEPTH: Final = 50
"""Collections inside collections; no settings need more, and every later walk may recurse."""

MAX_ALIASED: Final = 10_000
"""Nodes that a document may gain by aliases, so that a small file cannot become a huge tree."""

ABSENT: Final = frozenset({"", "~", "null"})
"""What, written without quotes, means «not given»."""


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet."""

    at: Mark
    path: Path
    anchor: str | None
    items: dict[str, Node] | list[Node]
    key: str | None = None
    key_at: Mark | None = None

    @property
    def expects_key(self) -> bool:
        return isinstance(self.items, dict) and self.key is None


class Composer:
    """Builds the tree, keeping every scalar as it was written. Knows no YAML library.

    Attributes:
        root: the tree, once all events have come.
        finished: whether they have: the document is complete.
        issues: everything that is wrong so far.

    Args:
        file: the file's name, as messages show it.
    """

    def __init__(self, file: str) -> None:
        self.root = Node(value=None, at=Mark(file, 1, 1))
        self.finished = False
        self.issues: list[ValidationIssue] = []
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._aliased = 0

    def refuse(self, code: str, message: str, at: Mark) -> None:
        """Note that something is wrong at a place, and go on."""
        path = self._path_of_next() if self._open else ()
        self.issues.append(ValidationIssue(".".join(map(str, path)) or self._file, code, message, where=str(at)))

    def stop(self, code: str, message: str, at: Mark) -> NoReturn:
        """Note that something is wrong at a place and makes going on useless.

        Raises:
            ConfigError: with every issue so far.
        """
        self.refuse(code, message, at)
        raise ConfigError(self.issues)

    def scalar(self, text: str, at: Mark, *, anchor: str | None, quoted: bool, commented: bool) -> None:
        """Take a key, or a value that is no collection."""
        text = self._joined(text, at)
        if self._open and self._open[-1].expects_key:
            self._take_key(text, at, quoted=quoted)
            return
        absent = not quoted and text in ABSENT
        if anchor and absent:
            self.refuse("yaml", "an anchor (&…) with nothing after it: a text that begins with & needs quotes", at)
        self._place(replace(self._next(at), value=None if absent else text, commented=commented), anchor)

    def begin(self, items: dict[str, Node] | list[Node], at: Mark, anchor: str | None) -> None:
        """Take the beginning of a collection, given as an empty one."""
        if self._open and self._open[-1].expects_key:
            self.stop("yaml", "a key must be a text, not a mapping or list (`{{x}}` for `${x}`?)", at)
        if len(self._open) >= MAX_DEPTH:
            self.stop("too_deep", f"more than {MAX_DEPTH} mappings or lists inside one another", at)
        self._open.append(_Open(at, self._path_of_next(), anchor, items))

    def end(self) -> None:
        """Take the end of the innermost collection."""
        done = self._open.pop()
        value = done.items if isinstance(done.items, dict) else tuple(done.items)
        self._place(replace(self._next(done.at), value=value), done.anchor)

    def alias(self, name: str, at: Mark) -> None:
        """Take a reference to an anchored value: the tree gets a copy of it."""
        if self._open and self._open[-1].expects_key:
            self.stop("yaml", "a key must be a text, not an alias (*…)", at)
        if any(each.anchor == name for each in self._open):
            self.stop("yaml", "an alias (*…) inside the very value it stands for", at)
        if name not in self._anchors:  # its name is not shown: it may be an unquoted secret
            self.refuse("yaml", "an alias (*…) of no anchor (&…) before it: a text that begins with * needs quotes", at)
            self._place(replace(self._next(at), broken=True), None)
            return
        target = self._anchors[name]
        size, height = _measure(target)
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            self.stop("too_large", f"the aliases (*…) make the document grow by more than {MAX_ALIASED} values", at)
        if len(self._open) + height > MAX_DEPTH:
            self.stop("too_deep", f"more than {MAX_DEPTH} mappings or lists inside one another", at)
        place = self._next(at)
        self._place(target.moved(place.path, key_at=place.key_at), None)

    def _take_key(self, text: str, at: Mark, *, quoted: bool) -> None:
        owner = self._open[-1]
        owner.key, owner.key_at = text, at
        if text == "<<" and not quoted:
            self.refuse("yaml", "merge keys (<<) are not read here: write the keys out, or use _export", at)
        elif not text.strip():
            self.refuse("yaml", "a key is missing before the colon", at)

    def _path_of_next(self) -> Path:
        if not self._open:
            return ()
        owner = self._open[-1]
        if isinstance(owner.items, list):
            return (*owner.path, len(owner.items))
        return owner.path if owner.key is None else (*owner.path, owner.key)

    def _next(self, at: Mark) -> Node:
        """Make the node that comes next in the innermost collection, empty as yet."""
        return Node(value=None, at=at, path=self._path_of_next(), key_at=self._open[-1].key_at if self._open else None)

    def _place(self, node: Node, anchor: str | None) -> None:
        """Hang a finished node where it belongs."""
        owner = self._open[-1] if self._open else None
        if anchor:
            self._anchors[anchor] = node
        if owner is None:
            self.root, self.finished = node, True
        elif isinstance(owner.items, list):
            owner.items.append(node)
        elif owner.key is not None:
            if owner.key in owner.items:
                first = owner.items[owner.key].key_at
                message = f"the key is given twice, first in line {first.line if first else '?'}: keep one"
                self.refuse("duplicate_key", message, owner.key_at or node.at)
            else:
                owner.items[owner.key] = node
            owner.key = owner.key_at = None

    def _joined(self, text: str, at: Mark) -> str:
        """Join escaped surrogate pairs, as JSON writes them, and refuse halves of such pairs."""
        if not any("\ud800" <= character <= "\udfff" for character in text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self.refuse("yaml", "an escape names half of a surrogate pair, which is no character", at)
            return ""


def _measure(node: Node) -> tuple[int, int]:
    """Count the nodes of a tree, and the collections inside one another."""
    below = [_measure(child) for child in node.children]
    deep = 0 if isinstance(node.value, str) or node.value is None else 1
    return 1 + sum(size for size, _ in below), deep + max((height for _, height in below), default=0)
