"""What would be published holds what it must, and nothing else."""

import re
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from td_line_connectors.version import VERSION
from tools.release import build, names_in

ROOT = Path(__file__).parents[1]
JUNK = re.compile(
    r"(^|/)(\.venv|\.git|\.td-line|__pycache__|\..*_cache|\.hypothesis|site|dist|build)(/|$)|\.pyc$|\.sqlite"
)


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return build(tmp_path_factory.mktemp("dist"))


def test_the_version_has_one_place(archives: tuple[Path, Path]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert "version" not in project
    assert [path.name.split("-")[1].removesuffix(".tar.gz") for path in archives] == [VERSION, VERSION]


def test_the_wheel_holds_every_module_and_every_file_beside_them(archives: tuple[Path, Path]) -> None:
    package = ROOT / "td_line_connectors"
    there = {path.relative_to(ROOT).as_posix() for path in package.rglob("*") if path.is_file()}

    held = {name for name in names_in(archives[0]) if name.startswith("td_line_connectors/")}

    assert held == {name for name in there if not JUNK.search(name)}
    assert "td_line_connectors/py.typed" in held


def test_the_wheel_holds_nothing_but_the_package_and_its_description(archives: tuple[Path, Path]) -> None:
    assert {name.partition("/")[0] for name in names_in(archives[0])} == {
        "td_line_connectors",
        f"td_line_connectors-{VERSION}.dist-info",
    }


def test_the_wheel_says_the_command_the_extras_and_the_licence(archives: tuple[Path, Path]) -> None:
    info = f"td_line_connectors-{VERSION}.dist-info"
    with zipfile.ZipFile(archives[0]) as wheel:
        metadata = Parser().parsestr(wheel.read(f"{info}/METADATA").decode())
        entry_points = wheel.read(f"{info}/entry_points.txt").decode()

    assert "td-line = td_line_connectors.cli:main" in entry_points
    assert {"serve", "duckdb", "td"} <= set(metadata.get_all("Provides-Extra", []))
    assert (metadata["Requires-Python"], metadata["License-Expression"]) == (">=3.11", "MIT")


@pytest.mark.parametrize("kind", [0, 1], ids=["wheel", "sdist"])
def test_there_is_no_junk(archives: tuple[Path, Path], kind: int) -> None:
    assert [name for name in names_in(archives[kind]) if JUNK.search(name)] == []


def test_the_sdist_holds_what_is_needed_to_build_and_to_test(archives: tuple[Path, Path]) -> None:
    names = set(names_in(archives[1]))

    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "Makefile", "docs/conf.py"} <= names
    assert {"tests/test_release.py", "tools/release.py", "td_line_connectors/version.py"} <= names
