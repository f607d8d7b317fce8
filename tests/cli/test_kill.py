"""Killed at any moment and resumed, a run leaves the far side as it would have left it undisturbed."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from td_line_connectors.cli import main
from td_line_connectors.testing import MaacEmulator
from tests.cli.batches import ROWS, held_by, write_batches
from tests.cli.conftest import TdLine
from tests.cli.terminal import ROOT

MOMENTS = 20
SEED = 4
CALLS = 17
"""So many calls an undisturbed run makes, or a few more."""

COMMAND = [sys.executable, "-m", "td_line_connectors", "run", "campaign.dig"]


def moments() -> list[tuple[int, float]]:
    """Give random moments: after so many calls to the far side, or none but for the history's file, and so long."""
    chance = random.Random(SEED)  # noqa: S311 - the same moments each time, so that what fails can be seen again
    return [(chance.randrange(CALLS), chance.uniform(0, 0.03)) for _ in range(MOMENTS)]


def emulator() -> MaacEmulator:
    """Give an emulator that takes a moment for each import, so that a kill may come in the middle of one."""
    return MaacEmulator(task_seconds=0.03, segment_seconds=0.02)


@pytest.fixture
def maac() -> Iterator[MaacEmulator]:
    with emulator() as started:
        yield started


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """What the far side has after a run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with emulator() as maac, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "home"))
        write_batches(folder, maac)
        assert main(["--project", str(folder), "run", str(folder / "campaign.dig")]) == 0
        return held_by(maac)


def kill_at(calls: int, seconds: float, folder: Path, maac: MaacEmulator) -> None:
    """Run the workflow in a process of its own, and kill that at a moment."""
    history = folder / ".td-line" / "history.sqlite"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(COMMAND, cwd=folder, env=environment, stdout=subprocess.PIPE) as process:
        while not (history.exists() and len(maac.calls) >= calls) and process.poll() is None:
            time.sleep(0.001)
        time.sleep(seconds)
        process.kill()


@pytest.mark.parametrize(("calls", "seconds"), moments(), ids=lambda each: f"{each:.3g}")
def test_a_killed_run_that_is_resumed_ends_as_an_undisturbed_one(
    folder: Path, maac: MaacEmulator, td_line: TdLine, expected: tuple[Any, Any], calls: int, seconds: float
) -> None:
    write_batches(folder, maac)
    kill_at(calls, seconds, folder, maac)

    remembered = td_line("runs", "--json").json
    shown = td_line("runs", "show").code if remembered else 0
    ended = td_line("resume", "latest", "--json") if remembered else td_line("run", "campaign.dig", "--json")

    assert {each["status"] for each in remembered} <= {"interrupted", "success"}
    assert (shown, ended.code, ended.json["status"]) == (0, 0, "success")
    members, segment = ended.json["tasks"]
    assert (members["rows"], members["requests"]) == (ROWS, 4)
    assert (segment["rows"]["written"], segment["requests"]) == (5, 1)
    assert held_by(maac) == expected
    assert "in_flight" not in {each.rule for each in maac.account().violations}
