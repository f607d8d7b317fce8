"""Which source is meant?"""

from td_line_connectors.errors import ConfigError
from td_line_connectors.project.project import Project
from td_line_connectors.schema.parameters import nearest
from td_line_connectors.sources.source import Source
from td_line_connectors.sources.store import SourceStore

__all__ = ["find_source", "source_store"]


def source_store(project: Project) -> SourceStore:
    """Give the place where a project's sources are written down."""
    return SourceStore(project.state / "sources.sqlite")


def find_source(project: Project, name: str) -> Source:
    """Give the source of that name.

    Raises:
        ConfigError: naming the known ones and the nearest.
    """
    store = source_store(project)
    found = store.named(name)
    if found is None:
        names = [each.name for each in store.list()]
        known = f"Known: {', '.join(names)}." if names else "There is none yet: `source create` makes one."
        raise ConfigError.of("source", "unknown_source", f"«{name}» is no source.{nearest(name, names)} {known}")
    return found
