"""A project on disk, and the connectors there are."""

import os
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from td_line_connectors.connectors.crescendo.settings import PARAMETERS
from td_line_connectors.project.project import Project, read_project
from td_line_connectors.registry import Registry
from td_line_connectors.spi import OutputPlugin
from td_line_connectors.treasure_data.connector import PLUGIN as TREASURE_DATA

MakeProject = Callable[..., Project]

settings.register_profile("CI", derandomize=True)  # what passes there must pass again; people search by chance
if os.environ.get("CI"):
    settings.load_profile("CI")


def _build(*_: object) -> None:
    raise AssertionError("settings are read without building a connector")


@pytest.fixture(scope="session")
def state_homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that need not exist."""
    folder = tmp_path_factory.mktemp("state-homes")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def state_home(state_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the processes of one test share a quota: neither with another test nor with this user's own runs."""
    folder = next(state_homes)
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.fixture
def registry() -> Registry:
    columns: Mapping[str, tuple[()]] = {"members": ()}
    plugin = OutputPlugin(
        name="line_via_crescendo",
        title="Line via Crescendo",
        parameters=PARAMETERS,
        columns=columns,
        build=_build,  # type: ignore[arg-type]  # never called
    )
    return Registry([plugin, TREASURE_DATA])


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Write `td-line.yml` and read it."""

    def make(text: str, **environ: str) -> Project:
        (tmp_path / "td-line.yml").write_text(text)
        return read_project(tmp_path, environ)

    return make
