"""LINE's side: what it makes, how it signs, and how it sends."""

import ast
import json
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import td_line_connectors.testing as face
from td_line_connectors.testing import (
    EVENT_TYPES,
    EventFactory,
    SignedCall,
    redelivered,
    send_calls,
    signed_call,
    traffic,
)

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
NOON = 1_764_739_548.058
ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
ORDER = ["webhookEventId", "deliveryContext", "timestamp", "source", "replyToken", "mode"]
SOURCES = sorted(Path(face.__file__).parent.glob("line/*.py"))


def factory(seed: int = 7) -> EventFactory:
    return EventFactory(Random(seed), now=lambda: NOON)  # noqa: S311 - made-up events, no secrets


def events(kind: str, count: int = 50) -> list[dict[str, Any]]:
    maker = factory()
    return [dict(maker.event(kind)) for _ in range(count)]


@dataclass
class Receiver:
    """A webhook that answers as it is told, in turn, and keeps what came."""

    statuses: list[int] = field(default_factory=list)
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)
    keeps: bool = True
    url: str = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.connections.add(self.client_address)
            told.calls.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            status = told.statuses.pop(0) if told.statuses else 200
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            if not told.keeps:
                self.close_connection = True  # without having said so

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        told.url = f"http://127.0.0.1:{server.server_address[1]}/v1/task/x"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield told
        server.shutdown()


@pytest.mark.parametrize(
    ("secret", "body", "signature"),
    [
        (
            SECRET,
            '{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}',
            "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=",
        ),
        ("channel_secret", "bodybodybodybody", "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k="),
        ("test_secret", '{"hello":"world"}', "t7Hn4ZDHqs6e+wdvI5TyQIvzie0DmMUmuXEBqyyE/tM="),
    ],
    ids=["documentation", "Python SDK", "Node SDK"],
)
def test_the_published_vectors_come_out(secret: str, body: str, signature: str) -> None:
    assert signed_call(body, secret).headers["x-line-signature"] == signature
    assert signed_call(body.encode(), secret) == signed_call(body, secret)


def test_no_events_make_the_verify_call_of_the_documentation() -> None:
    assert signed_call([], SECRET).body == b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'


def test_a_signature_is_not_shown() -> None:
    assert "signature" not in repr(signed_call([], SECRET))


def test_an_emoji_is_escaped_as_line_escapes_it_and_other_text_is_not() -> None:
    body = signed_call([{"text": "✋ 🤨 \ud83e"}], SECRET).body
    assert rb"\uD83E\uDD28 \uD83E" in body
    assert "✋".encode() in body


@given(st.text())
@settings(max_examples=100)
def test_whatever_people_write_is_valid_json_on_the_wire(text: str) -> None:
    said = json.loads(signed_call([factory().text(text)], SECRET).body)["events"][0]["message"]["text"]
    assert said == text


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_type_has_lines_properties_in_lines_order(kind: str) -> None:
    for event in events(kind):
        names = list(event)
        common = [name for name in names if name in ORDER]
        assert names[0] == "type"
        assert event["type"] == kind
        assert names[-len(common) :] == common == [name for name in ORDER if name in names]
        assert ULID.fullmatch(event["webhookEventId"])
        assert (event["deliveryContext"], event["timestamp"]) == ({"isRedelivery": False}, 1_764_739_548_058)
        assert "replyToken" not in event or event["mode"] == "active"


def test_there_are_20_types_that_live_and_one_that_ended() -> None:
    assert len(EVENT_TYPES) == len(set(EVENT_TYPES)) == 21


@pytest.mark.parametrize("kind", ["module", "botSuspended", "botResumed", "delivery"])
def test_some_events_have_no_source(kind: str) -> None:
    assert not [event for event in events(kind) if "source" in event or "replyToken" in event]


def test_a_failed_link_has_neither_source_nor_reply_token_and_one_that_worked_has_a_source() -> None:
    for event in events("accountLink"):
        assert ("source" in event) is (event["link"]["result"] == "ok")
        assert "replyToken" not in event or "source" in event


def test_module_channels_see_longer_user_ids() -> None:
    assert {len(event["source"]["userId"]) for event in events("activated")} == {68}


def test_messages_are_of_every_type() -> None:
    kinds = {event["message"]["type"] for event in events("message", 200)}
    assert kinds == {"text", "image", "video", "audio", "file", "location", "sticker"}


def test_what_is_taken_back_was_sent_before_and_is_taken_back_once() -> None:
    maker = factory()
    sent = [dict(maker.event("message")) for _ in range(20)]
    taken = [dict(maker.event("unsend")) for _ in range(20)]
    places: Any = {event["message"]["id"]: event["source"] for event in sent}  # type: ignore[index]  # an object
    ids = [event["unsend"]["messageId"] for event in taken]  # type: ignore[index]  # an object
    assert sorted(ids) == sorted(places)
    assert [event["source"] for event in taken] == [places[each] for each in ids]


def test_an_edited_message_keeps_its_id_and_has_no_token_to_mark_it_as_read() -> None:
    maker = factory()
    sent = [dict(maker.event("message")) for _ in range(50)]
    edited: Any = maker.event("messageEdited")
    assert edited["message"]["id"] in [event["message"]["id"] for event in sent]  # type: ignore[index]  # an object
    assert "markAsReadToken" not in edited["message"]
    assert edited["source"]["type"] == "group"


def test_a_person_can_be_named() -> None:
    someone = "U" + "1" * 32
    assert factory().event("follow", user=someone)["source"] == {"type": "user", "userId": someone}
    assert factory().text("hi", user=someone)["source"] == {"type": "user", "userId": someone}


def test_the_same_seed_makes_the_same_events_and_another_one_others() -> None:
    one, same, other = ([maker.event(kind) for kind in EVENT_TYPES] for maker in (factory(), factory(), factory(8)))
    assert one == same
    assert one != other


