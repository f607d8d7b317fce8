"""Can a call be stored now?"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from td_line_connectors.errors import ConnectorError
from td_line_connectors.server.answers import READY, UNAVAILABLE, Answer, answer
from td_line_connectors.server.complaints import Complaints

__all__ = ["Readiness"]


class Readiness:
    """Answers GET /readyz. Callers that come together share one look, so that asking often costs the disk little.

    Args:
        try_store: writes to the store and returns, or raises one of our errors. It may block.
        remarks: gives what is worth knowing although calls can be stored; a line each. It may block.
        monotonic: a clock in seconds that never jumps.
        patience: seconds after which a store that has not answered is not ready.
        keep: seconds for which an answer is given again.
    """

    def __init__(
        self,
        try_store: Callable[[], None],
        monotonic: Callable[[], float],
        patience: float = 1.5,
        keep: float = 1.0,
        remarks: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._try_store = try_store
        self._monotonic = monotonic
        self._patience = patience
        self._keep = keep
        self._complaints = Complaints(logging.getLogger(__name__), monotonic)
        self._remarks = remarks
        self._remarked: Sequence[str] = ()
        self._look: asyncio.Future[str | None] | None = None
        self._looked = 0.0

    async def page(self) -> Answer:
        """Answer GET /readyz."""
        now = self._monotonic()
        if self._look is None or (self._look.done() and now - self._looked >= self._keep):
            self._look = asyncio.get_running_loop().run_in_executor(None, self._problem)
            self._looked = now
        try:
            problem = await asyncio.wait_for(asyncio.shield(self._look), self._patience)
        except TimeoutError:
            problem = "the store has not answered in time; is the disk slow or busy?"
        if problem is None:
            return answer(200, "\n".join(["ready", *self._remarked])) if self._remarked else READY
        self._complaints.tell(f"not ready: {problem}")
        return UNAVAILABLE

    def _problem(self) -> str | None:
        try:
            self._try_store()
            self._remarked = self._remarks()
        except ConnectorError as error:
            return str(error)
        except OSError as error:  # a folder that this user may not look into, say
            return f"trying the store: {error.strerror or type(error).__name__}"
        return None
