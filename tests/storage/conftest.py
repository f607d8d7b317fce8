"""What the tests of storage share."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from td_line_connectors.storage.databases import Databases


@pytest.fixture
def databases(tmp_path: Path) -> Databases:
    made = Databases(tmp_path / "state" / "databases")
    made.create("shop")
    made.create_table("shop", "people")
    return made


@pytest.fixture
def alarm() -> Iterator[None]:
    """Send this process what Ctrl-C sends, a moment later."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(content: str | bytes, name: str = "people.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
