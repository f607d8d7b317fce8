"""Which connectors there are, ours and other people's."""

from importlib.metadata import entry_points
from typing import Final

from td_line_connectors.connectors.crescendo.plugin import PLUGIN as LINE_VIA_CRESCENDO
from td_line_connectors.connectors.line_oa.connector import PLUGIN as LINE_OA_STREAMING
from td_line_connectors.registry import Registry
from td_line_connectors.treasure_data.connector import PLUGIN as TREASURE_DATA

__all__ = ["BUILT_IN", "GROUP", "default_registry"]

GROUP: Final = "td_line_connectors.plugins"
"""The entry-point group in which a package names its plugins."""

BUILT_IN: Final = (LINE_OA_STREAMING, LINE_VIA_CRESCENDO, TREASURE_DATA)
"""Our own connectors; they enjoy no privilege but being listed here."""


def default_registry() -> Registry:
    """Give a registry of our own connectors and of every installed package's.

    A plugin that cannot be loaded is listed in the registry's `broken` and harms nobody.
    """
    registry = Registry(BUILT_IN)
    for entry_point in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        registry.load(entry_point.name, entry_point.load)
    return registry
