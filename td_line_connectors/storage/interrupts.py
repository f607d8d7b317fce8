"""How does a signal end a long statement?

While SQLite works, Python hears of no signal. So a connection calls back now and then; a signal's handler that raises
there ends the statement as SQLITE_INTERRUPT. sqlite3 forgets what a callback raises; here it is kept.
"""

import threading
from collections.abc import Iterator
from typing import Final

__all__ = ["let_signals_in", "what_ended_it"]


class _Thread(threading.local):
    """What a signal's handler raised during a statement of this thread."""

    raised: BaseException | None = None


_THREAD: Final = _Thread()


def let_signals_in() -> Iterator[int]:
    """Let Python run the handlers of signals that have come.

    A generator, because they run where Python's own code goes on: here inside the `try`, in a function before its
    first line.

    Yields:
        each time it is asked: 0 to go on, 1 to end the statement.
    """
    answer = 0
    while True:
        try:
            yield answer
            answer = 0
        except GeneratorExit:  # the connection is gone
            raise
        except BaseException as error:  # noqa: BLE001 - it is raised again once SQLite has come to its end
            _THREAD.raised, answer = error, 1


def what_ended_it() -> BaseException:
    """Give what a handler raised in the statement of this thread that was interrupted last: once."""
    raised, _THREAD.raised = _THREAD.raised, None
    return raised or KeyboardInterrupt()
