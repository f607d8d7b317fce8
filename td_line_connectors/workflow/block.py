"""What does a task see: its own keys, the defaults, the variables?"""

from dataclasses import dataclass, field, replace
from pathlib import Path

from td_line_connectors.issues import ValidationIssue
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.settings.node import Node
from td_line_connectors.settings.scope import Scope

__all__ = ["Surroundings", "TaskBlock"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a workflow file is read with, and what was found wrong so far.

    Attributes:
        project: the project.
        registry: the connectors there are.
        folder: the workflow file's folder, from which SQL files are named.
        issues: everything that is wrong; it grows while the file is read.
        warnings: what has no effect; it grows too.
    """

    project: Project
    registry: Registry
    folder: Path
    issues: list[ValidationIssue] = field(default_factory=list)
    warnings: list[ValidationIssue] = field(default_factory=list)

    def display(self, path: Path) -> str:
        """Give a file's name as messages show it: from the project's folder on, where it is below it."""
        try:
            return path.absolute().relative_to(self.project.folder.absolute()).as_posix()
        except ValueError:
            return str(path)


@dataclass(frozen=True, slots=True)
class TaskBlock:
    """One task as written.

    Attributes:
        name: `+parent+child`.
        node: its block, a mapping.
        scope: the variables that it sees, its own `_export` included.
        surroundings: what it is read with.
    """

    name: str
    node: Node
    scope: Scope
    surroundings: Surroundings

    @property
    def issues(self) -> list[ValidationIssue]:
        """Where everything that is wrong is added."""
        return self.surroundings.issues

    def has_own(self, key: str) -> bool:
        """Say whether the task itself has the key, and not only a default."""
        return key in self.node.items

    def find(self, key: str, *, secrets: bool = False) -> Node | None:
        """Give a key's value, its names expanded: the task's own, else the default in `_export: td:`.

        Args:
            key: the key.
            secrets: whether `${secret:key}` may stay in it.

        Returns:
            the value, which may be `broken`; None where none is given. A variable without a value is an issue.
        """
        own = self.node.items.get(key)
        if own is not None and own.commented:
            self.issues.append(own.key_issue("comment", own.blank))
        written = own if own is not None and own.value is not None else self.scope.find(f"td.{key}")
        if written is None or written.value is None:
            return None
        expanded = self.scope.expand(written, self.issues, secrets=secrets)
        if expanded.value is None and not expanded.broken:
            self.issues.append(written.issue("empty", "stands for a variable without a value"))
            return replace(expanded, broken=True)
        return expanded

    def text(self, key: str, missing: str = "") -> str | None:
        """Give the text of a key.

        Args:
            key: the key.
            missing: what to say of the task where none is given; by default nothing.

        Returns:
            the text; None where none is given or where something is wrong, which is an issue then.
        """
        node = self.find(key)
        if node is not None and node.is_broken:
            return None
        if node is not None and not isinstance(node.value, str):
            self.issues.append(node.key_issue("type", "must be a text"))
            return None
        text = str(node.value).strip() if node else ""
        if missing and not text:
            self.issues.append(self.node.items.get(key, self.node).key_issue("required", missing))
        return text or None

    def place(self, key: str) -> Node:
        """Give the node where an issue about a key is shown: its value, or the task."""
        return self.node.items.get(key) or self.scope.find(f"td.{key}") or self.node
