"""How is each call told in the log?"""

import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, Literal

from td_line_connectors.server.calls import Call
from td_line_connectors.server.complaints import place_of

__all__ = ["CallLog"]

LOGGERS: Final = ("td_line_connectors", "uvicorn.error")

LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
"""The usual place of a proxy, and so the senders whose `X-Forwarded-For` is believed."""

SHOWN: Final = 200
MOST_WAITING: Final = 100_000
SECONDS_BETWEEN_WRITES: Final = 0.05
SECONDS_FOR_THE_LAST: Final = 2.0


class CallLog:
    """Writes a line for each call, and for each message of a logger that has its `handler()`.

    A call only joins a queue; a thread of its own writes what has come together. So neither a slow disk nor a
    terminal that is held up delays an answer. What no longer fits into the queue is counted, and the count is written.

    Args:
        write: writes lines, each with its newline, and may block.
        form: `text`, or `json`: one object a line.
        trusted_proxies: addresses whose `X-Forwarded-For` header is believed.
    """

    def __init__(
        self,
        write: Callable[[str], object],
        form: Literal["text", "json"] = "text",
        trusted_proxies: Collection[str] = LOOPBACK,
    ) -> None:
        self._write = write
        self._line = _json_line if form == "json" else _text_line
        self._message = _json_message if form == "json" else _text_message
        self._trusted = frozenset(trusted_proxies)
        self._waiting: deque[Call | str] = deque()
        self._left_out = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="td-line-log", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def close(self) -> None:
        """Write what waits, and end; what cannot be written in time is left out. Safe to call twice."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(SECONDS_FOR_THE_LAST)

    def __call__(self, call: Call) -> None:
        """Take a call; returns at once. A page that was shown as it should be is not worth a line."""
        if call.source or call.status != SHOWN:
            self._take(call)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write calls, and what our loggers and uvicorn's say, for the length of the block."""
        handler = self.handler()
        for name in LOGGERS:
            logging.getLogger(name).addHandler(handler)
        self.start()
        try:
            yield
        finally:
            for name in LOGGERS:
                logging.getLogger(name).removeHandler(handler)
            self.close()

    def handler(self) -> logging.Handler:
        """Give a handler by which loggers write here."""
        return _Handler(lambda record: self._take(self._message(record)))

    def _take(self, line: Call | str) -> None:
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(line)
        else:
            self._left_out += 1

    def _work(self) -> None:
        while not self._ending.wait(SECONDS_BETWEEN_WRITES):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        lines = []
        for _ in range(len(self._waiting)):
            each = self._waiting.popleft()
            lines.append(each if isinstance(each, str) else self._line(each, _sender(each, self._trusted)))
        if self._left_out:
            left_out, self._left_out = self._left_out, 0
            lines.append(self._message(_left_out(left_out)))
        if lines:
            with suppress(OSError, ValueError):  # whoever read the log has gone away; the calls go on
                self._write("".join(lines))


class _Handler(logging.Handler):
    """Passes records on."""

    def __init__(self, take: Callable[[logging.LogRecord], object]) -> None:
        super().__init__()
        self._take = take

    def emit(self, record: logging.LogRecord) -> None:
        """Pass a record on."""
        self._take(record)


def _sender(call: Call, trusted: Collection[str]) -> str:
    """Give the caller's address: of those that a trusted proxy has seen, the last that is no trusted proxy itself."""
    if call.sender is None:
        return "-"
    if not call.forwarded or call.sender not in trusted:
        return call.sender
    return _forwarded(call.forwarded, frozenset(trusted)) or call.sender


@lru_cache(1024)
def _forwarded(header: bytes, trusted: frozenset[str]) -> str | None:
    for text in reversed(header.decode("latin-1").split(",")):
        try:
            address = str(ip_address(text.strip()))
        except ValueError:
            return None
        if address not in trusted:
            return address
    return None


def _time(seconds: float) -> str:
    """Give a moment of UTC to the millisecond: `2026-11-21T12:00:00.123Z`."""
    whole = int(seconds)
    return f"{_second(whole)}.{int((seconds - whole) * 1000):03}Z"


@lru_cache(2)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(1024)
def _word(text: str) -> str:
    """Give a text as one word of a line."""
    return text if text.isprintable() and " " not in text else json.dumps(text)


def _text_line(call: Call, sender: str) -> str:
    time, _, _, method, path, status, source, events, seconds = call
    of_source = f" source={_word(source)} events={events}" if source else ""
    return f"{_time(time)} {sender} {_word(method)} {path} {status or 'gone'}{of_source} ms={seconds * 1000:.1f}\n"


@lru_cache(1024)
def _json(value: str | None) -> str:
    return json.dumps(value)


def _json_line(call: Call, sender: str) -> str:
    time, _, _, method, path, status, source, events, seconds = call
    return (
        f'{{"time": "{_time(time)}", "sender": {_json(sender)}, "method": {_json(method)}, "path": {_json(path)}, '
        f'"status": {status or "null"}, "source": {_json(source or None)}, "events": {events}, '
        f'"ms": {seconds * 1000:.1f}}}\n'
    )


def _left_out(lines: int) -> logging.LogRecord:
    message = "%s lines are not in this log: it could not be written fast enough"
    return logging.LogRecord(__name__, logging.WARNING, __file__, 0, message, (f"{lines:,}",), None)


def _one_line(record: logging.LogRecord) -> str:
    """Give a message; of an exception its type and place, as its own words may hold what a call said."""
    text = "; ".join(record.getMessage().splitlines())
    error = record.exc_info[1] if record.exc_info else None
    return f"{text}: {type(error).__name__}{place_of(error)}" if error else text


def _text_message(record: logging.LogRecord) -> str:
    return f"{_time(record.created)} {record.levelname.lower()}: {_one_line(record)}\n"


def _json_message(record: logging.LogRecord) -> str:
    facts = {"time": _time(record.created), "level": record.levelname.lower(), "message": _one_line(record)}
    return f"{json.dumps(facts)}\n"
