"""Ctrl-C and SIGTERM in the middle of a run: counts so far, resumable state, the right exit code."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from td_line_connectors.testing import Fault, FaultKind, MaacEmulator
from tests.cli.conftest import TdLine
from tests.cli.rehearsal import uid, write_project
from tests.cli.terminal import ROOT


@pytest.fixture
def maac() -> Iterator[MaacEmulator]:
    """An emulator that takes the first import and never finishes the second."""
    stuck = Fault(FaultKind.STUCK, on="member_import", after=1)
    with MaacEmulator(task_seconds=0, faults=[stuck]) as emulator:
        yield emulator


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=lambda each: getattr(each, "name", str(each))
)
def test_a_run_that_is_stopped_reports_what_it_did_and_can_be_resumed(
    folder: Path, maac: MaacEmulator, td_line: TdLine, number: signal.Signals, code: int
) -> None:
    write_project(folder, maac)
    rows = "".join(f"{uid(each)}\n" for each in range(20_001))
    (folder / "people.csv").write_text(f"line_uid\n{rows}")
    settings = ("-s", "data_object=members", "-s", "import_key=line_uid", "-s", "tags=a")
    command = [sys.executable, "-m", "td_line_connectors", "export", "--connection", "maac", *settings, "people.csv"]
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, "--json"], cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        while sum(call.method == "POST" for call in maac.calls) < 2:  # until the second import is under way
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)

    report = json.loads(out)
    assert (process.returncode, report["status"]) == (code, "interrupted")
    [task] = report["tasks"]
    assert (task["rows"]["read"], task["rows"]["written"], task["rows"]["unsettled"]) == (20_001, 10_000, 10_001)
    assert task["error"]["kind"] == "signal"
    assert list(folder.glob(".td-line/runs/*/*/snapshot.sqlite"))
