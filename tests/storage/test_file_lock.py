"""A lock that ends with its process, and says who holds it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from td_line_connectors.storage.file_lock import FileLock

ROOT = Path(__file__).parents[2]

HOLDER = """
import os, sys
from pathlib import Path
from td_line_connectors.storage.file_lock import FileLock

lock = FileLock.take(Path(sys.argv[1]), "run 1 of project brand")
"""

WAITS = """
print("held", flush=True)
sys.stdin.read()
"""

FORKS = """
if os.fork():
    print("held", flush=True)
    sys.stdin.read()
else:
    lock.release()
    os.write(1, b"forked\\n")
    os.read(int(sys.argv[2]), 1)
"""


@contextmanager
def another_process(script: str, path: Path, *said: str, keeps: int | None = None) -> Iterator["subprocess.Popen[str]"]:
    """Run a script that takes the lock, until it has said so much; it is killed when the block ends.

    Args:
        script: what it does once it has the lock.
        path: the file to lock.
        said: the lines that are waited for, in any order.
        keeps: a descriptor that it may read.
    """
    command = [sys.executable, "-c", HOLDER + script, str(path), str(keeps)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    kept = () if keeps is None else (keeps,)
    with subprocess.Popen(command, cwd=ROOT, text=True, pass_fds=kept, **pipes) as process:  # type: ignore[call-overload]  # pipes by name
        try:
            assert process.stdout is not None
            assert {process.stdout.readline().strip() for _ in said} == set(said)
            yield process
        finally:
            process.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "locks" / "a.lock"


def taken(path: Path, words: str = "the test") -> FileLock:
    found = FileLock.take(path, words)
    assert isinstance(found, FileLock), f"{found} has it"
    return found


def test_another_process_learns_who_has_it_and_has_it_next(path: Path) -> None:
    with another_process(WAITS, path, "held") as process:
        assert FileLock.take(path, "the test") == "run 1 of project brand"
        process.communicate()
    taken(path).release()


def test_kill_9_ends_it_at_once(path: Path) -> None:
    with another_process(WAITS, path, "held") as process:
        assert isinstance(FileLock.take(path, "the test"), str)
        process.kill()
        process.wait()
        taken(path).release()


def test_a_child_of_fork_neither_ends_its_parents_lock_nor_outlives_it(path: Path) -> None:
    end, start = os.pipe()
    try:
        with another_process(FORKS, path, "held", "forked", keeps=end) as process:
            assert isinstance(FileLock.take(path, "the test"), str), "the child has let go of its parent's lock"
            process.kill()
            process.wait()
            taken(path).release()  # though the child is there: it waits for us to close the pipe
    finally:
        os.close(start)
        os.close(end)


def test_who_had_it_is_no_longer_said(path: Path) -> None:
    taken(path, "run 1").release()
    assert path.read_text() == ""


def test_very_long_words_are_cut_and_odd_ones_shown(path: Path) -> None:
    lock = taken(path, "\udce9" + "x" * 10_000)
    found = FileLock.take(path, "the test")
    lock.release()
    assert found == "?" + "x" * 399


def test_words_that_are_no_text_are_shown_as_far_as_they_are(path: Path) -> None:
    lock = taken(path)
    path.write_bytes(b"run \xff")
    found = FileLock.take(path, "the test")
    lock.release()
    assert found == "run \ufffd"


def test_the_file_is_private_whatever_the_umask(path: Path) -> None:
    umask = os.umask(0)
    try:
        taken(path).release()
    finally:
        os.umask(umask)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_file_that_cannot_be_opened_is_not_locked(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        FileLock.take(path, "the test")
