"""Which connector verifies a connection's calls?"""

from collections.abc import Mapping
from typing import Any

from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.project.blocks import Block, judge
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.schema.parameters import Place, nearest
from td_line_connectors.spi import InputConnector, InputPlugin

__all__ = ["connect_input", "input_settings"]


def connect_input(name: str, project: Project, registry: Registry) -> tuple[InputPlugin[Any], InputConnector]:
    """Make the connector of one of the project's connections.

    Args:
        name: the connection's.
        project: where it stands, and its secrets.
        registry: the connectors there are.

    Raises:
        ConfigError: there is no such connection, it is no input's, or something in it is wrong.
    """
    plugin, values = input_settings(name, project, registry)
    return plugin, plugin.connect(values)


def input_settings(name: str, project: Project, registry: Registry) -> tuple[InputPlugin[Any], Mapping[str, object]]:
    """Give what one of the project's connections says to its input: parameter → raw value, secrets as `Secret`.

    The arguments are those of `connect_input`.

    Raises:
        ConfigError: there is no such connection, it is no input's, or something in it is wrong.
    """
    block = project.connections.get(name)
    if block is None:
        known = ", ".join(sorted(project.connections)) or "none"
        hint = nearest(name, project.connections)
        message = f"«{name}» is no connection of this project.{hint} Known: {known}."
        raise ConfigError.of("connection", "unknown_connection", message)
    plugin = _input(name, block.items["type"].value if "type" in block.items else None, registry)
    judgement = judge(plugin.parameters, [Block(block.without("type"), Place.EITHER)], project.secrets)
    if judgement.issues:
        raise ConfigError(judgement.issues)
    return plugin, judgement.values


def _input(connection: str, kind: object, registry: Registry) -> InputPlugin[Any]:
    found = kind.strip() if isinstance(kind, str) else ""
    inputs = [plugin.name for plugin in registry if isinstance(plugin, InputPlugin)]
    if found not in inputs and found in [plugin.name for plugin in registry]:
        message = f"«{connection}» is a connection for sending out ({found}); a source needs one of type {_or(inputs)}"
        raise ConfigError.of("connection", "not_an_input", message)
    try:
        return registry.input(found)
    except ConfigError as error:
        raise ConfigError(
            [ValidationIssue("connection", each.code, f"«{connection}»: {each.message}") for each in error.issues]
        ) from error


def _or(names: list[str]) -> str:
    return " or ".join(names) or "that takes calls, and none is installed"
