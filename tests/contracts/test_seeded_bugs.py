"""The contracts catch bugs: each one planted fails exactly the test that is about it."""

import ast
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEEDED = Path(__file__).with_name("seeded.py")

SUITES = {
    each.name: ast.get_docstring(each) or ""
    for each in ast.parse(SEEDED.read_text(encoding="utf-8")).body
    if isinstance(each, ast.ClassDef) and each.name.startswith("Test")
}
BUGS = {name: test for name, test in SUITES.items() if test.startswith("test_")}
SOUND = [name for name in SUITES if name not in BUGS]

SPARED = "late or 404 or 429 or 503 or before or garbage or within or proxy or redirect"
"""Faults that the planted bugs would meet as they meet others; the sound one meets them all."""

CHOSEN = f"not ({SPARED}) or TestPoints or (TestWaitsForEver and late)"

MEMORY = Path("/dev/shm")  # noqa: S108 - many small exports: a disk that is none makes them quick
WORK = MEMORY if MEMORY.is_dir() else None


@pytest.fixture(scope="module")
def said() -> str:
    """Run every suite, in a process of its own, and give what pytest says."""
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        options = ["-k", CHOSEN, "-p", "no:cacheprovider", "-rA", "--tb=no", f"--basetemp={folder}/tests"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", str(SEEDED), *options],
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "500", "XDG_STATE_HOME": folder},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    return done.stdout


def failed(said: str, suite: str) -> set[str]:
    """Give the tests of a suite that failed, those for several faults once."""
    return set(re.findall(rf"^(?:FAILED|ERROR) \S*::{suite}::(\w+)", said, re.MULTILINE))


@pytest.mark.parametrize("suite", BUGS)
def test_a_planted_bug_fails_the_one_test_that_is_about_it(said: str, suite: str) -> None:
    assert failed(said, suite) == {BUGS[suite]}


@pytest.mark.parametrize("suite", SOUND)
def test_a_sound_one_passes(said: str, suite: str) -> None:
    assert failed(said, suite) == set()
    assert f"::{suite}::" in said


def test_a_failed_assertion_says_what_it_compared(said: str) -> None:
    [line] = [line for line in said.splitlines() if line.startswith("FAILED") and "TestCountsOneShort" in line]

    assert "assert (1, 0, 1) == (1, 0, 0)" in line
