"""What was said before the command's own name?"""

import io
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from td_line_connectors.cli.output import Output

if TYPE_CHECKING:
    from td_line_connectors.engine.events import Observer
    from td_line_connectors.project.project import Project
    from td_line_connectors.storage.databases import Databases

__all__ = ["Invocation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What every command is given.

    Attributes:
        output: where it prints.
        project_folder: the folder that `--project` names; None where it was not given.
        log_format: `text` or `json`; None where it was not given.
    """

    output: Output
    project_folder: Path | None = None
    log_format: str | None = None

    @property
    def stdin(self) -> BinaryIO:
        """The bytes of standard input; none where the process was started without one."""
        return sys.stdin.buffer if sys.stdin else io.BytesIO()

    def folder(self) -> Path:
        """Give the project's folder: the one that `--project` names, else the current one or one above it.

        Raises:
            ConfigError: if there is none.
        """
        from td_line_connectors.project.project import find_project  # noqa: PLC0415 - 30 ms, when needed

        return self.project_folder or find_project(Path())

    def project(self) -> "Project":
        """Read the project.

        Raises:
            ConfigError: if there is none, or its file is wrong.
        """
        from td_line_connectors.project.project import read_project  # noqa: PLC0415 - the same

        return read_project(self.folder())

    def databases(self) -> "Databases":
        """Give the project's embedded databases.

        Raises:
            ConfigError: if there is no project, or its file is wrong.
        """
        from td_line_connectors.storage.databases import Databases  # noqa: PLC0415 - the same

        return Databases(self.project().state / "databases")

    def watching(self) -> "AbstractContextManager[Observer]":
        """Show how a run goes on, for the length of the block: `with invocation.watching() as observer:`."""
        from td_line_connectors.cli.progress import watching  # noqa: PLC0415 - for commands that take a while

        return watching(self.output, self.log_format)
