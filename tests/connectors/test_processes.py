"""Processes of one user with one token: never two imports in flight, never more than the quota."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from td_line_connectors.testing import MaacEmulator
from tests.connectors.crescendo import uid
from tests.connectors.importing import command

ROOT = Path(__file__).parents[2]
SCALE = 60.0
"""A minute lasts a second."""


@pytest.fixture
def task_seconds() -> float:
    return 2.0


@pytest.fixture
def maac(task_seconds: float) -> Iterator[MaacEmulator]:
    with MaacEmulator(time_scale=SCALE, task_seconds=task_seconds) as emulator:
        yield emulator


class Importing:
    """Processes that share a folder; whatever happens, none outlives the test."""

    def __init__(self, folder: Path, maac: MaacEmulator, stack: ExitStack) -> None:
        self._folder, self._maac, self._stack = folder, maac, stack

    def start(self, name: str, people: range) -> "subprocess.Popen[str]":
        words = command(self._folder, self._maac.url, self._maac.token, SCALE, name, people)
        process = self._stack.enter_context(subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        self._stack.callback(process.kill)
        return process


@pytest.fixture
def importing(tmp_path: Path, maac: MaacEmulator) -> Iterator[Importing]:
    with ExitStack() as stack:
        yield Importing(tmp_path / "quota", maac, stack)


def test_two_processes_at_once_keep_one_quota_and_one_place_in_flight(maac: MaacEmulator, importing: Importing) -> None:
    first, second = importing.start("run 1", range(12)), importing.start("run 2", range(12, 24))

    said = first.communicate()[0] + second.communicate()[0]

    assert (first.returncode, second.returncode) == (0, 0)
    assert (maac.violations, maac.imports_in_flight_max) == ([], 1)
    assert {str(each["line_uid"]) for each in maac.account().members} == {uid(each) for each in range(24)}
    assert "has another import of this account in flight" in said


def imports(maac: MaacEmulator) -> int:
    return sum(call.method == "POST" for call in maac.calls)


def read_until(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"it has ended without «{words}»")


@pytest.mark.parametrize("task_seconds", [20.0])
def test_kill_9_in_the_middle_of_an_import_lets_nobody_in_beside_it(maac: MaacEmulator, importing: Importing) -> None:
    killed = importing.start("the killed one", range(100, 1000))
    read_until(killed, "settled")
    waiting = importing.start("the waiting one", range(3))  # not one: that might slip in between two of the others
    read_until(waiting, "the killed one has another import of this account in flight")
    then = imports(maac)
    while imports(maac) == then:  # until the next one is in flight
        assert killed.poll() is None
    killed.kill()
    restarted = importing.start("the killed one", range(100, 102))

    assert (waiting.wait(), restarted.wait()) == (0, 0)
    assert (maac.violations, maac.imports_in_flight_max) == ([], 1)
    assert {str(each["line_uid"]) for each in maac.account().members} >= {uid(each) for each in (0, 100, 101)}
