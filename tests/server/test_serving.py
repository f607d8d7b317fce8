"""What is seen of the receiver over a real socket."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from td_line_connectors.errors import ConfigError
from td_line_connectors.server.application import Limits
from td_line_connectors.server.listening import listen
from td_line_connectors.server.serving import HttpServer
from tests.server.conftest import BODY, PATH, Rig, served, signature, signed

UNKNOWN = "/v1/task/00000000-0000-4000-8000-000000000000"


def address(server: HttpServer) -> tuple[str, int]:
    url = urlsplit(server.url)
    return str(url.hostname), int(url.port or 0)


@contextmanager
def connection(server: HttpServer) -> Iterator[socket.socket]:
    with socket.create_connection(address(server), timeout=10) as opened:
        yield opened


def head(method: str = "POST", path: str = PATH, **headers: object) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: x",
        *(f"{name.replace('_', '-')}: {headers[name]}" for name in headers),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(body: bytes = BODY) -> bytes:
    return head(x_line_signature=signature(body), content_length=len(body)) + body


def answer(opened: socket.socket) -> http.client.HTTPResponse:
    """Read one answer, its body included."""
    response = http.client.HTTPResponse(opened)
    response.begin()
    response.read()
    return response


def is_closed(opened: socket.socket) -> bool:
    try:
        return opened.recv(1) == b""
    except ConnectionResetError:
        return True


def test_many_calls_come_over_one_connection(rig: Rig) -> None:
    with served(rig.receiver()) as server:
        client = http.client.HTTPConnection(*address(server), timeout=10)
        statuses = []
        for _ in range(3):
            client.request("POST", PATH, BODY, signed(BODY))
            response = client.getresponse()
            statuses.append((response.status, response.read()))
        client.close()

    assert statuses == [(200, b"")] * 3
    assert len(rig.stored) == 3


def test_the_signature_headers_name_may_be_written_in_any_case(rig: Rig) -> None:
    with served(rig.receiver()) as server, connection(server) as opened:
        opened.sendall(head(X_LINE_Signature=signature(BODY), content_length=len(BODY)) + BODY)
        assert answer(opened).status == 200


def test_calls_that_come_without_waiting_for_answers_are_answered_in_their_order(rig: Rig) -> None:
    with served(rig.receiver()) as server, connection(server) as opened:
        opened.sendall(whole() + head("GET") + whole())
        stream = opened.makefile("rb")
        lines = [line for line in _lines(stream, 3) if line.startswith(b"HTTP/")]

    assert [line.split()[1] for line in lines] == [b"200", b"405", b"200"]


def _lines(stream: object, answers: int) -> Iterator[bytes]:
    seen = 0
    for line in stream:  # type: ignore[attr-defined]  # a file
        yield line
        seen += line.startswith(b"HTTP/")
        if seen == answers:
            return


def test_a_chunked_body_is_taken(rig: Rig) -> None:
    with served(rig.receiver()) as server:
        client = http.client.HTTPConnection(*address(server), timeout=10)
        client.request("POST", PATH, iter([BODY[:7], BODY[7:]]), signed(BODY), encode_chunked=True)
        assert client.getresponse().status == 200
        client.close()

    assert rig.stored[0].raw["body"] == BODY.decode()


def test_a_chunked_body_that_grows_too_large_is_refused_though_it_has_no_end(rig: Rig) -> None:
    rig.limits = Limits(body_bytes=1000)
    with served(rig.receiver()) as server, connection(server) as opened:
        opened.sendall(
            head(x_line_signature="x", transfer_encoding="chunked") + (b"190\r\n" + b"x" * 400 + b"\r\n") * 3
        )
        assert answer(opened).status == 413


def test_a_huge_body_for_an_unknown_id_is_refused_before_it_is_sent(rig: Rig) -> None:
    with served(rig.receiver()) as server, connection(server) as opened:
        opened.sendall(head(path=UNKNOWN, content_length=10_000_000_000, x_line_signature="x"))
        assert answer(opened).status == 404


def test_a_body_that_is_not_wanted_is_not_asked_for(rig: Rig) -> None:
    with served(rig.receiver()) as server, connection(server) as opened:
        opened.sendall(head(path=UNKNOWN, content_length=10, expect="100-continue"))
        assert answer(opened).status == 404


def test_a_caller_who_sends_a_refused_body_to_its_end_can_read_why(rig: Rig) -> None:
    with served(rig.receiver()) as server:
        client = http.client.HTTPConnection(*address(server), timeout=10)
        for _ in range(2):  # and the connection is as good as before
            client.request("POST", PATH, b"x" * 3_000_000, {"x-line-signature": "x"})
            response = client.getresponse()
            assert (response.status, response.read()) == (413, b"the body is too large\n")
        client.close()


def test_a_slow_body_closes_the_connection(rig: Rig) -> None:
    rig.limits = Limits(body_seconds=0.05)
    with served(rig.receiver()) as server, connection(server) as opened:
        opened.sendall(head(x_line_signature="x", content_length=100) + b"{")
        assert answer(opened).status == 408
        assert is_closed(opened)


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"POST /v1/ta", head()[:-2]], ids=["nothing", "line", "path", "head"])
def test_a_head_that_does_not_come_closes_the_connection(rig: Rig, sent: bytes) -> None:
    with served(rig.receiver(), head_seconds=0.1) as server, connection(server) as opened:
        opened.sendall(sent)
        assert is_closed(opened)


def test_what_remains_of_a_refused_body_does_not_hold_the_connection(rig: Rig) -> None:
    with served(rig.receiver(), head_seconds=0.1) as server, connection(server) as opened:
        opened.sendall(head(path=UNKNOWN, content_length=100) + b"{")
        assert answer(opened).status == 404
        opened.sendall(b"{")
        assert is_closed(opened)


def test_a_connection_that_is_idle_between_calls_is_kept(rig: Rig) -> None:
    with served(rig.receiver(), head_seconds=0.3) as server, connection(server) as opened, connection(server) as other:
        opened.sendall(whole())
        assert answer(opened).status == 200
        assert is_closed(other)  # a few looks later
        opened.sendall(whole())
        assert answer(opened).status == 200


def test_a_connection_that_is_idle_for_too_long_is_closed(rig: Rig) -> None:
    with served(rig.receiver(), idle_seconds=0) as server, connection(server) as opened:
        opened.sendall(whole())
        assert answer(opened).status == 200
        assert is_closed(opened)


def test_a_head_that_is_too_large_closes_the_connection(rig: Rig) -> None:
    with served(rig.receiver(), head_bytes=1000) as server, connection(server) as opened:
        opened.sendall(b"POST / HTTP/1.1\r\nx-many: " + b"x" * 5000)
        assert answer(opened).status == 400
        assert is_closed(opened)


def test_the_body_before_a_further_head_is_no_part_of_that_head(rig: Rig) -> None:
    body = BODY + b" " * 5000
    with served(rig.receiver(), head_bytes=1000) as server, connection(server) as opened:
        opened.sendall(whole(body) + head("GET")[:10])
        assert answer(opened).status == 200
        opened.sendall(head("GET")[10:])
        assert answer(opened).status == 405


def test_the_rest_of_a_body_before_a_further_head_is_no_part_of_that_head(rig: Rig) -> None:
    body = BODY + b" " * 5000
    with served(rig.receiver(), head_bytes=1000) as server, connection(server) as opened:
        opened.sendall(head(x_line_signature=signature(body), content_length=len(body), expect="100-continue"))
        assert opened.recv(100).startswith(b"HTTP/1.1 100 ")
        opened.sendall(body + head("GET")[:10])
        assert answer(opened).status == 200


def test_a_call_that_asks_for_another_protocol_is_told_so_and_closed(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    upgrade = head(x_line_signature=signature(BODY), content_length=len(BODY), connection="Upgrade", upgrade="h2c")
    with served(rig.receiver()) as server, connection(server) as opened:
        opened.sendall(upgrade + BODY)
        assert answer(opened).status == 400
        assert is_closed(opened)

    assert not rig.stored
    assert not caplog.records


def test_what_is_no_http_closes_the_connection(rig: Rig) -> None:
    with served(rig.receiver()) as server, connection(server) as opened:
        opened.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
        assert answer(opened).status == 400
        assert is_closed(opened)


def test_one_connection_too_many_is_answered_with_503_and_the_next_one_is_taken_again(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    with served(rig.receiver(), connections=2) as server, connection(server) as first, connection(server) as second:
        for opened in (first, second):
            opened.sendall(whole())
            assert answer(opened).status == 200
        with connection(server) as third:
            third.sendall(whole())
            refused = answer(third)
            assert refused.status == 503
            assert refused.headers["retry-after"].isdecimal()
            assert is_closed(third)
        first.close()
        while server.connections > 1:
            threading.Event().wait(0.01)
        with connection(server) as fourth:
            fourth.sendall(whole())
            assert answer(fourth).status == 200
        assert server.turned_away == 1

    assert [record.getMessage() for record in caplog.records] == ["calls are refused: more than 2 connections are open"]
    assert len(rig.stored) == 3


def test_a_stop_finishes_the_call_in_flight_and_refuses_the_next(rig: Rig) -> None:
    rig.never = True
    rig.limits = Limits(store_seconds=0.5)
    with served(rig.receiver()) as server, connection(server) as busy, connection(server) as idle:
        busy.sendall(whole())
        while not rig.stored:
            threading.Event().wait(0.01)
        server.stop()
        assert is_closed(idle)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address(server), timeout=10)
        assert answer(busy).status == 503
        assert is_closed(busy)


def test_a_second_stop_does_not_wait_for_the_store(rig: Rig) -> None:
    rig.never = True
    rig.limits = Limits(store_seconds=2)
    with served(rig.receiver()) as server, connection(server) as busy:
        busy.sendall(whole())
        while not rig.stored:
            threading.Event().wait(0.01)
        server.stop()
        server.stop()
        assert answer(busy).status == 500


def test_a_server_that_is_stopped_before_it_runs_ends_at_once(rig: Rig) -> None:
    server = HttpServer(rig.receiver(), listen("127.0.0.1", 0))
    server.stop()
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    thread.join(10)

    assert not thread.is_alive()


def test_nothing_tells_which_server_it_is(rig: Rig) -> None:
    with served(rig.receiver()) as server, connection(server) as opened:
        opened.sendall(whole())
        assert "server" not in answer(opened).headers


def test_an_address_in_use_is_a_configuration_error() -> None:
    with listen("127.0.0.1", 0) as listener, pytest.raises(ConfigError, match=r"listening on 127\.0\.0\.1:\d+: "):
        listen("127.0.0.1", listener.getsockname()[1])


def test_an_address_that_does_not_exist_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="listening on no such host:8000"):
        listen("no such host", 8000)


def test_an_ipv6_address_is_written_in_brackets(rig: Rig) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with listen("::1", 0) as listener:
        assert HttpServer(rig.receiver(), listener).url.startswith("http://[::1]:")
