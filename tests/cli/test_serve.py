"""The receiver as people start and stop it; what it does with calls is tested with the server."""

import json
import signal
import socket
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest

from td_line_connectors.testing import EventFactory, SignedCall, send_calls, signed_call
from tests.cli.conftest import TdLine
from tests.cli.receiver import SECRET, make_source, serving, write_project


@pytest.fixture(autouse=True)
def project(folder: Path) -> Path:
    write_project(folder)
    return folder


def call(*kinds: str) -> SignedCall:
    factory = EventFactory(Random())  # noqa: S311 - made-up events
    return signed_call([factory.event(kind) for kind in kinds], SECRET)


def status(url: str, path: str, one: SignedCall) -> int:
    [found] = send_calls(url + path, [one], connections=1, patience=20).statuses
    return found


def get(url: str, path: str) -> tuple[int, str]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_it_serves_until_a_signal_and_ends_with_0(project: Path, td_line: TdLine, number: signal.Signals) -> None:
    path = make_source(td_line)
    with serving(project) as receiver:
        assert status(receiver.url, path, call("message", "follow")) == 200
        assert status(receiver.url, "/v1/task/none", call("message")) == 404
        receiver.process.send_signal(number)
        _, err = receiver.process.communicate(timeout=20)

    assert receiver.process.returncode == 0
    assert b"Ended; what was accepted is stored." in err
    assert td_line("query", "line", "SELECT count(*) AS n FROM events", "--json").json == [{"n": 2}]


def test_the_log_has_a_line_for_each_call_and_no_id_or_text(project: Path, td_line: TdLine) -> None:
    path = make_source(td_line)
    with serving(project) as receiver:
        one = call("message")
        assert status(receiver.url, path, one) == 200
        receiver.process.send_signal(signal.SIGTERM)
        _, err = receiver.process.communicate(timeout=20)

    lines = [line for line in err.decode().splitlines() if "/v1/task/" in line]
    assert len(lines) == 1
    assert "source=shop events=1" in lines[0]
    assert path.removeprefix("/v1/task/") not in err.decode()
    assert json.loads(one.body)["events"][0]["message"]["id"] not in err.decode()


def test_a_log_in_json_holds_nothing_else(project: Path, td_line: TdLine) -> None:
    path = make_source(td_line)
    with serving(project, "--log-format", "json") as receiver:
        assert status(receiver.url, path, call("message")) == 200
        receiver.process.send_signal(signal.SIGTERM)
        _, err = receiver.process.communicate(timeout=20)

    [line] = [json.loads(line) for line in err.decode().splitlines()]
    assert (line["path"], line["status"], line["source"], line["events"]) == ("/v1/task/****", 200, "shop", 1)


def test_a_source_made_or_deleted_while_it_runs_takes_effect(project: Path, td_line: TdLine) -> None:
    with serving(project) as receiver:
        path = make_source(td_line)
        until(lambda: status(receiver.url, path, call("follow")) == 200)
        assert td_line("source", "delete", "shop").code == 0
        until(lambda: status(receiver.url, path, call("follow")) == 404)


def until(done: Callable[[], bool]) -> None:
    """Ask again until it is so; a receiver notices changes within a second."""
    end = time.monotonic() + 10
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_health_readiness_and_metrics_can_be_seen(project: Path, td_line: TdLine) -> None:
    path = make_source(td_line)
    with serving(project) as receiver:
        assert status(receiver.url, path, call("message")) == 200
        assert get(receiver.url, "/healthz")[0] == 200
        assert get(receiver.url, "/readyz")[0] == 200
        code, metrics = get(receiver.url, "/metrics")

    assert code == 200
    assert 'source="shop"' in metrics
    assert path.removeprefix("/v1/task/") not in metrics


def test_a_port_that_is_taken_is_told(td_line: TdLine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        ended = td_line("serve", "--port", str(taken.getsockname()[1]))

    assert ended.code == 2
    assert "choose another" in ended.err


def test_without_a_project_there_is_nothing_to_serve(project: Path, td_line: TdLine) -> None:
    (project / "td-line.yml").unlink()

    ended = td_line("serve", "--json")

    assert (ended.code, ended.json["error"]["kind"]) == (2, "config")
