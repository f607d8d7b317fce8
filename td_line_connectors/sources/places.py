"""In which file of this machine do a source's rows lie?"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from td_line_connectors.sources.source import Source
from td_line_connectors.storage.databases import Databases

__all__ = ["PLAZMA", "Places", "local_database"]

PLAZMA: Final = "plazma"
"""The datastore that is Treasure Data, and the folder of rows that are on their way there."""

SEPARATOR: Final = "/"
LONGEST: Final = 100
"""Characters of Treasure Data's database in the name of ours, which have 128 at most."""


def local_database(source: Source) -> str:
    """Give the name by which `Places` knows a source's database.

    A source whose datastore is Plazma has one of its own: Treasure Data may have several accounts, and each of them a
    database of that name. Nothing of the source's id can be read from it.
    """
    if source.datastore != PLAZMA:
        return source.database
    digest = hashlib.sha256(source.id.bytes).hexdigest()[:12]
    return f"{PLAZMA}{SEPARATOR}{source.database[:LONGEST]}_{digest}"


@dataclass(frozen=True, slots=True)
class Places:
    """The files of a project's sources.

    Attributes:
        state: the project's state folder.
    """

    state: Path

    def path(self, database: str) -> Path:
        """Give the file of an existing database.

        Args:
            database: as `local_database` gives it.

        Raises:
            ConfigError: there is no such database; the message names the known ones.
        """
        databases, name = self._found(database)
        return databases.path(name)

    def holding(self, source: Source) -> tuple[Databases, str]:
        """Give the databases among which a source's is, and the name that it has there; it need not exist."""
        return self._found(local_database(source))

    def _found(self, database: str) -> tuple[Databases, str]:
        folder, separator, name = database.rpartition(SEPARATOR)
        return Databases(self.state / (folder if separator else "databases")), name
