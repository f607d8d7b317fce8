"""What hosts and connector authors import: pinned, lazy, light, typed and documented."""

import ast
import inspect
import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import td_line_connectors
from tools.reference.public_names import FACE

ROOT = Path(__file__).parents[1]

LOADED = """
import sys, json
before = set(sys.modules)
import td_line_connectors
td_line_connectors.export
{further}
print(json.dumps(sorted({{name.split(".")[0] for name in set(sys.modules) - before}})))
"""

in_each = pytest.mark.parametrize("name", FACE)


ALIASES = {"Json", "Observer", "OnWait", "Row", "Ticket"}
CONSTANTS = {"BOOLEAN", "COUNTRY", "ENDPOINT", "EVENT_TYPES", "SECONDS", "SECRET", "SECRETS", "TAGS", "TEXT"}
"""Public names that cannot carry a docstring: a text stands beside each."""


def public() -> Iterator[tuple[str, Any]]:
    """Give every public class and function by its name."""
    for module in map(import_module, FACE):
        for name in module.__all__:
            if name not in ALIASES | CONSTANTS:
                yield f"{module.__name__}.{name}", getattr(module, name)


DOCUMENTED = list(public())
of_each = pytest.mark.parametrize(("name", "value"), DOCUMENTED, ids=[name for name, _ in DOCUMENTED])


def loaded(further: str) -> set[str]:
    """Give the top-level packages that importing loads."""
    code = LOADED.format(further=further)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout)) - {"td_line_connectors"}


@in_each
def test_the_names_of_a_public_module_are_sorted_and_there(name: str) -> None:
    module = import_module(name)

    assert module.__all__ == sorted(module.__all__, key=lambda each: (not each.isupper(), each[0].islower(), each))
    assert set(module.__all__) <= set(dir(module))
    assert all(getattr(module, each) is not None for each in module.__all__)


@in_each
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(import_module(name), "no_such_name")  # noqa: B009 - a name that the type checker must not see


def test_the_reference_lists_every_public_name() -> None:
    page = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")

    for name in FACE:
        [text] = re.findall(rf"^### `{re.escape(name)}`\n(.*?)(?=^#|\Z)", page, re.MULTILINE | re.DOTALL)
        assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == list(import_module(name).__all__)


def test_the_face_stays_a_function_when_its_module_has_been_imported() -> None:
    import td_line_connectors.engine.export  # noqa: PLC0415 - what this test is about

    assert callable(td_line_connectors.export)


def test_the_version_is_known() -> None:
    assert td_line_connectors.__version__.count(".") == 2  # type: ignore[attr-defined]  # looked up on first use


@in_each
def test_importing_a_public_module_loads_the_standard_library_only(name: str) -> None:
    needed = {"td_line_connectors.testing.contracts", "td_line_connectors.testing.fixtures"}
    if name in needed:
        assert "pytest" in loaded(f"import {name}")
        return

    assert loaded(f"import {name}") <= sys.stdlib_module_names


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "td_line_connectors" / "py.typed").exists()


@pytest.mark.parametrize("package", ["line_audience", "hosts"])
def test_our_examples_use_public_modules_alone(package: str) -> None:
    for path in (ROOT / "examples" / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [node.module] if isinstance(node, ast.ImportFrom) else []
            modules += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            ours = [each for each in modules if each and each.split(".")[0] == "td_line_connectors"]
            assert set(ours) <= {*FACE}, path


def methods(value: object) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Give what a user calls of a public value: itself, if it is a function, or its public methods."""
    if inspect.isfunction(value):
        yield value.__name__, value
    if inspect.isclass(value):
        for name, each in vars(value).items():
            work = each.__func__ if isinstance(each, staticmethod | classmethod) else each
            if not name.startswith("_") and inspect.isfunction(work) and not name.startswith("test_"):
                yield f"{value.__name__}.{name}", work


@of_each
def test_a_public_name_says_what_it_is(name: str, value: Any) -> None:
    assert getattr(value, "__module__", "").startswith(("td_line_connectors", "_pytest")), f"{name}: whose is it?"
    assert (inspect.getdoc(value) or "").split("\n")[0].endswith("."), name
    for called, work in methods(value):
        assert inspect.getdoc(work), f"{called} has no docstring"


@of_each
def test_what_is_said_of_arguments_names_all_of_them(name: str, value: Any) -> None:
    for called, work in methods(value):
        told = described(work, "Args")
        taken = [each for each in inspect.signature(work).parameters if each not in {"self", "cls"}]
        assert told == taken or (not told and len(taken) < 4), f"{name}: the arguments of {called}"


@of_each
def test_the_fields_of_a_public_dataclass_are_described(name: str, value: Any) -> None:
    made_by = [each.name for each in fields(value) if each.init] if is_dataclass(value) else []

    assert described(value, "Attributes")[: len(made_by)] == made_by, name


@of_each
def test_a_public_function_says_what_it_raises(name: str, value: Any) -> None:
    for called, work in methods(value):
        told = inspect.getdoc(work) or ""
        assert [each for each in raised_by(work) if each not in told] == [], f"{name}: {called}"


def described(value: Any, section: str) -> list[str]:
    """Give the names that a section of a docstring describes."""
    found = re.search(rf"^{section}:\n((?:    .*\n?|\n)*)", inspect.getdoc(value) or "", re.MULTILINE)
    named = re.findall(r"^    (\**\w+(?:, \w+)*):", found[1], re.MULTILINE) if found else []
    return [each.strip("* ") for names in named for each in names.split(",")]


def raised_by(work: Callable[..., Any]) -> list[str]:
    """Give the errors that a function raises by name, those of functions within it left out."""
    [function] = ast.parse(textwrap.dedent(inspect.getsource(work))).body
    found, left = [], list(ast.iter_child_nodes(function))
    while left:
        node = left.pop()
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
            found.append(node.exc.func.id)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            left += ast.iter_child_nodes(node)
    return [each for each in found if each.endswith("Error")]
