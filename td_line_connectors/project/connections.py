"""What do a connection and an export's settings say together?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from td_line_connectors.errors import ConfigError, UnknownConnectorError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.project.blocks import Block, judge
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.schema.parameters import ParameterSchema, Place, nearest
from td_line_connectors.settings.node import Node
from td_line_connectors.settings.secrets import Secrets
from td_line_connectors.spi import OutputPlugin, QueryPlugin

__all__ = [
    "Examination",
    "QueryConnection",
    "ResolvedConnection",
    "connection_types",
    "examine_connection",
    "examine_connections",
    "examine_export",
    "find_connection",
    "query_connections",
    "resolve_export",
    "resolve_queries",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedConnection:
    """Where rows go, and all that the connector may be told: ready for `plugin.connect`.

    Attributes:
        name: the connection's name in the project; None for a block that is complete in itself.
        plugin: the output.
        values: parameter → raw value, those of the connection included; secrets are `Secret`.
        blocks: the connection and the settings as written, or the one block that is both; `${secret:key}` unexpanded.
        warnings: what has no effect.
    """

    name: str | None
    plugin: OutputPlugin[Any] = field(repr=False)
    values: Mapping[str, object] = field(repr=False)
    blocks: tuple[Node, ...] = field(repr=False)
    warnings: tuple[ValidationIssue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryConnection:
    """Where queries run, and all that the connector may be told: ready for `plugin.connect`.

    Attributes:
        name: the connection's name in the project.
        plugin: what runs them.
        values: parameter → raw value; secrets are `Secret`.
    """

    name: str
    plugin: QueryPlugin[Any] = field(repr=False)
    values: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Examination:
    """What looking at a connection showed.

    Attributes:
        resolved: the connection, where nothing is wrong with it as an export's target.
        issues: everything that is wrong, in console order, unknown keys last.
        warnings: what has no effect.
    """

    resolved: ResolvedConnection | None = None
    issues: Sequence[ValidationIssue] = ()
    warnings: Sequence[ValidationIssue] = ()


def connection_types(registry: Registry) -> Mapping[str, ParameterSchema[Any]]:
    """Give every type that a connection may have, with its parameters."""
    return {plugin.name: plugin.parameters for plugin in registry}


def find_connection(project: Project, name: Node) -> tuple[str, Node]:
    """Give the name and block of the connection that the text `name` names.

    Raises:
        ConfigError: naming the known ones and the nearest.
    """
    text = name.value if isinstance(name.value, str) else ""
    block = project.connections.get(text.strip())
    if block is None:
        known = ", ".join(sorted(project.connections)) or "none"
        message = f"«{text}» is no connection of this project.{nearest(text, project.connections)} Known: {known}."
        raise ConfigError([name.issue("unknown_connection", message)])
    return text.strip(), block


def examine_connection(block: Node, registry: Registry, secrets: Secrets) -> Examination:
    """Look at a connection on its own: what is in it must be right, what settings may add is not missed."""
    try:
        schema = _schema(block, registry)
    except ConfigError as error:
        return Examination(issues=error.issues)
    judgement = judge(schema, [Block(block.without("type"), Place.CONNECTION)], secrets)
    return Examination(issues=judgement.issues, warnings=judgement.warnings)


def examine_connections(project: Project, registry: Registry) -> Examination:
    """Look at every connection of a project on its own."""
    found = [examine_connection(block, registry, project.secrets) for block in project.connections.values()]
    issues = dict.fromkeys(issue for each in found for issue in each.issues)
    return Examination(issues=tuple(issues), warnings=tuple(warning for each in found for warning in each.warnings))


def examine_export(
    connection: tuple[str, Node] | None, settings: Node, registry: Registry, secrets: Secrets
) -> Examination:
    """Look at a connection together with the settings of one export.

    Args:
        connection: name and block; None where the settings are complete in themselves and say `type:`.
        settings: a mapping, its `${name}` expanded and its `${secret:key}` not.
        registry: the connectors there are.
        secrets: the project's.
    """
    name, block = connection or (None, settings)
    try:
        schema = _schema(block, registry)
        plugin = registry.output(_type(block))
    except ConfigError as error:
        return Examination(issues=_at(_type_node(block), error.issues))
    own = Block(block.without("type"), Place.CONNECTION if connection else Place.EITHER)
    judgement = judge(schema, [own, Block(settings, Place.SETTINGS)] if connection else [own], secrets)
    warnings = tuple(judgement.warnings)
    written = (block, settings) if connection else (block,)
    resolved = ResolvedConnection(name=name, plugin=plugin, values=judgement.values, blocks=written, warnings=warnings)
    return Examination(None if judgement.issues else resolved, judgement.issues, warnings)


def resolve_export(
    connection: tuple[str, Node] | None, settings: Node, registry: Registry, secrets: Secrets
) -> ResolvedConnection:
    """Put a connection and the settings of one export together. The arguments are those of `examine_export`.

    Raises:
        ConfigError: with everything that is wrong.
    """
    examination = examine_export(connection, settings, registry, secrets)
    if examination.resolved is None:
        raise ConfigError(examination.issues)
    return examination.resolved


def query_connections(project: Project, registry: Registry) -> Mapping[str, Node]:
    """Give the project's connections on which queries run: name → block."""
    types = {plugin.name for plugin in registry if isinstance(plugin, QueryPlugin)}
    return {name: block for name, block in project.connections.items() if _type(block) in types}


def resolve_queries(name: str, block: Node, registry: Registry, secrets: Secrets) -> QueryConnection:
    """Make one of `query_connections` ready.

    Raises:
        ConfigError: with everything that is wrong with it.
    """
    plugin = registry.query(_type(block))
    judgement = judge(plugin.parameters, [Block(block.without("type"), Place.CONNECTION)], secrets)
    if judgement.issues:
        raise ConfigError(judgement.issues)
    return QueryConnection(name=name, plugin=plugin, values=judgement.values)


def _type_node(block: Node) -> Node:
    return block.items.get("type", block)


def _type(block: Node) -> str:
    node = _type_node(block)
    return node.value.strip() if isinstance(node.value, str) else ""


def _schema(block: Node, registry: Registry) -> ParameterSchema[Any]:
    types = connection_types(registry)
    known = ", ".join(sorted(types)) or "none"
    if not (name := _type(block)):
        raise ConfigError([_type_node(block).key_issue("required", f"a connection needs its `type:`. Known: {known}.")])
    if name not in types:
        try:
            registry.plugin(name)  # it knows why a broken plugin of that name did not load
        except UnknownConnectorError as error:
            raise ConfigError(_at(_type_node(block), error.issues)) from error
    return types[name]


def _at(node: Node, issues: Sequence[ValidationIssue]) -> list[ValidationIssue]:
    """Give issues without a place the place of a node."""
    return [issue if issue.where else node.issue(issue.code, issue.message) for issue in issues]
