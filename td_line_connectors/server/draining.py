"""Who hands rows over to Treasure Data while calls come in?

A process of its own, at a lower priority: encoding and compressing in this one would take turns with the answers.
"""

import logging
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import Final

__all__ = ["DrainProcess"]

LOG: Final = logging.getLogger(__name__)

LOOK: Final = 1.0
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
GRACE: Final = 15.0
"""Seconds that it gets to end by itself; whatever ends it, nothing is lost."""


class DrainProcess:
    """A drain next to the receiver: started once there is something to hand over, and again if it ends by itself.

    Args:
        command: what to execute; it ends at SIGTERM.
        wanted: whether there is a source whose rows go on to Treasure Data.
        monotonic: seconds on a clock that never goes back.
        look: seconds between two looks at it.
    """

    def __init__(
        self, command: Sequence[str], wanted: Callable[[], bool], monotonic: Callable[[], float], look: float = LOOK
    ) -> None:
        self._command = command
        self._seconds = look
        self._wanted = wanted
        self._monotonic = monotonic
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = FIRST_PAUSE
        self._started = self._not_before = 0.0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="td-line-drain", daemon=True)

    def start(self) -> None:
        """See to it from now on."""
        self._thread.start()

    def close(self) -> None:
        """End it, and return when it has ended. Safe to call twice."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
        self._stop()

    def _watch(self) -> None:
        while not self._ending.wait(self._seconds):
            wanted, now = self._wanted(), self._monotonic()
            if self._process is not None and self._process.poll() is not None:
                self._note_end(self._process.returncode, now)
            if self._process is None and wanted and now >= self._not_before:
                self._begin(now)
            elif not wanted:
                self._stop()

    def _begin(self, now: float) -> None:
        self._started = now
        try:
            # A session of its own: Ctrl-C at the terminal is the receiver's, which ends it after the last call.
            self._process = subprocess.Popen(  # noqa: S603 - our own command, without a shell
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
            )
        except OSError as error:
            LOG.warning("starting the drain: %s", error.strerror)
            self._wait_longer(now)

    def _note_end(self, code: int, now: float) -> None:
        self._process = None
        if now - self._started > LONGEST_PAUSE:
            self._pause = FIRST_PAUSE
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        LOG.warning("the drain %s; nothing is lost, and it is started again in %.0f s", how, self._pause)
        self._wait_longer(now)

    def _wait_longer(self, now: float) -> None:
        self._not_before = now + self._pause
        self._pause = min(LONGEST_PAUSE, 2 * self._pause)

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
