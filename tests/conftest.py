"""A project on disk, and the connectors there are."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

from td_line_connectors.connectors.crescendo.settings import PARAMETERS
from td_line_connectors.project.project import Project, read_project
from td_line_connectors.registry import Registry
from td_line_connectors.spi import OutputPlugin

MakeProject = Callable[..., Project]

settings.register_profile("CI", derandomize=True)  # what passes there must pass again; people search by chance
if os.environ.get("CI"):
    settings.load_profile("CI")


def _build(*_: object) -> None:
    raise AssertionError("settings are read without building a connector")


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
    return Registry([plugin])


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Write `td-line.yml` and read it."""

    def make(text: str, **environ: str) -> Project:
        (tmp_path / "td-line.yml").write_text(text)
        return read_project(tmp_path, environ)

    return make
