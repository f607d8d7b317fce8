"""Moves people and events between your tables and LINE.

The names below are looked up on first use: importing this package loads the standard library only, and little of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from td_line_connectors.engine.events import Observer
    from td_line_connectors.engine.export import export
    from td_line_connectors.errors import ConfigError, ConnectorError, DataError, RemoteError, RunFailedError
    from td_line_connectors.guards import Guards, Percent
    from td_line_connectors.issues import ValidationIssue
    from td_line_connectors.plugins import default_registry
    from td_line_connectors.registry import Registry
    from td_line_connectors.report import RowCounts, RunReport, TaskReport
    from td_line_connectors.rows import Result, Row
    from td_line_connectors.secret import Secret
    from td_line_connectors.spi import Runtime

__all__ = [
    "ConfigError",
    "ConnectorError",
    "DataError",
    "Guards",
    "Observer",
    "Percent",
    "Registry",
    "RemoteError",
    "Result",
    "Row",
    "RowCounts",
    "RunFailedError",
    "RunReport",
    "Runtime",
    "Secret",
    "TaskReport",
    "ValidationIssue",
    "default_registry",
    "export",
]

_HOMES = {
    "ConfigError": "errors",
    "ConnectorError": "errors",
    "DataError": "errors",
    "Guards": "guards",
    "Observer": "engine.events",
    "Percent": "guards",
    "Registry": "registry",
    "RemoteError": "errors",
    "Result": "rows",
    "Row": "rows",
    "RowCounts": "report",
    "RunFailedError": "errors",
    "RunReport": "report",
    "Runtime": "spi",
    "Secret": "secret",
    "TaskReport": "report",
    "ValidationIssue": "issues",
    "default_registry": "plugins",
    "export": "engine.export",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        return import_module(f"{__name__}.version").VERSION
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
