"""What does the package of a new connector hold?"""

import os
import shutil
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from td_line_connectors.cli.groups import Group
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.new_files import write_new
from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.plugins import default_registry
from td_line_connectors.registry import NAME
from td_line_connectors.version import VERSION

__all__ = ["new"]

STARTER: Final = {
    "pyproject.toml": "pyproject.toml.txt",
    "README.md": "README.md.txt",
    ".gitignore": "gitignore.txt",
    "{{package}}/__init__.py": "package.py.txt",
    "{{package}}/connector.py": "connector.py.txt",
    "{{package}}/py.typed": "",
    "tests/test_contract.py": "test_contract.py.txt",
}
"""Each file of the package, and the text that ships with this one from which it is made."""

NEXT: Final = """\
Next:

  cd {{name}}
  pip install --editable '.[dev]'
  pytest
  td-line connectors"""


@click.group(cls=Group)
def new() -> None:
    """Make the beginnings of something."""


@new.command("connector")
@click.argument("name")
@click.pass_obj
def connector(invocation: Invocation, name: str) -> None:
    """Make the package of a new output connector, in a folder of its NAME in the current one.

    It passes its own tests at once: a connector that sends people to a far side by HTTP, a far side that fails when it
    is told to, and the tests that every connector inherits. Change it into yours.
    """
    if issues := list(_objections(name)):
        raise ConfigError(issues)
    words = {
        "name": name,
        "package": f"td_line_{name}",
        "distribution": f"td-line-{name.replace('_', '-')}",
        "title": name.replace("_", " ").capitalize(),
        "version": VERSION,
    }
    starter = files("td_line_connectors.cli") / "starter_connector"
    texts = {path: starter.joinpath(text).read_text(encoding="utf-8") if text else "" for path, text in STARTER.items()}
    contents = {_filled(path, words): _filled(text, words) for path, text in texts.items()}
    folder = Path(name)
    _write(folder, contents)
    told = f"The connector {name} is in {folder.absolute()}:\n  {'  '.join(contents)}\n\n{_filled(NEXT, words)}"
    invocation.output.result({"folder": str(folder.absolute()), "files": list(contents)}, told)


def _objections(name: str) -> Iterator[ValidationIssue]:
    """Say everything that keeps a connector of this name from being made here."""
    if not NAME.fullmatch(name):
        rule = "must be lower-case letters and digits, in words joined by one underscore: my_crm"
        yield ValidationIssue("NAME", "name", rule)
    if any(plugin.name == name for plugin in default_registry()):
        yield ValidationIssue("NAME", "exists", "a connector of this name is there already; choose another")
    if os.path.lexists(name):  # also a link that leads nowhere
        rule = "a file or folder of this name is here already, and is not overwritten; move it away, or choose another"
        yield ValidationIssue("NAME", "exists", rule)


def _filled(text: str, words: Mapping[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(f"{{{{{word}}}}}", value)
    return text


def _write(folder: Path, contents: Mapping[str, str]) -> None:
    """Make the folder with all files, or none."""
    try:
        folder.mkdir()
    except OSError as error:
        raise StoreError(f"making the folder {folder}: {error.strerror}") from error
    try:
        write_new(folder, contents)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
