"""One HTTP layer for every connector: what shows on a real socket only."""

import gc
import socket
import ssl
import traceback
from pathlib import Path

import pytest
import requests

from td_line_connectors.errors import ConfigError, ConnectorError, RefusedError, TransientError, UncertainError
from td_line_connectors.secret import Secret
from td_line_connectors.transport.http import HttpClient, UploadedFile
from td_line_connectors.transport.retry import RetryPolicy
from tests.transport.far_side import LOOPBACK_PEM, NOON, OK, TOKEN, Clock, Connect, Serve, answer

BODY = b'{"data": []}'
REPEATABLE = pytest.mark.parametrize("repeatable", [True, False], ids=["repeatable", "not repeatable"])


def _both(repeatable: bool) -> type[ConnectorError]:  # noqa: FBT001 - the table's own word
    return TransientError if repeatable else UncertainError


def _closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def test_a_line_is_used_again(serve: Serve, connect: Connect) -> None:
    far_side = serve(OK)
    client = connect(far_side.url)
    assert [client.get_json("/a"), client.post_json("/b", BODY, repeatable=True)] == [{"id": 1}] * 2
    assert [each.line for each in far_side.requests] == ["GET /a HTTP/1.1", "POST /b HTTP/1.1"]
    assert far_side.requests[1].body == BODY
    assert far_side.connections == 1


def test_a_call_that_may_not_be_repeated_gets_a_fresh_line(serve: Serve, connect: Connect) -> None:
    far_side = serve(OK)
    client = connect(far_side.url)
    client.get_json("/a")
    client.post_json("/b", BODY, repeatable=False)
    assert far_side.connections == 2


def test_a_form_is_read_by_the_far_side_as_it_was_sent(serve: Serve, connect: Connect) -> None:
    far_side = serve(OK)
    content = bytes(range(256)) * 40_000
    connect(far_side.url).send_multipart(
        "PATCH", "/s", {"name": "a"}, {"file": UploadedFile("u.csv", content, "text/csv")}, repeatable=True
    )
    assert content in far_side.requests[0].body


@REPEATABLE
@pytest.mark.parametrize(
    "reply",
    [
        None,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\n" + b'{"id": 1',
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\n" + b'{"id":1}',
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"220 mail.test ESMTP Connection: close\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28 Connection: close\r\n\r\n",
    ],
    ids=["hung up", "in headers", "in body", "in chunks", "no chunk", "no gzip", "two lengths", "no http", "tls"],
)
def test_a_cut_or_garbled_answer_is_unclear(
    serve: Serve,
    connect: Connect,
    reply: bytes | None,
    repeatable: bool,  # noqa: FBT001 - the table's column
) -> None:
    far_side = serve(reply)
    with pytest.raises(_both(repeatable), match="POST /x: "):
        connect(far_side.url).post_json("/x", BODY, repeatable=repeatable)
    assert len(far_side.requests) == 1


