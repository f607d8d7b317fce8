"""Whatever stands in a fence is what it says it is."""

import ast
import configparser
import json
import re
import sqlite3
import subprocess
import tomllib
from importlib import import_module, util

import click
import pytest

from td_line_connectors.cli.app import app
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.output import Output
from tests.docs.pages import FENCES, ROOT, Fence, fences, td_line_arguments

CHECKED = {"caddyfile", "console", "crontab", "ini", "json", "nginx", "python", "sh", "sql", "toml", "yaml"}
"""Languages that this file, or the test of the page, reads; yaml is in test_yaml.py."""

SHOWN = {"text", "{include}", "{toctree}"}
"""What a program prints, which nothing can run, and the site's own directives, which building it checks."""

TOOLS = {".", ".venv/bin/pytest", "cd", "git", "make", "mkdir", "pip", "python", "python3", "td-line"}

TABLES = """
CREATE TABLE members (line_uid, line_display_name, email, phone, mobile, birthday, tags, customer_id, gender, city);
CREATE TABLE raw (record_uuid, destination, body, event_count, time);
CREATE TABLE events (event_type, event_source, event_message, event_timestamp, event_unsend, record_uuid, time);
"""


def parsed(arguments: list[str]) -> click.Context:
    """Read a command's arguments as the program would, and run nothing.

    Raises:
        click.UsageError: if the program would not take them.
    """
    command: click.Command = app
    context = click.Context(app, info_name="td-line", obj=Invocation(output=Output(as_json=False)))
    while isinstance(command, click.Group) and not (command.invoke_without_command and not arguments):
        _, arguments, _ = command.make_parser(context).parse_args(list(arguments))
        if not arguments:
            return context
        name, found, arguments = command.resolve_command(context, arguments)
        assert found is not None
        command, context = found, click.Context(found, info_name=name, parent=context)
    return command.make_context(context.info_name, list(arguments), parent=context.parent)


def test_every_fence_says_its_language_and_each_language_is_looked_at() -> None:
    unknown = [f"{fence}: {fence.language!r}" for fence in FENCES if fence.language not in CHECKED | SHOWN]

    assert not unknown


@pytest.mark.parametrize("fence", fences("console"), ids=str)
def test_every_command_is_there_and_takes_these_arguments(fence: Fence) -> None:
    for command in fence.commands:
        arguments = td_line_arguments(command)
        if arguments is not None:
            parsed(arguments)
        assert arguments is not None or command.split()[0] in TOOLS, command


@pytest.mark.parametrize("arguments", [["runs", "--no-such"], ["run"], ["nonsense"], ["runs", "show", "a", "b"]])
def test_the_reader_of_arguments_refuses_what_the_program_refuses(arguments: list[str]) -> None:
    with pytest.raises(click.UsageError):
        parsed(arguments)


def test_what_make_and_pip_are_told_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for fence in fences("console"):
        for command in fence.commands:
            words = command.split("#")[0].split()
            if words[0] == "make":
                assert set(words[1:]) <= targets, f"{fence}: {command}"
            if words[0] == "pip" and (wanted := re.search(r"\[([a-z,]+)\]", command)):
                assert set(wanted[1].split(",")) <= set(extras), f"{fence}: {command}"


@pytest.mark.parametrize("fence", fences("python"), ids=str)
def test_python_compiles_and_imports_only_what_there_is(fence: Fence) -> None:
    tree = ast.parse(fence.text, str(fence))
    compile(tree, str(fence), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "td_line_connectors":
            module = import_module(node.module or "")
            for alias in node.names:
                there = hasattr(module, alias.name) or util.find_spec(f"{node.module}.{alias.name}")
                assert there, f"{fence}: {alias.name}"


@pytest.mark.parametrize("fence", fences("sql"), ids=str)
def test_sql_is_accepted_by_an_embedded_database(fence: Fence) -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(TABLES)
    connection.create_function("json_extract_scalar", 2, lambda _text, _path: None)  # Treasure Data's own has this name

    assert connection.execute(f"EXPLAIN {fence.text}").fetchall()
    connection.close()


@pytest.mark.parametrize("fence", fences("json", "toml"), ids=str)
def test_json_is_json_and_toml_is_toml(fence: Fence) -> None:
    read = json.loads if fence.language == "json" else tomllib.loads

    assert read(fence.text)


@pytest.mark.parametrize("fence", fences("ini"), ids=str)
def test_a_unit_calls_what_there_is(fence: Fence) -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.read_string(fence.text)

    assert unit.sections()
    if unit.has_option("Service", "ExecStart"):
        arguments = td_line_arguments(unit["Service"]["ExecStart"])
        assert arguments
        assert parsed(arguments).command_path.startswith("td-line ")


@pytest.mark.parametrize("fence", fences("crontab"), ids=str)
def test_a_crontab_calls_what_there_is(fence: Fence) -> None:
    for line in fence.text.splitlines():
        assert re.match(r"([\d*/,-]+ +){5}", line), line
        command = re.sub(r'"\$\(date [^"]*"', "2026-11-21T00:00:00+08:00", line.replace(r"\%", "%"))
        arguments = td_line_arguments(command.split("&& ")[-1])
        assert arguments
        assert parsed(arguments).command_path.startswith("td-line ")


@pytest.mark.parametrize("fence", fences("sh"), ids=str)
def test_a_shells_lines_can_be_read_by_one(fence: Fence) -> None:
    done = subprocess.run(["/bin/bash", "-n"], input=fence.text, text=True, capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("fence", fences("caddyfile", "nginx"), ids=str)
def test_a_proxys_blocks_are_closed(fence: Fence) -> None:
    text = re.sub(r"#.*", "", fence.text)

    assert text.count("{") == text.count("}") > 0
    if fence.language == "nginx":
        assert all(line.rstrip().endswith((";", "{", "}")) for line in text.splitlines() if line.strip())