def test_a_type_that_line_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(ValueError, match="videoPlayComplete"):
        factory().event("explode")


def test_a_redelivered_event_differs_in_one_value() -> None:
    event = factory().event("message")
    again = redelivered(event)
    assert list(again) == list(event)
    assert {name for name in event if event[name] != again[name]} == {"deliveryContext"}
    assert again["deliveryContext"] == {"isRedelivery": True}


def said(calls: Iterator[SignedCall]) -> list[list[dict[str, Any]]]:
    return [json.loads(call.body)["events"] for call in calls]


def test_traffic_takes_the_types_in_turn() -> None:
    calls = said(traffic(factory(), SECRET, calls=21, events_per_call=2))
    assert [event["type"] for events in calls for event in events] == [*EVENT_TYPES, *EVENT_TYPES]


def test_traffic_may_be_of_some_types_only() -> None:
    calls = said(traffic(factory(), SECRET, calls=3, types=["follow", "unfollow"]))
    assert [events[0]["type"] for events in calls] == ["follow", "unfollow", "follow"]


def test_redelivered_traffic_comes_once_more_with_the_same_ids() -> None:
    calls = said(traffic(factory(), SECRET, calls=1_500, types=["follow"], redeliver=True))
    first = [events for [events] in calls if not events["deliveryContext"]["isRedelivery"]]
    again = [events for [events] in calls if events["deliveryContext"]["isRedelivery"]]
    assert len(first) == 1_500
    assert again == [redelivered(event) for event in first]


def test_calls_arrive_as_they_were_signed_over_connections_that_are_kept(receiver: Receiver) -> None:
    calls = [signed_call([factory(seed).event("message")], SECRET) for seed in range(50)]

    tally = send_calls(receiver.url, calls, connections=2)

    assert (tally.calls, tally.accepted, tally.statuses, tally.unanswered) == (50, 50, {200: 50}, {})
    assert sorted(body for _, _, body in receiver.calls) == sorted(call.body for call in calls)
    assert {path for path, _, _ in receiver.calls} == {"/v1/task/x"}
    assert {headers["x-line-signature"] for _, headers, _ in receiver.calls} == {
        call.headers["x-line-signature"] for call in calls
    }
    assert len(receiver.connections) <= 2


def test_answers_are_counted_by_status_and_told_call_by_call(receiver: Receiver) -> None:
    receiver.statuses = [200, 401, 503, 302, 204]
    told: list[tuple[SignedCall, int | str]] = []
    calls = [signed_call([factory(seed).event("follow")], SECRET) for seed in range(5)]

    tally = send_calls(receiver.url, calls, connections=1, on_answer=lambda call, answer: told.append((call, answer)))

    assert tally.statuses == {200: 1, 204: 1, 302: 1, 401: 1, 503: 1}
    assert tally.accepted == 2
    assert [(call.body, answer) for call, answer in told] == [
        (call.body, status) for call, status in zip(calls, (200, 401, 503, 302, 204), strict=True)
    ]


def test_a_kept_connection_that_the_other_side_closed_costs_no_call(receiver: Receiver) -> None:
    receiver.keeps = False
    tally = send_calls(receiver.url, [signed_call([], SECRET)] * 10, connections=1)
    assert tally.statuses == {200: 10}


def test_nobody_there_is_counted_too(receiver: Receiver) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as gone:
        port = gone.server_address[1]

    tally = send_calls(f"http://127.0.0.1:{port}/", [signed_call([], SECRET)] * 3)

    assert (tally.calls, tally.accepted, tally.unanswered) == (3, 0, {"not reached": 3})


def test_a_silent_receiver_is_waited_for_no_longer_than_lines_patience() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as silent:  # it listens, and nobody accepts
        tally = send_calls(
            f"http://127.0.0.1:{silent.server_address[1]}/", [signed_call([], SECRET)], connections=1, patience=0.05
        )
    assert tally.unanswered == {"no answer in time": 1}


def test_an_answer_that_comes_in_drops_is_too_late() -> None:
    class Dropping(StreamRequestHandler):
        def handle(self) -> None:
            self.request.recv(65_536)
            with suppress(ConnectionError):
                for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
                    self.wfile.write(bytes([byte]))
                    threading.Event().wait(0.01)

    with ThreadingTCPServer(("127.0.0.1", 0), Dropping) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        tally = send_calls(url, [signed_call([], SECRET)], connections=1, patience=0.1)
        server.shutdown()
    assert (tally.accepted, tally.unanswered) == (0, {"no answer in time": 1})


def test_a_rate_spreads_calls_evenly(receiver: Receiver) -> None:
    tally = send_calls(receiver.url, [signed_call([], SECRET)] * 11, rate=100)
    assert tally.seconds >= 0.1


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("ftp://example.com/", "begins with https"),
        ("example.com", "begins with https"),
        ("https:///x", "begins with https"),
        ("https://example.com/a b", "without spaces"),
        ("https://example.com/ü", "in ASCII"),
        ("https://example.com/\n", "in ASCII"),
    ],
    ids=ascii,
)
def test_a_url_that_is_none_is_refused(url: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        send_calls(url, [])


def test_what_the_makers_of_calls_raise_comes_out(receiver: Receiver) -> None:
    def broken() -> Iterator[SignedCall]:
        yield signed_call([], SECRET)
        raise LookupError("no more")

    with pytest.raises(LookupError):
        send_calls(receiver.url, broken())


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_simulator_shares_no_code_with_the_connector(path: Path) -> None:
    names = [node.module or "" for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    ours = [name for name in names if name.startswith("td_line_connectors")]
    assert not [name for name in ours if not name.startswith("td_line_connectors.testing.line")]
