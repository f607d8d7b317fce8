"""What the tests of storage share."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from td_line_connectors.storage.databases import Databases

NOBODY = 65_534


@pytest.fixture
def databases(tmp_path: Path) -> Databases:
    made = Databases(tmp_path / "state" / "databases")
    made.create("shop")
    made.create_table("shop", "people")
    return made


@pytest.fixture
def plain_user() -> Iterator[Path]:
    """Be a user for whom a file's mode counts, with a folder of their own; the super-user may write to anything."""
    folder = Path(tempfile.mkdtemp())
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    yield folder
    os.seteuid(os.getuid())
    shutil.rmtree(folder)


@pytest.fixture
def handled_alarm() -> Iterator[Callable[[BaseException], None]]:
    """Give a function: a moment after it is called, a signal's handler raises its argument."""

    def handled(raised: BaseException) -> None:
        def handler(_number: int, _frame: FrameType | None) -> None:
            raise raised

        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.2)

    before = signal.getsignal(signal.SIGALRM)
    yield handled
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(content: str | bytes, name: str = "people.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
