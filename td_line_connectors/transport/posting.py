"""One document to an address of the operator's own."""

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from typing import Final

from td_line_connectors.secret import Secret
from td_line_connectors.transport.answers import Call, read_answer
from td_line_connectors.transport.exchange import exchange, open_session, prepare
from td_line_connectors.transport.retry import RetryPolicy

__all__ = ["post_document"]

CALL: Final = Call("POST", "to this address", repeatable=True)
"""How errors name it: the address itself may be a key."""


def post_document(
    url: Secret,
    headers: Mapping[str, Secret],
    body: bytes,
    *,
    timeout: float,
    sleep: Callable[[float], None],
    monotonic: Callable[[], float],
    random: Callable[[], float],
    now: Callable[[], datetime],
) -> None:
    """Post JSON. Any answer of 2xx will do, whatever it says; redirects are not followed, `.netrc` is not read.

    Args:
        url: the whole address: https, or http on this machine. No error shows it.
        headers: further headers.
        body: JSON in UTF-8.
        timeout: seconds for the connection, and again for the whole answer, of one try. There are three at most, the
            last of which begins after twice that time at the latest; so it may arrive more than once.
        sleep: waits that many seconds.
        monotonic: seconds on a clock that never goes back.
        random: an even draw from [0, 1).
        now: the present moment, aware of its zone.

    Raises:
        ConfigError: if the address, a proxy or a CA setting cannot be used at all.
        RemoteError: if it could not be reached, or answered with another status.
    """
    shown = {**{name: value.reveal() for name, value in headers.items()}, "Content-Type": "application/json"}
    with closing(open_session(None, timeout, monotonic)) as session:
        prepared = prepare(session, CALL, url.reveal(), {"data": body, "headers": shown})

        def attempt() -> None:
            answer = exchange(session, prepared, CALL, timeout)
            if not 200 <= answer.status < 300:
                read_answer(CALL, answer, now)

        retry = RetryPolicy(attempts=3, within=2 * timeout)
        retry.call(attempt, sleep=sleep, monotonic=monotonic, random=random)
