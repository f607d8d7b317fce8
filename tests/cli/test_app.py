"""The frame: commands are found, listed and described, and nothing is loaded for it."""

import json
import subprocess
import sys
from importlib.util import find_spec

import click
import pytest

from td_line_connectors.cli.app import COMMANDS
from td_line_connectors.cli.groups import asks_for_json
from tests.cli.conftest import TdLine

PRESENT = {name: each for name, each in COMMANDS.items() if find_spec(each.target.split(":")[0])}


def leaves(name: str, command: click.Command) -> list[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        return [(name,)]
    return [(name, *rest) for each, inner in command.commands.items() for rest in leaves(each, inner)]


EVERY_COMMAND = [path for name, each in PRESENT.items() for path in leaves(name, each.load())]


def test_the_help_lists_every_command(td_line: TdLine) -> None:
    ended = td_line("--help")

    assert ended.code == 0
    for name, command in COMMANDS.items():
        assert f"  {name} " in ended.out
        assert command.summary in ended.out


@pytest.mark.parametrize("name", PRESENT)
def test_the_table_of_commands_leads_to_each_and_sums_it_up(name: str) -> None:
    assert PRESENT[name].load().name == name
    assert PRESENT[name].summary.endswith(".")
    assert len(PRESENT[name].summary) < 60


@pytest.mark.parametrize("path", EVERY_COMMAND, ids=" ".join)
def test_every_command_explains_itself_and_takes_json(td_line: TdLine, path: tuple[str, ...]) -> None:
    ended = td_line(*path, "--help")

    assert ended.code == 0
    assert f"Usage: td-line {' '.join(path)}" in ended.out
    assert "--json" in ended.out


@pytest.mark.parametrize(
    "path", [(), ("db",), ("query",), ("emulate", "maac")], ids=["all", "group", "command", "inner"]
)
def test_help_with_json_is_one_document(td_line: TdLine, path: tuple[str, ...]) -> None:
    assert "Usage: td-line" in td_line(*path, "--help", "--json").json["help"]


def test_the_version_is_told(td_line: TdLine) -> None:
    assert td_line("--version").out.startswith("td-line ")
    assert list(td_line("--json", "--version").json) == ["version"]


def test_the_help_loads_no_commands_machinery() -> None:
    code = "import sys; from td_line_connectors.cli import main; main(['--help']); print(sorted(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = done.stdout.splitlines()[-1]
    for module in (
        "rich",
        "yaml",
        "requests",
        "sqlite3",
        "urllib3",
        "td_line_connectors.spi",
        "td_line_connectors.plugins",
    ):
        assert f"'{module}'" not in loaded, module


def test_importing_the_command_lines_package_loads_no_click() -> None:
    code = "import sys, td_line_connectors.cli; print('click' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "td_line_connectors", "connectors", "--json"]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    found = {each["name"]: each["kind"] for each in json.loads(done.stdout)["connectors"]}
    assert found == {"line_oa_streaming": "input", "line_via_crescendo": "output", "treasure_data": "query"}


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["--json", "db", "list"], True),
        (["db", "--json", "list"], True),
        (["db", "list", "--json"], True),
        (["db", "list"], False),
        (["query", "shop", "--", "--json"], False),
    ],
    ids=["before", "between", "after", "not at all", "as an argument"],
)
def test_json_is_asked_for_anywhere_before_two_dashes(arguments: list[str], asked: bool) -> None:  # noqa: FBT001 - a table
    assert asks_for_json(arguments) is asked


def test_the_nearest_command_is_named(td_line: TdLine) -> None:
    ended = td_line("qery")

    assert ended.code == 2
    assert "Did you mean «query»?" in ended.err
    assert "Known: init, connectors" in ended.err
