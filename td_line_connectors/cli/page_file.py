"""Write a run's page where it was asked for."""

from pathlib import Path
from typing import Final

from td_line_connectors.cli.run_page import GENERATOR, run_page
from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.runs.history import RunRecord
from td_line_connectors.runs.reasons import reasons_in
from td_line_connectors.storage.whole_file import whole_file

__all__ = ["write_page"]

OURS: Final = f'<meta name="generator" content="{GENERATOR} '.encode()
HEAD: Final = 2_000
"""Bytes of a page of ours in which that stands."""


def write_page(path: Path, run: RunRecord) -> None:
    """Write a run's report as HTML, for this user alone; an earlier report gives way, and nothing else does.

    Args:
        path: the file.
        run: the run.

    Raises:
        ConfigError: if there is something of that name which is no report of ours.
        StoreError: if the disk cannot do it, or the run's rejects cannot be read.
    """
    if path.exists() and not _is_ours(path):
        message = "is there already, and is no report of td-line: choose another name, or delete it first"
        raise ConfigError.of(str(path), "exists", message)
    rejects = {task.number: task.report.rejects for task in run.tasks}
    page = run_page(run, {number: reasons_in(file) for number, file in rejects.items() if file})
    with whole_file(path) as file:
        file.write(page.encode())


def _is_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return path.is_file() and OURS in file.read(HEAD)
    except IsADirectoryError:
        return False
    except OSError as error:
        raise StoreError(f"looking at {path.name}: {error.strerror}") from error
