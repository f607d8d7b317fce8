"""The house stands: imports point down, and each package enters by its one door."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "td_line_connectors"
MODULES = sorted(path.relative_to(ROOT.parent) for path in ROOT.rglob("*.py"))

FLOORS = [
    ["issues", "rows", "secret", "version"],
    ["guards", "report", "validators"],
    ["errors"],
    ["schema", "transport"],
    ["spi"],
    ["registry", "settings", "storage", "treasure_data"],
    ["connectors.crescendo", "connectors.line_oa", "project", "runs"],
    ["engine", "ingest", "plugins"],
    ["sources", "workflow"],
    ["drain"],
    ["scheduling", "server"],
    ["testing"],
    ["demo"],
    ["cli"],
    [""],
]
"""Rooms by floor, from the ground up; the last one's empty name is the front door itself."""

DOORS = {
    "tenacity": {"transport.retry"},
    "requests": {"transport.exchange"},
    "tdclient": {"treasure_data.td_client"},
    "urllib3": {"transport.exchange", "treasure_data.td_client"},
    "email_validator": {"validators.email"},
    "phonenumbers": {"validators.mobile", "validators.scalars"},
    "dateutil": {"validators.birthday"},
    "yaml": {"settings.document", "settings.composer"},
    "sqlite3": {"storage.sqlite", "testing.treasure_data.queries"},
    "pyarrow": {"storage.arrow"},
    "duckdb": {"storage.duckdb"},
    "click": {"cli"},
    "msgpack": {"testing.treasure_data.packing", "treasure_data.packing", "treasure_data.job_results"},
    "msgspec": {"connectors.line_oa.decoding"},
    "prometheus_client": {"server.metrics"},
    "uvicorn": {"server.serving"},
    "rich": {"cli"},
    "pytest": {"testing.contracts", "testing.fixtures"},
}
"""Third-party packages, and sqlite3, by the module that may import them; those of `ROOMS` have one door for all."""

ROOMS = {"cli", "testing.contracts"}


def module(path: Path) -> str:
    parts = [*path.with_suffix("").parts[1:]]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(name: str) -> str:
    known = [each for floor in FLOORS for each in floor if each and (name == each or name.startswith(f"{each}."))]
    return known[0] if known else ""


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room(name) in rooms)


def imports(path: Path) -> Iterator[str]:
    """Give every module that a file imports, at its top, inside functions and for the type checker alone."""
    for node in ast.walk(ast.parse((ROOT.parent / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module or ""
            if node.module and node.module.startswith("td_line_connectors"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names if is_module(node.module, alias.name))


def is_module(package: str, name: str) -> bool:
    place = ROOT.parent.joinpath(*package.split("."), name)
    return place.is_dir() or place.with_suffix(".py").exists()


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_imports_only_from_its_own_room_and_from_lower_floors(path: Path) -> None:
    here = module(path)
    if here in {"connectors", "__main__"}:
        return
    for target in imports(path):
        if target == "td_line_connectors" or not target.startswith("td_line_connectors."):
            continue
        there = target.removeprefix("td_line_connectors.")
        if room(there) and room(there) != room(here):
            assert floor(there) < floor(here), f"{here} imports {there}, which is not below it"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_third_party_package_enters_by_its_one_door(path: Path) -> None:
    here = module(path)
    for target in imports(path):
        package = target.split(".")[0]
        if package in DOORS:
            doors = DOORS[package]
            assert here in doors or any(here.startswith(f"{door}.") for door in doors & ROOMS), (
                f"{here} imports {package}, whose door is {', '.join(sorted(doors))}"
            )


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_package_with_no_door_does_not_enter(path: Path) -> None:
    for target in imports(path):
        package = target.split(".")[0]
        known = package in sys.stdlib_module_names or package in DOORS or package == "td_line_connectors"
        assert known or package == "_typeshed", f"{module(path)} imports {package}: give it a door"  # stubs only


def test_connectors_do_not_know_the_engine_and_the_engine_knows_no_connector() -> None:
    for path in MODULES:
        here, targets = module(path), [each.removeprefix("td_line_connectors.") for each in imports(path)]
        if here.startswith("connectors."):
            assert not [each for each in targets if each.startswith(("engine", "storage", "registry", "runs", "cli"))]
        if here.startswith("engine"):
            assert not [each for each in targets if each.startswith(("connectors", "registry", "plugins"))]
