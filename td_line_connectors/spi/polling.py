"""Is it done yet?"""

from collections.abc import Callable
from typing import TypeVar

from td_line_connectors.spi.runtime import Runtime

__all__ = ["poll"]

T = TypeVar("T")


def poll(
    ask: Callable[[], T], done: Callable[[T], bool], *, interval: float, within: float, runtime: Runtime
) -> T | None:
    """Ask until the answer is final.

    Args:
        ask: one question to the far side.
        done: whether an answer is final.
        interval: seconds between two questions; the first is asked at once.
        within: seconds after which no further question is asked.
        runtime: clock and sleep.

    Returns:
        the final answer, or None where the time ran out.
    """
    deadline = runtime.monotonic() + within
    while True:
        answer = ask()
        if done(answer):
            return answer
        if runtime.monotonic() + interval > deadline:
            return None
        runtime.sleep(interval)
