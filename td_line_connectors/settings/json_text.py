"""Settings written as JSON text, as nodes."""

import json
from typing import Final, NoReturn

from td_line_connectors.errors import ConfigError
from td_line_connectors.settings.node import Node, Plain, plain_node

__all__ = ["read_json_object"]

MAX_DEPTH: Final = 20
"""Objects and lists inside one another; no settings need more."""


class _DuplicateKeyError(ValueError):
    """An object has one key twice."""


def read_json_object(node: Node) -> Node:
    """Read a text node as a JSON object; its scalars become texts, as YAML's do.

    Args:
        node: a text; the places of all that is in it are its own.

    Raises:
        ConfigError: if it is anything else than one JSON object. Nothing of the text is repeated.
    """
    try:
        value = _as_written(
            json.loads(
                str(node.value),
                object_pairs_hook=_object,
                parse_int=str,
                parse_float=str,
                parse_constant=_refuse_constant,
            )
        )
    except _DuplicateKeyError:
        raise ConfigError([node.issue("duplicate_key", "the JSON text has one key twice: keep one")]) from None
    except json.JSONDecodeError as error:
        message = f"is a text, so it must be a JSON object, and is none from character {error.pos + 1} on: {error.msg}"
        raise ConfigError([node.issue("json", message)]) from None
    except (ValueError, RecursionError):
        raise ConfigError([node.issue("json", "is JSON with NaN, infinite or too deeply nested values")]) from None
    if not isinstance(value, dict):
        raise ConfigError([node.issue("json", 'is a text, so it must be a JSON object: {"data_object": "members", …}')])
    return plain_node(value, node.at, path=node.path, key_at=node.key_at)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _DuplicateKeyError
    return made


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("JSON has no NaN and no Infinity")


def _as_written(value: object, depth: int = 0) -> Plain:
    if depth > MAX_DEPTH:
        raise ValueError("too deeply nested")
    if isinstance(value, dict):
        return {key: _as_written(child, depth + 1) for key, child in value.items()}
    if isinstance(value, list):
        return [_as_written(child, depth + 1) for child in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
