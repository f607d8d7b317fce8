"""A server suits the interpreter to itself, and leaves it as it was."""

import gc
import sys

from td_line_connectors.server.tuning import tuned


def settings() -> tuple[object, ...]:
    return sys.getswitchinterval(), gc.get_threshold(), gc.get_freeze_count()


def test_everything_is_as_it_was_when_the_server_has_ended() -> None:
    before = settings()
    with tuned():
        during = settings()

    assert settings() == before
    assert all(one != other for one, other in zip(before, during, strict=True))
