"""Has anything changed that sources depend on?"""

from pathlib import Path

from td_line_connectors.project.project import PROJECT_FILE, Project
from td_line_connectors.sources.store import SourceStore

__all__ = ["Stamp", "stamp_of"]

Stamp = tuple[object, ...]
"""Equal to an earlier one where nothing has changed."""


def stamp_of(project: Project, store: SourceStore) -> Stamp:
    """Look at the sources, the project's file and its secrets.

    Raises:
        StoreError: the sources cannot be read.
    """
    files = (project.folder / PROJECT_FILE, project.state / "secrets.yml")
    return (store.version(), *map(_file_stamp, files))


def _file_stamp(path: Path) -> object:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_ctime_ns  # of its rights, too
