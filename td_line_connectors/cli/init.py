"""What does a new project hold?"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.new_files import write_new
from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.issues import ValidationIssue

__all__ = ["init"]

STARTER: Final = ("td-line.yml", "members.dig", "queries/members.sql", "data/members.csv")
GITIGNORE: Final = ".gitignore"
STATE: Final = ".td-line/"

NEXT: Final = """\
Next, in that folder (a sample goes to an emulator on this machine, nothing leaves it):

  echo emulated-token | td-line secrets set crescendo.api_token
  td-line db create sample
  td-line table create sample members
  td-line table import sample members data/members.csv
  td-line check members.dig
  td-line emulate maac                 # leave it running, and go on in a second terminal
  td-line run members.dig"""


@click.command(cls=Command)
@click.argument("folder", required=False, metavar="[FOLDER]", type=click.Path(path_type=Path))
@click.pass_obj
def init(invocation: Invocation, folder: Path | None) -> None:
    """Make a new project.

    Writes a commented td-line.yml, a workflow and a query that run, and a small sample to run them on. What is there
    already is never overwritten. Without FOLDER: the one that --project names, else the current one.
    """
    folder = folder or invocation.project_folder or Path()
    starter = files("td_line_connectors.cli") / "starter"
    contents = {name: starter.joinpath(name).read_text(encoding="utf-8") for name in STARTER}
    _refuse_what_is_there(folder, contents)
    write_new(folder, contents)
    _ignore_state(folder / GITIGNORE)
    made = [*STARTER, GITIGNORE]
    text = f"A new project is in {folder.absolute()}:\n  {'  '.join(made)}\n\n{NEXT}"
    invocation.output.result({"folder": str(folder.absolute()), "files": made}, text)


def _refuse_what_is_there(folder: Path, contents: Mapping[str, str]) -> None:
    """Raise before anything is written if it would overwrite something."""
    there = [name for name in contents if (folder / name).exists() or (folder / name).is_symlink()]
    if there:
        rule = "is there already, and is not overwritten; move it away, or choose another folder"
        raise ConfigError([ValidationIssue(name, "exists", rule) for name in there])


def _ignore_state(file: Path) -> None:
    """Keep the state folder out of version control; what the file says already stays."""
    try:
        said = file.read_text(encoding="utf-8") if file.exists() else ""
        if STATE not in said.splitlines():
            separator = "" if not said or said.endswith("\n") else "\n"
            with file.open("a", encoding="utf-8") as lines:
                lines.write(f"{separator}{STATE}\n")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"writing {file.name}: {getattr(error, 'strerror', 'it is not UTF-8')}") from error
