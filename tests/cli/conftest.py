"""The real command, in this process, in a project of its own."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from td_line_connectors.cli import main
from td_line_connectors.testing import MaacEmulator


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document; anything beside it is an error here."""
        return json.loads(self.out)


TdLine = Callable[..., Ended]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def td_line(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> TdLine:
    """Run `td-line` with these arguments; its streams are no terminals."""

    def run(*arguments: str, stdin: bytes = b"") -> Ended:
        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(arguments)
        return Ended(code, *capsys.readouterr())

    return run


@pytest.fixture
def maac() -> Iterator[MaacEmulator]:
    """An emulator that answers at once."""
    with MaacEmulator(task_seconds=0, segment_seconds=0) as emulator:
        yield emulator


@pytest.fixture
def project(folder: Path) -> Path:
    """A project in the current folder, with nothing in it."""
    (folder / "td-line.yml").write_text("connections:\n")
    return folder


@pytest.fixture
def shop(project: Path, td_line: TdLine) -> Path:
    """A project with three people in the table `shop.people`."""
    (project / "people.csv").write_text("name,age\nAnn,31\nBen,\nCho,45\n")
    assert td_line("db", "create", "shop").code == 0
    assert td_line("table", "create", "shop", "people").code == 0
    assert td_line("table", "import", "shop", "people", "people.csv").code == 0
    return project
