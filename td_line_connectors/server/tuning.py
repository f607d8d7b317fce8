"""How does a process that is a server share out its time?"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["tuned"]

SWITCH_INTERVAL: Final = 0.0005
"""Seconds after which a thread that waits for Python's lock may have it. The store's thread needs it for a moment
several times in each commit; with Python's 5 ms a busy event loop would hold every commit up for tens of them."""

YOUNG_OBJECTS: Final = 20_000
"""New containers after which garbage is looked for. A burst of calls makes thousands that are no garbage."""


@contextmanager
def tuned() -> Iterator[None]:
    """Suit the interpreter to a server for the length of the block. It concerns the whole process."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    gc.collect()
    gc.freeze()  # what was loaded is there to stay
    gc.set_threshold(YOUNG_OBJECTS, *thresholds[1:])
    sys.setswitchinterval(SWITCH_INTERVAL)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)
        gc.unfreeze()
