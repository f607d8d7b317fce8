"""Has this been said a moment ago?"""

import logging
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["Complaints", "place_of"]

MOST_KINDS: Final = 100


class Complaints:
    """Warnings of a server that would otherwise say the same for every call. Open to any thread.

    Args:
        logger: where they go.
        monotonic: a clock in seconds that never jumps.
        pause: seconds for which a sentence is not said again.
    """

    __slots__ = ("_lock", "_logger", "_monotonic", "_pause", "_said")

    def __init__(self, logger: logging.Logger, monotonic: Callable[[], float], pause: float = 10.0) -> None:
        self._logger = logger
        self._monotonic = monotonic
        self._pause = pause
        self._said: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def tell(self, sentence: str) -> None:
        """Write the sentence, unless it was written a moment ago; the next time says how often it was left out."""
        now = self._monotonic()
        with self._lock:
            since, left_out = self._said.get(sentence, (None, 0))
            if since is not None and now - since < self._pause:
                self._said[sentence] = (since, left_out + 1)
                return
            if len(self._said) >= MOST_KINDS:
                self._said.clear()
            self._said[sentence] = (now, 0)
        again = f" ({left_out:,} times more since it was last said)" if left_out else ""
        self._logger.warning("%s%s", sentence, again)


def place_of(error: BaseException) -> str:
    """Say where an error arose: a file's name and line, never a value."""
    frames = traceback.extract_tb(error.__traceback__)
    return f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
