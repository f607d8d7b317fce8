"""What time is it for an emulator?"""

import time
from collections.abc import Callable

__all__ = ["steady_clock"]


def steady_clock() -> Callable[[], float]:
    """Make a clock of epoch seconds that never jumps, whatever happens to the machine's own."""
    offset = time.time() - time.monotonic()
    return lambda: offset + time.monotonic()
