"""One line for each call, and nothing of what was in it."""

import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from td_line_connectors.server.call_log import CallLog
from td_line_connectors.server.calls import GONE, Call

NOON = datetime(2026, 11, 21, 12, 0, 0, 123_456, UTC).timestamp()
CALL = Call(NOON, "203.0.113.7", b"", "POST", "/v1/task/****", 200, "shop", 2, 0.01234)


@contextmanager
def written(*calls: Call, **options: object) -> Iterator[list[str]]:
    lines: list[str] = []
    log = CallLog(lines.append, **options)  # type: ignore[arg-type]  # passed on as they are
    log.start()
    for call in calls:
        log(call)
    log.close()
    log.close()
    yield "".join(lines).splitlines()


def test_a_line_of_text_tells_a_call() -> None:
    with written(CALL) as lines:
        assert lines == ["2026-11-21T12:00:00.123Z 203.0.113.7 POST /v1/task/**** 200 source=shop events=2 ms=12.3"]


def test_a_line_of_json_tells_a_call() -> None:
    with written(CALL, form="json") as [line]:
        assert json.loads(line) == {
            "time": "2026-11-21T12:00:00.123Z",
            "sender": "203.0.113.7",
            "method": "POST",
            "path": "/v1/task/****",
            "status": 200,
            "source": "shop",
            "events": 2,
            "ms": 12.3,
        }


def test_a_call_without_source_sender_or_answer_is_told() -> None:
    call = CALL._replace(source="", status=GONE, sender=None)
    with written(call) as lines:
        assert lines == ["2026-11-21T12:00:00.123Z - POST /v1/task/**** gone ms=12.3"]
    with written(call, form="json") as [line]:
        assert json.loads(line)["status"] is None
        assert json.loads(line)["source"] is None


def test_a_clock_that_jumps_is_followed() -> None:
    with written(CALL, CALL._replace(time=NOON + 3600), CALL._replace(time=0.9999)) as lines:
        times = [line.split()[0] for line in lines]
    assert times == ["2026-11-21T12:00:00.123Z", "2026-11-21T13:00:00.123Z", "1970-01-01T00:00:00.999Z"]


@pytest.mark.parametrize(
    ("sender", "forwarded", "told"),
    [
        ("127.0.0.1", b"198.51.100.9", "198.51.100.9"),
        ("127.0.0.1", b"10.9.9.9, 198.51.100.9", "198.51.100.9"),
        ("127.0.0.1", b"198.51.100.9, 127.0.0.1", "198.51.100.9"),
        ("127.0.0.1", b"2001:DB8::1", "2001:db8::1"),
        ("127.0.0.1", b"", "127.0.0.1"),
        ("127.0.0.1", b"my hidden words", "127.0.0.1"),
        ("203.0.113.7", b"198.51.100.9", "203.0.113.7"),
    ],
    ids=["proxy", "what the caller claims", "two proxies", "IPv6", "no header", "no address", "no trusted proxy"],
)
def test_a_trusted_proxy_names_the_sender(sender: str, forwarded: bytes, told: str) -> None:
    with written(CALL._replace(sender=sender, forwarded=forwarded)) as [line]:
        assert line.split()[1] == told


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_name_or_method_cannot_forge_a_line(form: str) -> None:
    with written(CALL._replace(source="shop\n2026 forged", method="A\nB"), form=form) as lines:
        assert len(lines) == 1


def test_a_page_that_was_shown_is_not_worth_a_line_and_one_that_was_not_is() -> None:
    page = CALL._replace(method="GET", path="/readyz", source="", events=0)
    with written(page, page._replace(status=503)) as [line]:
        assert " GET /readyz 503 " in line


@pytest.mark.parametrize("form", ["text", "json"])
def test_messages_of_loggers_stand_between_the_calls_one_a_line_and_without_traceback(form: str) -> None:
    lines: list[str] = []
    log = CallLog(lines.append, form)  # type: ignore[arg-type]  # one of the two
    record = logging.LogRecord("x", logging.WARNING, "x", 1, "the disk %s\nis full", ("C:",), None)
    log.handler().emit(record)
    log.start()
    log.close()

    [line] = "".join(lines).splitlines()
    assert "the disk C:; is full" in line
    assert "warning" in line


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_exception_is_told_by_its_type_and_place_and_not_by_its_words(form: str) -> None:
    lines: list[str] = []
    log = CallLog(lines.append, form)  # type: ignore[arg-type]  # one of the two
    try:
        int("my hidden words")
    except ValueError:
        log.handler().emit(logging.LogRecord("x", logging.ERROR, "x", 1, "storing 5 calls", (), sys.exc_info()))
    log.start()
    log.close()

    [line] = "".join(lines).splitlines()
    assert re.search(r"storing 5 calls: ValueError at test_call_log\.py:\d+", line)
    assert "hidden" not in line


@pytest.mark.parametrize(("form", "read"), [("text", str.split), ("json", json.loads)], ids=["text", "json"])
def test_a_log_that_is_held_up_delays_nobody_and_says_what_it_left_out(
    form: str, read: Callable[[str], object]
) -> None:
    lines: list[str] = []
    held, free = threading.Event(), threading.Event()

    def write(text: str) -> None:
        held.set()
        free.wait()
        lines.append(text)

    log = CallLog(write, form)  # type: ignore[arg-type]  # one of the two
    log.start()
    log(CALL)
    held.wait()
    for _ in range(100_005):
        log(CALL)
    handler = log.handler()
    for _ in range(5):
        handler.emit(logging.LogRecord("x", logging.WARNING, "x", 1, "invalid", (), None))
    free.set()
    log.close()

    told = "".join(lines).splitlines()
    assert len(told) == 100_002
    assert "10 lines are not in this log: it could not be written fast enough" in told[-1]
    assert read(told[-1])


def test_a_log_whose_reader_has_gone_is_no_fault() -> None:
    def write(_text: str) -> None:
        raise BrokenPipeError

    log = CallLog(write)
    log.start()
    log(CALL)
    log.close()
