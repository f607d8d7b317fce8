"""How is Treasure Data asked to take rows?

Not by td-client, although it has the call for imports: it gives a 429 no name of its own and no `Retry-After`, bounds
no answer's time, never tries again, and writes the key's header into its debug log. Here requests go out by the one
HTTP door that all far sides share. A test compares what td-client sends.
"""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Final

from td_line_connectors.errors import RefusedError
from td_line_connectors.secret import Secret
from td_line_connectors.spi import Runtime
from td_line_connectors.transport.answers import Call, Json, read_answer
from td_line_connectors.transport.exchange import exchange, open_session, prepare
from td_line_connectors.transport.retry import OnWait, RetryPolicy

if TYPE_CHECKING:
    from td_line_connectors.transport.exchange import Session

__all__ = ["WriteClient"]

SCHEME: Final = "TD1"
TIMEOUT: Final = 60.0
"""Seconds for the connection, and again for the whole answer, of one try."""

ADVICE: Final = {
    401: "check td_api_key and region",
    403: "check td_api_key: may it write to this database?",
    404: "there is no such database or table in this region: make it at Treasure Data, or check region",
}


@dataclass(slots=True, eq=False)
class WriteClient:
    """Lines to one of Treasure Data's hosts. For one thread at a time.

    Attributes:
        host: scheme and host; the key goes nowhere else.
        key: a write-only key will do.
        retry: how often `persist` tries.
        runtime: clocks, sleep and randomness.
        on_wait: told before each wait.
    """

    host: str
    key: Secret
    _: KW_ONLY
    retry: RetryPolicy
    runtime: Runtime = field(repr=False)
    on_wait: OnWait | None = field(default=None, repr=False)
    _session: "Session | None" = field(default=None, init=False, repr=False)

    def persist(self, attempt: Callable[[], object]) -> None:
        """Call `attempt` until it succeeds, fails for good, or patience ends.

        Raises:
            Exception: the last error of `attempt`.
        """
        world = self.runtime
        self.retry.call(
            attempt, sleep=world.sleep, monotonic=world.monotonic, random=world.random, on_wait=self.on_wait
        )

    def ask(self, call: Call, body: bytes, headers: Mapping[str, str]) -> tuple[int, Json]:
        """Hand one body over, once.

        Args:
            call: what is asked; it may be repeated.
            body: as it goes on the line.
            headers: beside the key.

        Returns:
            the status, one of 2xx, and the answer's JSON.

        Raises:
            RefusedError: a 4xx other than 429, or a redirect.
            TransientError: it did not arrive, or was not answered with 2xx and JSON.
            ConfigError: the address, the key, a proxy or a CA setting cannot be used at all.
        """
        if self._session is None:
            self._session = open_session(self.key, TIMEOUT, self.runtime.monotonic, SCHEME)
        url = self.host.rstrip("/") + call.path
        prepared = prepare(self._session, call, url, {"data": body, "headers": dict(headers)})
        answer = exchange(self._session, prepared, call, TIMEOUT)
        try:
            return answer.status, read_answer(call, answer, self.runtime.now)
        except RefusedError as error:
            problem = error
        if problem.status in ADVICE:
            problem = RefusedError(f"{call}: {problem.status}, {ADVICE[problem.status]}", problem.status)
        raise problem

    def close(self) -> None:
        """Let go of the lines. Safe to call twice; a later request opens them anew."""
        session, self._session = self._session, None
        if session is not None:
            session.close()