def test_a_cut_line_is_tried_again(serve: Serve, connect: Connect, clock: Clock) -> None:
    far_side = serve(None, b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\n{", OK)
    assert connect(far_side.url, retry=RetryPolicy()).get_json("/x") == {"id": 1}
    assert clock.slept == [0.25, 0.5]


@REPEATABLE
@pytest.mark.parametrize(
    "reply",
    [b"HTTP/1.1 200 OK\r\nX-Drip: a", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"],
    ids=["headers", "body"],
)
def test_an_answer_must_be_whole_in_time(
    serve: Serve,
    connect: Connect,
    reply: bytes,
    repeatable: bool,  # noqa: FBT001 - the table's column
) -> None:
    # The far side keeps the line open; the clock moves 20 s at each look, so that the second read is too late.
    far_side = serve(reply)
    client = connect(far_side.url, monotonic=Clock(step=20.0))
    with pytest.raises(_both(repeatable), match="the answer was not whole within 30 s"):
        client.post_json("/x", BODY, repeatable=repeatable)


@REPEATABLE
def test_a_far_side_that_says_nothing_is_left(
    serve: Serve,
    repeatable: bool,  # noqa: FBT001 - the table's column
) -> None:
    clock = Clock()
    client = HttpClient(
        serve(b"").url,
        Secret(TOKEN),
        timeout=0.05,
        retry=RetryPolicy(attempts=1),
        sleep=clock.sleep,
        monotonic=clock,
        random=lambda: 0.5,
        now=lambda: NOON,
    )
    with pytest.raises(_both(repeatable), match=r"the answer was not whole within 0\.05 s"):
        client.post_json("/x", BODY, repeatable=repeatable)
    client.close()


def test_the_status_of_a_refusal_counts_even_if_its_body_is_cut(serve: Serve, connect: Connect) -> None:
    far_side = serve(b"HTTP/1.1 401 No\r\nConnection: close\r\nContent-Length: 100\r\n\r\n{")
    with pytest.raises(RefusedError, match="check the token"):
        connect(far_side.url).get_json("/x")


@REPEATABLE
def test_a_request_that_never_left_may_always_be_tried_again(
    connect: Connect,
    repeatable: bool,  # noqa: FBT001 - the table's column
) -> None:
    client = connect(f"http://127.0.0.1:{_closed_port()}")
    with pytest.raises(TransientError, match="no connection could be made") as caught:
        client.post_json("/x", BODY, repeatable=repeatable)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


def test_a_host_that_has_no_address_may_always_be_tried_again(connect: Connect) -> None:
    with pytest.raises(TransientError, match="the host's name is not known"):
        connect("http://maac.invalid").post_json("/x", BODY, repeatable=False)


def test_an_older_failure_does_not_make_a_cut_line_look_harmless(serve: Serve, connect: Connect) -> None:
    client = connect(serve(None).url)
    try:
        requests.get(f"http://127.0.0.1:{_closed_port()}", timeout=30)
    except requests.ConnectionError:
        with pytest.raises(UncertainError):
            client.post_json("/x", BODY, repeatable=False)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Again", "308 For Ever"])
def test_no_redirect_is_followed(serve: Serve, connect: Connect, status: str) -> None:
    elsewhere = serve(OK)
    far_side = serve(answer(status, b"", f"Location: {elsewhere.url}/secret-place"))
    with pytest.raises(RefusedError, match=rf"{status[:3]}, a redirect") as caught:
        connect(far_side.url).get_json("/x")
    assert caught.value.status == int(status[:3])
    assert "secret-place" not in str(caught.value)
    assert elsewhere.requests == []


def test_the_body_of_a_redirect_does_not_hold_us_up(serve: Serve, connect: Connect) -> None:
    far_side = serve(b"HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 100\r\n\r\n<")
    with pytest.raises(RefusedError, match="302, a redirect"):
        connect(far_side.url, monotonic=Clock(step=20.0)).get_json("/x")


def test_cookies_are_not_kept(serve: Serve, connect: Connect) -> None:
    far_side = serve(answer("200 OK", b"{}", "Set-Cookie: session=1; Path=/"))
    client = connect(far_side.url)
    client.get_json("/x")
    client.get_json("/x")
    assert all("cookie" not in each.headers for each in far_side.requests)


def test_netrc_is_not_read(serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password wrong\ndefault login ann password wrong\n")
    monkeypatch.setenv("NETRC", str(netrc))
    far_side = serve(OK)
    connect(far_side.url).get_json("/x")
    assert far_side.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_the_proxy_of_the_environment_is_used(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    proxy = serve(OK)
    monkeypatch.setenv(name, proxy.url)
    assert connect("http://maac.test").get_json("/x", {"a": "b"}) == {"id": 1}
    assert proxy.requests[0].line == "GET http://maac.test/x?a=b HTTP/1.1"


@pytest.mark.parametrize("hosts", ["127.0.0.1", "maac.test,127.0.0.0/8", "*"])
def test_no_proxy_is_kept(serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, hosts: str) -> None:
    proxy, far_side = serve(OK), serve(OK)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", hosts)
    connect(far_side.url).get_json("/x")
    assert (len(proxy.requests), len(far_side.requests)) == (0, 1)


def test_a_proxy_sees_no_token_of_an_encrypted_call(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(answer("403 No", b"", "Connection: close"))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//ann:pa55word@"))
    with pytest.raises(TransientError, match="the proxy could not be reached or refused") as caught:
        connect("https://maac.test").post_json("/x", BODY, repeatable=False)
    (request,) = proxy.requests
    assert request.line.startswith("CONNECT maac.test:443 ")
    assert "authorization" not in request.headers
    assert "pa55word" not in "".join(traceback.format_exception(caught.value))


def test_a_proxy_that_is_not_there_is_named(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{_closed_port()}")
    with pytest.raises(TransientError, match="check HTTPS_PROXY"):
        connect("https://maac.test").post_json("/x", BODY, repeatable=False)


@pytest.mark.parametrize("proxy", ["http://", "http://[::1", "gopher://proxy.test", "http://proxy.test:port"])
def test_a_proxy_that_is_no_address_is_a_configuration_error(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ConfigError, match="HTTPS_PROXY"):
        connect("https://maac.test").get_json("/x")


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_ca_file_of_the_environment_is_trusted(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    far_side = serve(OK, tls=True)
    monkeypatch.setenv(name, str(LOOPBACK_PEM))
    assert connect(far_side.url).get_json("/x") == {"id": 1}


def test_a_certificate_that_is_not_trusted_gets_no_request(serve: Serve, connect: Connect) -> None:
    far_side = serve(OK, tls=True)
    with pytest.raises(TransientError, match="its certificate is not trusted") as caught:
        connect(far_side.url).post_json("/x", BODY, repeatable=False)
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
    assert far_side.requests == []


@pytest.mark.parametrize("reply", [b"HTTP/1.1 200 OK\r\nX-Drip: a", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"])
def test_an_encrypted_answer_must_be_whole_in_time_too(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, reply: bytes
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(LOOPBACK_PEM))
    client = connect(serve(reply, tls=True).url, monotonic=Clock(step=20.0))
    with pytest.raises(TransientError, match="the answer was not whole within 30 s"):
        client.get_json("/x")


def test_a_ca_file_that_is_not_there_is_a_configuration_error(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with pytest.raises(ConfigError, match="REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names is not there"):
        connect("https://127.0.0.1").get_json("/x")


def test_an_error_holds_on_to_no_request(serve: Serve, connect: Connect) -> None:
    with pytest.raises(UncertainError) as caught:
        connect(serve(None).url).post_json("/x", BODY, repeatable=False)
    assert isinstance(caught.value.__cause__, ConnectionError)
    assert caught.value.__cause__.__traceback__ is None
    error: BaseException | None = caught.value
    while error is not None:
        assert not hasattr(error, "request")
        error = error.__cause__ or error.__context__


def test_closing_ends_every_line_at_once(serve: Serve, connect: Connect) -> None:
    # The pool of the first, failed try must not live on in that failure's traceback. Else the far side waits for ever.
    far_side = serve(None, OK)
    client = connect(far_side.url, retry=RetryPolicy())
    gc.disable()
    try:
        client.get_json("/x")
        client.close()
        assert far_side.is_left_alone.wait(10)
    finally:
        gc.enable()
