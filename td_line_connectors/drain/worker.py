"""How does one table's stream run, for as long as nobody stops it?"""

import logging
import threading
from contextlib import closing, suppress
from dataclasses import replace
from math import inf
from typing import Final
from uuid import uuid4

from td_line_connectors.drain.queue import Queue
from td_line_connectors.drain.stream import Stream
from td_line_connectors.drain.targets import Target
from td_line_connectors.errors import ConfigError, RefusedError, StoreError, TransientError
from td_line_connectors.spi import Runtime
from td_line_connectors.transport.retry import OnWait, RetryPolicy
from td_line_connectors.treasure_data.writing import table_writer

__all__ = ["PERSISTENT", "Worker", "open_stream"]

LOG: Final = logging.getLogger(__name__)

PERSISTENT: Final = RetryPolicy(attempts=10**9, within=inf, wait_max=60.0, retry_after_max=600.0)
"""An outage may last for days."""

LOOK: Final = 1.0
"""Seconds between two looks for new rows."""

REFUSAL_PAUSE: Final = 300.0
"""Seconds after which a connection that was refused is tried again; a changed one is tried at once."""

STORE_PAUSE: Final = 10.0
SECONDS_BETWEEN_TRIMS: Final = 3600.0
DAY: Final = 86_400


class StoppedError(Exception):
    """The worker shall end; nothing is lost by it."""


def open_stream(
    target: Target,
    *,
    retry: RetryPolicy,
    runtime: Runtime,
    on_wait: OnWait | None = None,
    patience: float | None = None,
) -> Stream:
    """Make the stream of a table.

    Args:
        target: the table.
        retry: how often a request is tried.
        runtime: clocks, sleep and randomness.
        on_wait: told before each wait between two tries.
        patience: seconds for which few rows wait for further ones; None: as the writer has it.

    Raises:
        ConfigError: a package that the writer needs is not installed.
    """
    place = (target.database, target.table)
    writer = table_writer(target.account, target.writer, place, retry=retry, runtime=runtime, on_wait=on_wait)
    queue = Queue(target.path, target.table, power_proof=writer.once)

    def now() -> float:
        return runtime.now().timestamp()

    return Stream(str(target), queue, writer, now=now, new_id=lambda: uuid4().hex, patience=patience)


class Worker:
    """A thread that hands one table over until it is stopped.

    Args:
        target: the table.
        runtime: clocks and randomness; its sleep is replaced by one that ends when the worker is stopped.
        keep_days: for how long rows that were handed over are kept.
    """

    def __init__(self, target: Target, runtime: Runtime, keep_days: int) -> None:
        self.target = target
        self.failure: BaseException | None = None
        self._runtime = replace(runtime, sleep=self._pause)
        self._keep_seconds = keep_days * DAY
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"td-line-drain-{target.table}", daemon=True)
        self._stream = open_stream(target, retry=PERSISTENT, runtime=self._runtime, on_wait=self._on_wait)
        self._trouble: str | None = None
        self._trim_at = 0.0
        self._trimmed = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether it has begun and not ended."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Ask it to end; a request under way is finished."""
        self._stopping.set()

    def join(self, seconds: float) -> None:
        """Wait so long for its end."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            with closing(self._stream):
                while True:
                    busy = self._turn() | self._trim()
                    self._pause(0.0 if busy else LOOK)
        except StoppedError:
            pass
        except BaseException as error:  # noqa: BLE001 - told by whoever runs the workers
            self.failure = error

    def _turn(self) -> bool:
        """Hand over the next rows; say whether there were any, or whether it was tried in vain."""
        try:
            busy = self._stream.turn()
        except (RefusedError, ConfigError) as error:
            LOG.warning("%s: nothing is handed over, and nothing is lost: %s", self.target, error)
            self._note(str(error))
            self._pause(REFUSAL_PAUSE)
            return True
        except StoreError as error:
            LOG.warning("%s: %s", self.target, error)
            self._pause(STORE_PAUSE)
            return True
        if busy and self._trouble is not None:
            LOG.warning("%s: Treasure Data takes rows again", self.target)
            self._trouble = None
        return busy

    def _on_wait(self, _seconds: float, error: TransientError) -> None:
        if self._trouble is None:
            LOG.warning("%s: trying again until it goes: %s", self.target, error)
        self._note(str(error))

    def _note(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            with suppress(StoreError):  # it is for people
                self._stream.queue.note_trouble(trouble, int(self._runtime.now().timestamp()))

    def _trim(self) -> bool:
        """Delete some old rows, if it is time to; say whether there may be more of them."""
        if self._runtime.monotonic() < self._trim_at:
            return False
        before = int(self._runtime.now().timestamp()) - self._keep_seconds
        try:
            looked_at = self._stream.queue.trim(before, self._trimmed)
        except StoreError as error:
            LOG.warning("%s: %s", self.target, error)
            looked_at = None
        if looked_at is None:
            self._trim_at = self._runtime.monotonic() + SECONDS_BETWEEN_TRIMS
        self._trimmed = looked_at or 0
        return looked_at is not None

    def _pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise StoppedError
