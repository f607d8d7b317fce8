"""Whoever types what the page on connectors says has one that keeps its promises."""

import ast
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from td_line_connectors.testing.contracts import InputContract, OutputContract, StoreContract
from td_line_connectors.validators import InvalidValueError
from tests.docs.pages import DOCS, ROOT, fences

PAGE = DOCS / "how-to" / "write_a_connector.md"
OFFLINE = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index")


@dataclass
class Shell:
    """A person's terminal, in which Python finds what was installed here, and ours."""

    folder: Path
    site: Path
    said: list[str] = field(default_factory=list)

    def type(self, command: str) -> None:
        program, *arguments = shlex.split(command)
        if program == "cd":
            self.folder /= arguments[0]
        elif program == "pip":
            assert arguments == ["install", "--editable", ".[dev]"]
            self.run("pip", "install", *OFFLINE, "--target", str(self.site), ".")
        elif program == "td-line":
            self.run("td_line_connectors", *arguments)
        else:
            assert (program, arguments[0]) == ("python", "-m")
            self.run(*arguments[1:], "-p", "no:cacheprovider") if arguments[1] == "pytest" else self.run(*arguments[1:])

    def run(self, *module: str) -> None:
        """Run a Python module; what is in the folder goes before what was installed, as in an editable installation."""
        path = os.pathsep.join(map(str, (self.folder, self.site, ROOT)))
        environ = {**os.environ, "PYTHONPATH": path, "COLUMNS": "200", "TD_LINE_SECRET_CRM_API_TOKEN": "a-token"}
        line = [sys.executable, "-m", *module]
        done = subprocess.run(line, cwd=self.folder, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{shlex.join(module)}\n{done.stdout}{done.stderr}"
        self.said.append(done.stdout)


def changed(source: str, fence: str) -> str:
    """Let what a fence shows take the place of what has its name; within a class, member by member."""
    lines = source.splitlines()
    known = ast.parse(source).body
    first_code = max(node.end_lineno or 0 for node in known if isinstance(node, ast.Import | ast.ImportFrom))
    edits: list[tuple[int, int, list[str]]] = []
    for new in ast.parse(fence).body:
        old = next((each for each in known if _name(each) == _name(new) != ""), None)
        if isinstance(new, ast.Import | ast.ImportFrom):
            edits.append((first_code, first_code, [ast.unparse(new)]))
        elif isinstance(new, ast.ClassDef) and isinstance(old, ast.ClassDef):
            edits += _changed_members(old, new, fence)
        else:
            at = (old.lineno - 1, old.end_lineno or 0) if old else (len(lines), len(lines))
            edits.append((*at, ["", "", *_text(new, fence)] if not old else _text(new, fence)))
    for start, end, text in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        lines[start:end] = text
    return "\n".join(lines) + "\n"


def _changed_members(old: ast.ClassDef, new: ast.ClassDef, fence: str) -> Iterator[tuple[int, int, list[str]]]:
    end = old.end_lineno or 0
    for member in new.body:
        known = next((each for each in old.body if _name(each) == _name(member)), None)
        at = (known.lineno - 1, known.end_lineno or 0) if known else (end, end)
        yield (*at, _text(member, fence) if known else ["", *_text(member, fence)])


def _name(node: ast.stmt) -> str:
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            return node.name
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case ast.Expr(value=ast.Constant()):
            return "docstring"
        case _:
            return ""


def _text(node: ast.stmt, fence: str) -> list[str]:
    return fence.splitlines()[node.lineno - 1 : node.end_lineno]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The terminal in which everything on the page was typed, and every change made."""
    here = Shell(tmp_path_factory.mktemp("author"), tmp_path_factory.mktemp("site"))
    [block] = fences("console", page=PAGE.name)
    for command in block.commands:
        here.type(command)
    return here


def test_the_commands_make_a_connector_that_passes_its_tests_and_is_listed(shell: Shell) -> None:
    _, _, tests, types, listed, described = shell.said[:6]

    assert re.search(r"\b\d+ passed", tests)
    assert types.startswith("Success")
    assert "\ncrm\toutput\tCrm\tpeople\n" in listed
    assert "api_token" in described


def test_the_connector_with_the_pages_changes_passes_them_too(shell: Shell) -> None:
    for fence in fences("python", page=PAGE.name):
        if named := re.match(r"# (\S+\.py)\n", fence.text):
            file = shell.folder / named[1]
            file.write_text(changed(file.read_text(), fence.text))
    shell.type("python -m pytest -k 'doubled and after or merging or cover'")
    shell.type("python -m mypy")

    assert "repeatable = False" in (shell.folder / "td_line_crm" / "connector.py").read_text()
    assert shell.said[-1].startswith("Success")


def test_the_connection_on_the_page_is_taken_by_check(shell: Shell, tmp_path: Path) -> None:
    [fence] = fences("yaml", page=PAGE.name)
    (tmp_path / "td-line.yml").write_text(fence.text)

    shell.type(f"td-line --project {tmp_path} check")

    assert "error" not in shell.said[-1]


def test_the_validator_on_the_page_does_what_it_says() -> None:
    [fence] = [each for each in fences("python", page=PAGE.name) if "def postcode" in each.text]
    names: dict[str, object] = {}
    exec(compile(fence.text, str(fence), "exec"), names)  # noqa: S102 - our own page
    postcode = names["postcode"]
    assert callable(postcode)

    assert [postcode("110"), postcode("11001")] == ["110", "11001"]
    with pytest.raises(InvalidValueError, match="postal code"):
        postcode("1a0")


def test_the_page_names_the_contracts() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert [each.__name__ for each in (InputContract, OutputContract, StoreContract) if each.__name__ not in page] == []
