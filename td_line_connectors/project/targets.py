"""Where did a run's rows go, and do they still go there?

A target is written down when a task begins, so that another process can go on with it. No secret is in it: a
reference to one is kept as it was written, a secret that was written out is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.project.connections import ResolvedConnection, find_connection, resolve_export
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.settings.node import Mark, Node, Plain, plain_node
from td_line_connectors.settings.template import SecretReference, references, secret_keys

__all__ = ["Target", "resolve_again", "target_of"]

RECORD: Final = Mark("the run's record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where rows go, in plain values.

    Attributes:
        connection: the connection's name; None for a block that is complete in itself.
        plugin: the output's name.
        settings: as written, variables expanded, `${secret:key}` not; without the secrets that were written out.
        left_out: the names of those secrets.
        secrets: parameter → the keys of the secrets that it names.
        values: parameter → typed value, of those that are no secret, defaults included.
    """

    connection: str | None
    plugin: str
    settings: Plain
    left_out: Sequence[str]
    secrets: Mapping[str, Sequence[str]]
    values: Mapping[str, object]

    def to_json(self) -> dict[str, object]:
        """Give the target as JSON values."""
        return {
            "connection": self.connection,
            "plugin": self.plugin,
            "settings": self.settings,
            "left_out": list(self.left_out),
            "secrets": {name: list(keys) for name, keys in self.secrets.items()},
            "values": dict(self.values),
        }

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> "Target":
        """Read back what `to_json` gave.

        Raises:
            TypeError: if it is something else.
        """
        return cls(**known)


def target_of(resolved: ResolvedConnection) -> Target:
    """Give what is written down of where rows go."""
    settings, schema = resolved.blocks[-1], resolved.plugin.parameters
    left_out = sorted(name for name in schema.secrets if _is_written_out(settings.items.get(name)))
    return Target(
        connection=resolved.name,
        plugin=resolved.plugin.name,
        settings=settings.without(*left_out).plain,
        left_out=left_out,
        secrets={name: keys for name in sorted(schema.secrets) if (keys := _keys(name, resolved.blocks))},
        values={name: _plain(value) for name, value in _typed(resolved).items()},
    )


def resolve_again(target: Target, project: Project, registry: Registry, written: Node | None) -> ResolvedConnection:
    """Put a target together again, with the secrets and the connection of today.

    Args:
        target: as it was written down.
        project: whose connections and secrets count.
        registry: the connectors there are.
        written: the task's settings as its file has them now, for the secrets that were left out; None where they
            cannot be read.

    Raises:
        ConfigError: if it cannot be put together, or would go elsewhere than it did.
    """
    connection = target.connection and find_connection(project, plain_node(target.connection, RECORD))
    settings = plain_node(target.settings, RECORD)
    again = {name: node for name in target.left_out if written and (node := written.items.get(name))}
    if missing := [name for name in target.left_out if name not in again]:
        message = "was written out in the workflow file, which does not have it any more: write `${secret:key}` there"
        raise ConfigError([ValidationIssue(name, "left_out", message) for name in missing])
    whole = Node(value={**settings.items, **again}, at=settings.at)
    resolved = resolve_export(connection or None, whole, registry, project.secrets)
    if issues := [*_differences(target, resolved)]:
        raise ConfigError(issues)
    return resolved


def _differences(target: Target, resolved: ResolvedConnection) -> list[ValidationIssue]:
    """Name what would send rows elsewhere, or as something else. A new secret under the same key is none of that."""
    now = target_of(resolved)
    if now.plugin != target.plugin:
        return [_issue("type", target.plugin, now.plugin)]
    fixed = [each.name for each in resolved.plugin.parameters if not each.tuning]
    issues = [
        _issue(name, target.values[name], now.values[name])
        for name in fixed
        if name in target.values and name in now.values and target.values[name] != now.values[name]
    ]
    for name, keys in target.secrets.items():
        others = now.secrets.get(name)
        if others and list(others) != list(keys):
            issues.append(_issue(name, _references(keys), _references(others)))
    return issues


def _issue(name: str, then: object, now: object) -> ValidationIssue:
    message = f"was {_shown(then)} when the run began, and is {_shown(now)} now: set it back, or run the whole anew"
    return ValidationIssue(name, "changed", message)


def _shown(value: object) -> str:
    return "not given" if value is None else str(value)


def _references(keys: Sequence[str]) -> str:
    return " ".join(f"${{secret:{key}}}" for key in keys)


def _is_written_out(node: Node | None) -> bool:
    """Say whether a secret's value holds anything but `${secret:key}`."""
    return node is not None and any(_without_references(str(text.value)).strip() for text in node.texts)


def _without_references(text: str) -> str:
    for each in reversed(list(references(text))):
        if isinstance(each, SecretReference):
            text = text[: each.start] + text[each.end :]
    return text


def _keys(name: str, blocks: Sequence[Node]) -> list[str]:
    """Give the keys that a parameter's value names, in the block that counts."""
    found = [node for block in blocks if (node := block.items.get(name)) is not None and any(node.texts)]
    return [key for text in (found[-1].texts if found else ()) for key in secret_keys(str(text.value))]


def _typed(resolved: ResolvedConnection) -> Mapping[str, object]:
    schema = resolved.plugin.parameters
    return {name: value for name, value in schema.read(resolved.values).values.items() if name not in schema.secrets}


def _plain(value: object) -> object:
    """Give a typed value as JSON reads it back."""
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
