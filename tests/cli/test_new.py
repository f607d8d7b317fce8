"""A new connector is sound from its first minute, and nothing that is there is overwritten for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from td_line_connectors.testing.contracts import OutputContract
from tests.cli.conftest import TdLine

ROOT = Path(__file__).parents[2]
FILES = [
    "pyproject.toml",
    "README.md",
    ".gitignore",
    "td_line_my_crm/__init__.py",
    "td_line_my_crm/connector.py",
    "td_line_my_crm/py.typed",
    "tests/test_contract.py",
]


def run(*command: str, folder: Path, path: Path | None = None) -> str:
    """Run a Python module, with a folder of packages beside ours; give what it prints."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [path or folder, ROOT]))}
    line = [sys.executable, "-m", *command]
    done = subprocess.run(line, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


@pytest.fixture
def package(folder: Path, td_line: TdLine) -> Path:
    """A new connector's package."""
    assert td_line("new", "connector", "my_crm").code == 0
    return folder / "my_crm"


def test_every_file_is_written_and_told(folder: Path, td_line: TdLine) -> None:
    ended = td_line("new", "connector", "my_crm", "--json")

    made = folder / "my_crm"
    assert ended.json == {"folder": str(made), "files": FILES}
    assert sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()) == sorted(FILES)
    assert [path for path in made.rglob("*") if path.is_file() and "{{" in path.read_text()] == []


def test_a_new_connector_passes_its_own_tests(package: Path) -> None:
    said = run("pytest", "-q", "-p", "no:cacheprovider", folder=package)

    promises = [name for name in dir(OutputContract) if name.startswith("test_")]
    assert int(said.split()[-4]) > len(promises)
    assert "passed" in said


def test_a_new_connector_type_checks(package: Path, tmp_path: Path) -> None:
    said = run("mypy", "--cache-dir", str(tmp_path / "cache"), folder=package)

    assert said.startswith("Success: no issues found in 3 source files")


def test_a_new_connector_that_is_installed_is_listed_and_described(package: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    run(
        *("pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(site), "."),
        folder=package,
    )

    listed = json.loads(run("td_line_connectors", "connectors", "--json", folder=tmp_path, path=site))
    described = json.loads(run("td_line_connectors", "describe", "my_crm", "--json-schema", folder=tmp_path, path=site))

    assert {"name": "my_crm", "kind": "output", "title": "My crm", "data_objects": ["people"]} in listed["connectors"]
    assert listed["broken"] == []
    assert "api_token" in described["properties"]


@pytest.mark.parametrize("name", ["My_crm", "my-crm", "my__crm", "_crm", "crm_", "../crm", "crm/x", "客"])
def test_a_name_that_breaks_the_registrys_rule_is_refused(folder: Path, td_line: TdLine, name: str) -> None:
    ended = td_line("new", "connector", name)

    assert ended.code == 2
    assert "must be lower-case letters and digits" in ended.err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["3com", "class"])
def test_a_name_that_means_something_to_python_makes_a_package_all_the_same(
    folder: Path, td_line: TdLine, name: str
) -> None:
    assert td_line("new", "connector", name).code == 0

    said = run("pytest", "--collect-only", "-q", "-p", "no:cacheprovider", folder=folder / name)
    assert "TestOutput::" in said


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_touched(folder: Path, td_line: TdLine) -> None:
    (folder / "My-crm").mkdir()

    ended = td_line("new", "connector", "My-crm")

    assert ended.code == 2
    assert "must be lower-case letters and digits" in ended.err
    assert "is not overwritten" in ended.err
    assert list((folder / "My-crm").iterdir()) == []


@pytest.mark.parametrize("what", ["folder", "file", "link that leads nowhere"])
def test_what_is_there_is_not_overwritten(folder: Path, td_line: TdLine, what: str) -> None:
    place = folder / "my_crm"
    if what == "folder":
        place.mkdir()
    elif what == "file":
        place.write_text("mine")
    else:
        place.symlink_to("nowhere")

    ended = td_line("new", "connector", "my_crm")

    assert (ended.code, [each.name for each in folder.iterdir()]) == (2, ["my_crm"])
    assert place.is_symlink() or place.is_dir() or place.read_text() == "mine"


def test_a_name_that_a_connector_has_already_is_refused(folder: Path, td_line: TdLine) -> None:
    ended = td_line("new", "connector", "line_via_crescendo")

    assert ended.code == 2
    assert "a connector of this name is there already" in ended.err
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(folder: Path, td_line: TdLine) -> None:
    ended = td_line("new", "connector", "x" * 300)

    assert (ended.code, list(folder.iterdir())) == (1, [])
    assert "making the folder" in ended.err
