"""LINE, played from the command line: over a real socket, against the real receiver."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from td_line_connectors.testing import EVENT_TYPES
from tests.cli.conftest import TdLine
from tests.cli.receiver import SECRET, make_source, serving, write_project


@pytest.fixture(autouse=True)
def project(folder: Path) -> Path:
    write_project(folder)
    return folder


@pytest.fixture
def webhook(project: Path, td_line: TdLine) -> Iterator[str]:
    """The URL of the source `shop`, while the receiver runs."""
    path = make_source(td_line)
    with serving(project) as receiver:
        yield receiver.url + path


@pytest.fixture
def busy() -> Iterator[str]:
    """The URL of something that answers 503 to all."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_error(503)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/task/x"
        server.shutdown()


def stored(td_line: TdLine, sql: str) -> object:
    [row] = td_line("query", "line", sql, "--json").json
    return list(row.values())


def test_every_type_of_event_arrives(td_line: TdLine, webhook: str) -> None:
    ended = td_line("simulate", "line", "--url", webhook, "--connection", "line_oa", "--count", "63", "--json")

    assert (ended.code, ended.json["calls"], ended.json["accepted"], ended.json["statuses"]) == (0, 63, 63, {"200": 63})
    rows = td_line("query", "line", "SELECT event_type, count(*) AS n FROM events GROUP BY 1", "--json").json
    assert {row["event_type"]: row["n"] for row in rows} == dict.fromkeys(EVENT_TYPES, 3)


def test_redelivered_events_are_stored_once_and_their_calls_twice(td_line: TdLine, webhook: str) -> None:
    ended = td_line(
        *("simulate", "line", "--url", webhook, "--connection", "line_oa", "--json"),
        *("--count", "20", "--events-per-call", "5", "--types", "message,follow", "--redeliver"),
    )

    assert ended.json["accepted"] == 40
    assert stored(td_line, "SELECT count(*), count(DISTINCT event_webhookeventid) FROM events") == [100, 100]
    assert stored(td_line, "SELECT count(*), sum(event_count) FROM raw") == [40, 200]


def test_the_verify_call_is_accepted_and_makes_no_event(td_line: TdLine, webhook: str) -> None:
    ended = td_line("simulate", "line", "--url", webhook, "--connection", "line_oa", "--verify", "--json")

    assert (ended.code, ended.json["accepted"]) == (0, 1)
    assert stored(td_line, "SELECT count(*) FROM raw") == [1]
    assert td_line("source", "preview", "shop", "--json").json == []


def test_the_secret_may_come_from_standard_input(td_line: TdLine, webhook: str) -> None:
    arguments = ("simulate", "line", "--url", webhook, "--secret-stdin", "--count", "3", "--json")

    assert td_line(*arguments, stdin=SECRET.encode() + b"\n").json["accepted"] == 3
    forged = td_line(*arguments, stdin=b"another")

    assert (forged.code, forged.json["statuses"]) == (5, {"401": 3})


def test_a_person_is_told_the_counts_and_what_a_refusal_means(td_line: TdLine, webhook: str) -> None:
    ended = td_line("simulate", "line", "--url", webhook + "x", "--connection", "line_oa", "--count", "3")

    assert ended.code == 5
    assert ended.out.startswith("3 calls in ")
    assert "404\t3" in ended.out
    assert "`source create`" in ended.err


def test_a_receiver_that_is_busy_or_away_is_told_by_code_4(td_line: TdLine, busy: str) -> None:
    assert td_line("simulate", "line", "--url", busy, "--connection", "line_oa", "--count", "2").code == 4
    nobody = td_line("simulate", "line", "--url", "http://127.0.0.1:1/", "--connection", "line_oa", "--json")

    assert (nobody.code, nobody.json["unanswered"]) == (4, {"not reached": 100})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "either --connection NAME or --secret-stdin"),
        (("--connection", "line_oa", "--secret-stdin"), "either --connection NAME or --secret-stdin"),
        (("--connection", "lineoa"), "line_oa"),
        (("--connection", "maac"), "line_via_crescendo"),
        (("--connection", "line_oa", "--types", "explode"), "videoPlayComplete"),
        (("--connection", "line_oa", "--url", "line.example.com"), "begins with https"),
    ],
    ids=["no secret", "two secrets", "unknown connection", "an output", "unknown type", "no URL"],
)
def test_what_cannot_be_is_told_before_anything_is_sent(td_line: TdLine, arguments: tuple[str, ...], told: str) -> None:
    ended = td_line("simulate", "line", "--url", "http://127.0.0.1:1/", *arguments)

    assert ended.code == 2
    assert told in ended.err
