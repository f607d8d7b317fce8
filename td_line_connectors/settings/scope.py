"""What does a name stand for, here?"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from td_line_connectors.issues import ValidationIssue
from td_line_connectors.schema.parameters import nearest
from td_line_connectors.settings.node import Mark, Node
from td_line_connectors.settings.template import NameReference, SecretReference, references

__all__ = ["MISPLACED_REFERENCE", "Scope"]

MAX_LENGTH: Final = 2_000_000
"""Characters that one expansion may make, so that variables made of variables cannot fill the memory."""

NODE_LENGTH: Final = 50
"""What a value counts towards that, however short."""

MAX_DEPTH: Final = 80
"""Values inside values that one expansion may walk through."""

MISPLACED_REFERENCE: Final = (
    "`${secret:…}` may stand only in a parameter that is secret, never in SQL, a name or another parameter: "
    "it would end up in journals and reports"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The variables that a part of a workflow sees.

    Attributes:
        built_in: name → text; nothing can override them.
        exported: a mapping node, inner `_export` blocks laid over outer ones.
        absent: names that the workflow engine we follow gives, and we do not: name → why.
    """

    built_in: Mapping[str, str]
    exported: Node
    absent: Mapping[str, str] = field(default_factory=dict)

    def nested(self, export: Node) -> "Scope":
        """Give the scope inside a block: its exports lie over the outer ones."""
        return replace(self, exported=_laid_over(self.exported, export))

    def with_built_in(self, **more: str) -> "Scope":
        """Give the scope with more built-in variables."""
        return replace(self, built_in={**self.built_in, **more})

    def find(self, name: str) -> Node | None:
        """Give the exported value of a dotted name, as written; None if there is none."""
        node: Node | None = self.exported
        for step in name.split("."):
            node = node.items.get(step) if node else None
        return node

    def expand(self, node: Node, issues: list[ValidationIssue], *, secrets: bool = False) -> Node:
        """Put values for names, in a value and all below it.

        Args:
            node: what to expand.
            issues: where faults are added; a value with a fault comes back `broken`.
            secrets: whether `${secret:key}` stays for later; else it is a fault.

        Returns:
            the tree, in which only `${secret:key}` is left. A text that is nothing but one name becomes that name's
            value, a mapping or list included.
        """
        return _Expansion(self, issues, secrets=secrets).value(node)

    def expand_text(self, text: Node, issues: list[ValidationIssue]) -> Node:
        """Put values for names in the content of a file, such as SQL, and show faults in their own line of it.

        Args:
            text: the whole content; its mark is the file's beginning.
            issues: where faults are added.
        """
        return _Expansion(self, issues, secrets=False, file=str(text.value)).value(text)

    def names(self) -> Iterator[str]:
        """Give every name that there is, dotted."""
        yield from self.built_in
        yield from _dotted("", self.exported)


class _TooLargeError(Exception):
    """The expansion grows beyond all use."""


class _Expansion:
    """One walk over a value: what is being expanded now, and how much has been made."""

    def __init__(self, scope: Scope, issues: list[ValidationIssue], *, secrets: bool, file: str | None = None) -> None:
        self._scope = scope
        self._issues = issues
        self._secrets = secrets
        self._file = file
        self._active: list[str] = []
        self._use: Node | None = None
        self._made = 0

    def value(self, node: Node) -> Node:
        try:
            return self._expand(node, 0)
        except _TooLargeError:
            self._issues.append(node.issue("too_large", "its `${…}` grow beyond all use: variables made of variables?"))
            return replace(node, value=None, broken=True)

    def _expand(self, node: Node, depth: int) -> Node:
        self._spend(NODE_LENGTH)
        if depth > MAX_DEPTH:
            raise _TooLargeError
        if isinstance(node.value, Mapping):
            self._refuse_templates_in_keys(node)
            return replace(node, value={key: self._expand(child, depth + 1) for key, child in node.value.items()})
        if isinstance(node.value, tuple):
            return replace(node, value=tuple(self._expand(child, depth + 1) for child in node.value))
        return self._text(node, node.value, depth) if node.value and "${" in node.value else node

    def _text(self, node: Node, text: str, depth: int) -> Node:
        """Expand one text: to another, or to whatever the one name that it consists of stands for."""
        pieces: list[str] = []
        end = 0
        broken = False
        for reference in references(text):
            pieces.append(text[end : reference.start])
            end = reference.end
            at = Mark.in_text(node.at.file, self._file, reference.start) if self._file is not None else node.at
            here = replace(node, at=at, value=text[reference.start : end])
            found = self._reference(here, reference, depth)
            if found.is_broken:
                broken = True
            elif text.strip() == here.value and found.value != here.value:
                return found.moved(node.path, key_at=node.key_at)
            elif found.value is None:
                self._issues.append(here.issue("empty", "a variable without a value cannot stand inside a text"))
                broken = True
            else:
                pieces.append(_as_text(found))
        made = "".join([*pieces, text[end:]])
        self._spend(len(made))
        return replace(node, value=made, broken=broken)

    def _reference(self, here: Node, reference: object, depth: int) -> Node:
        """Give what a reference stands for, at the place where it is written."""
        if isinstance(reference, NameReference):
            return self._variable(here, reference.name, depth)
        if not isinstance(reference, SecretReference):
            self._issues.append(here.issue("template", getattr(reference, "message", "")))
        elif self._secrets:
            return here
        else:
            self._issues.append((self._use or here).issue("secret", MISPLACED_REFERENCE))
        return replace(here, value=None, broken=True)

    def _variable(self, here: Node, name: str, depth: int) -> Node:
        if name in self._scope.built_in:
            return replace(here, value=self._scope.built_in[name])
        written = self._scope.find(name)
        if written is None or name in self._active:
            said = "stands for itself" if written else self._unknown(name)
            self._issues.append(here.issue("unknown" if written is None else "template", f"`${{{name}}}` {said}"))
            return replace(here, value=None, broken=True)
        self._active.append(name)
        file, use = self._file, self._use
        self._file, self._use = None, use or here  # its value stands elsewhere; it is used here
        try:
            found = self._expand(written, depth + 1)
        finally:
            self._active.pop()
            self._file, self._use = file, use
        return found if found.value is None or not isinstance(found.value, str) else replace(found, at=here.at)

    def _unknown(self, name: str) -> str:
        if reason := self._scope.absent.get(name) or self._scope.absent.get(".".join(name.split(".")[:2])):
            return reason
        return f"is no built-in variable and not in _export.{nearest(name, self._scope.names())}"

    def _spend(self, length: int) -> None:
        self._made += length
        if self._made > MAX_LENGTH:
            raise _TooLargeError

    def _refuse_templates_in_keys(self, node: Node) -> None:
        for key, child in node.items.items():
            if "${" in key:
                self._issues.append(child.key_issue("template", "a key cannot hold `${…}`: write the name out"))


def _as_text(node: Node) -> str:
    return node.value if isinstance(node.value, str) else json.dumps(node.plain, ensure_ascii=False)


def _laid_over(outer: Node, inner: Node) -> Node:
    """Merge two values as scopes do: mappings key by key, anything else is replaced."""
    if not isinstance(outer.value, Mapping) or not isinstance(inner.value, Mapping):
        return inner
    merged = dict(outer.value)
    for key, child in inner.value.items():
        merged[key] = _laid_over(merged[key], child) if key in merged else child
    return replace(inner, value=merged)


def _dotted(prefix: str, node: Node) -> Iterator[str]:
    for key, child in node.items.items():
        yield prefix + key
        yield from _dotted(f"{prefix}{key}.", child)
