"""Where do a task's rows go?"""

from td_line_connectors.errors import ConfigError
from td_line_connectors.project.connections import ResolvedConnection, examine_export, find_connection
from td_line_connectors.settings.json_text import read_json_object
from td_line_connectors.settings.node import Node
from td_line_connectors.settings.shapes import BLOCK_SHAPE, EXPORT_SHAPE
from td_line_connectors.workflow.block import TaskBlock

__all__ = ["read_target"]


def read_target(task: TaskBlock) -> ResolvedConnection | None:
    """Read `result_connection` and `result_settings`.

    Accepted: a connection's name with settings as a mapping; the same with settings as JSON text; a block that names
    a connection with the settings inside; a block that is complete in itself, with `type:`.

    Returns:
        the connection with its settings; None where there is none, or where something is wrong, which is an issue then.
    """
    connection = task.find("result_connection", secrets=True)
    settings = task.find("result_settings", secrets=True)
    if connection is None:
        own = task.node.items.get("result_connection")
        if own is not None:
            task.issues.append(own.key_issue("comment" if own.commented else "shape", own.blank))
        elif settings is not None:
            message = f"stands without `result_connection:`. Write both:\n{EXPORT_SHAPE}"
            task.issues.append(settings.key_issue("shape", message))
        return None
    if connection.broken or (settings and settings.broken):
        return None
    try:
        if isinstance(connection.value, str):
            return _resolve(task, connection, _settings(task, connection, settings))
        return _block(task, connection, settings)
    except ConfigError as error:
        task.issues.extend(error.issues)
        return None


def _settings(task: TaskBlock, connection: Node, settings: Node | None) -> Node:
    """Give the settings beside a connection's name as a mapping."""
    if settings is None:
        own = task.place("result_settings")
        key_at = own.key_at if own is not task.node else connection.key_at
        path = (*connection.path[:-1], "result_settings")
        return Node(value={}, at=connection.at, path=path, key_at=key_at)
    if isinstance(settings.value, str):
        return read_json_object(settings)
    if isinstance(settings.value, tuple):
        raise ConfigError([settings.key_issue("shape", f"must be a mapping, not a list:\n{EXPORT_SHAPE}")])
    return settings


def _resolve(task: TaskBlock, name: Node, settings: Node) -> ResolvedConnection | None:
    """Put the connection that `name` names and the settings together."""
    if "${" in str(name.value):
        message = "a connection's name cannot hold `${secret:…}`: write the name out"
        raise ConfigError([name.issue("secret", message)])
    return _examined(task, find_connection(task.surroundings.project, name), settings)


def _block(task: TaskBlock, block: Node, settings: Node | None) -> ResolvedConnection | None:
    """Read a `result_connection:` that has the settings inside."""
    if settings is not None:
        message = f"cannot stand beside a `result_connection:` block: put the settings into the block:\n{BLOCK_SHAPE}"
        raise ConfigError([settings.key_issue("shape", message)])
    name, kind = block.items.get("connection"), block.items.get("type")
    if (name is None) == (kind is None):
        said = "either `connection:` or `type:`, not both" if name else "`connection:` with a connection's name"
        message = f"a block must say {said}; or write the name and its settings side by side:\n{EXPORT_SHAPE}"
        raise ConfigError([block.key_issue("shape", message)])
    if name is None:
        return _examined(task, None, block)
    if not isinstance(name.value, str):
        raise ConfigError([name.key_issue("required", name.blank if name.value is None else "must be a name")])
    return _resolve(task, name, block.without("connection"))


def _examined(task: TaskBlock, connection: tuple[str, Node] | None, settings: Node) -> ResolvedConnection | None:
    project, registry = task.surroundings.project, task.surroundings.registry
    examination = examine_export(connection, settings, registry, project.secrets)
    task.issues.extend(examination.issues)
    task.surroundings.warnings.extend(examination.warnings)
    return examination.resolved
