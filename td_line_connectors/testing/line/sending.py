"""How do calls get to a webhook, and what does it answer?"""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import SplitResult, urlsplit

from td_line_connectors.testing.line.calls import SignedCall

__all__ = ["PATIENCE", "Tally", "send_calls"]

PATIENCE: Final = 2.0
"""Seconds that LINE waits for an answer."""

LATE: Final = "no answer in time"


@dataclass(frozen=True, slots=True)
class Tally:
    """What a webhook answered.

    Attributes:
        statuses: HTTP status → how many calls it answered so.
        unanswered: reason → how many calls got no whole answer in time.
        seconds: from the first call to the last answer.
        slowest: seconds that the slowest answer took.
    """

    statuses: Mapping[int, int] = field(default_factory=dict)
    unanswered: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    slowest: float = 0.0

    @property
    def calls(self) -> int:
        """How many calls were sent."""
        return sum(self.statuses.values()) + sum(self.unanswered.values())

    @property
    def accepted(self) -> int:
        """How many calls LINE would take for delivered: any status from 200 to 299."""
        return sum(count for status, count in self.statuses.items() if 200 <= status < 300)


def send_calls(
    url: str,
    calls: Iterable[SignedCall],
    *,
    connections: int = 4,
    rate: float | None = None,
    patience: float = PATIENCE,
    on_answer: Callable[[SignedCall, int | str], None] | None = None,
) -> Tally:
    """Send calls over connections that are kept open, as LINE does, and wait for every answer.

    Redirects are not followed, and nothing is sent twice but what meets a kept connection that the other side has
    closed meanwhile.

    Args:
        url: the webhook's, whole.
        calls: what is sent, in this order; asked for one by one, from several threads in turn.
        connections: how many calls are under way at once, at most.
        rate: calls a second, evenly spread; as fast as they are answered where None.
        patience: seconds to wait for an answer.
        on_answer: told each call and its status, or why there was none; from several threads.

    Raises:
        ValueError: the URL is none of http or https.
    """
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise ValueError("a webhook's URL is written in ASCII and without spaces")
    target = urlsplit(url)
    if target.scheme not in {"http", "https"} or not target.hostname:
        raise ValueError("a webhook's URL begins with https:// or http://, and a host")
    turns = _Turns(iter(calls), rate)
    callers = [_Caller(target, patience, turns, on_answer) for _ in range(connections)]
    with ThreadPoolExecutor(connections) as pool:
        try:
            for ended in [pool.submit(caller.run) for caller in callers]:
                ended.result()
        finally:
            turns.stopped.set()
    statuses: Counter[int] = sum((caller.statuses for caller in callers), Counter())
    unanswered: Counter[str] = sum((caller.unanswered for caller in callers), Counter())
    slowest = max((caller.slowest for caller in callers), default=0.0)
    return Tally(dict(sorted(statuses.items())), dict(unanswered), time.monotonic() - turns.began, slowest)


class _Turns:
    """Gives each caller its next call, when it is due.

    Args:
        calls: all of them.
        rate: calls a second, or None.
    """

    def __init__(self, calls: Iterator[SignedCall], rate: float | None) -> None:
        self._calls = enumerate(calls)
        self._rate = rate
        self._lock = threading.Lock()
        self.began = time.monotonic()
        self.stopped = threading.Event()

    def next(self) -> SignedCall | None:
        """Wait until the next call is due, and give it; None at the end."""
        with self._lock:
            number, call = next(self._calls, (0, None))
        if call is not None and self._rate:
            self.stopped.wait(max(self.began + number / self._rate - time.monotonic(), 0))
        return None if self.stopped.is_set() else call


class _Caller:
    """Sends one call after the other over one connection."""

    def __init__(
        self,
        target: SplitResult,
        patience: float,
        turns: _Turns,
        on_answer: Callable[[SignedCall, int | str], None] | None,
    ) -> None:
        secure = target.scheme == "https"
        kind: type[HTTPConnection] = HTTPSConnection if secure else HTTPConnection
        self._connection = kind(target.hostname or "", target.port, timeout=patience)
        self._path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        self._patience = patience
        self._turns = turns
        self._on_answer = on_answer
        self.statuses: Counter[int] = Counter()
        self.unanswered: Counter[str] = Counter()
        self.slowest = 0.0

    def run(self) -> None:
        """Send calls until there are none."""
        with closing(self._connection):
            while call := self._turns.next():
                self._count(call)

    def _count(self, call: SignedCall) -> None:
        began = time.monotonic()
        answer = self._send(call)
        seconds = time.monotonic() - began
        self.slowest = max(self.slowest, seconds)
        if seconds > self._patience:  # it came, drop by drop
            answer = LATE
        if isinstance(answer, int):
            self.statuses[answer] += 1
        else:
            self.unanswered[answer] += 1
        if self._on_answer:
            self._on_answer(call, answer)

    def _send(self, call: SignedCall) -> int | str:
        """Give the answer's status, or a word for why there is none."""
        try:
            return self._post(call)
        except (OSError, HTTPException) as error:
            self._connection.close()
            if isinstance(error, TimeoutError):
                return LATE
            return "not reached" if isinstance(error, ConnectionRefusedError | socket.gaierror) else "no whole answer"

    def _post(self, call: SignedCall) -> int:
        kept = self._connection.sock is not None
        try:
            self._connection.request("POST", self._path, call.body, dict(call.headers))
            answer = self._connection.getresponse()
        except ConnectionError:  # RemoteDisconnected is one
            self._connection.close()
            if not kept:
                raise
            return self._post(call)
        answer.read()
        return answer.status
