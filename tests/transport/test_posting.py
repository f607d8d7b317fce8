"""A document reaches the operator's own address, or it is said why not."""

import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest

from td_line_connectors.errors import ConfigError, ConnectorError, RefusedError, TransientError
from td_line_connectors.secret import Secret
from td_line_connectors.transport.posting import post_document
from tests.transport.far_side import NOON, TOKEN, Clock, Serve, answer

BODY = b'{"run_id": "x"}'
KEY = "k3y-in-the-path"


def post(url: str, headers: Mapping[str, str] | None = None) -> None:
    clock = Clock()
    secrets = {name: Secret(value) for name, value in (headers or {}).items()}
    post_document(
        Secret(url),
        secrets,
        BODY,
        timeout=10.0,
        sleep=clock.sleep,
        monotonic=clock,
        random=lambda: 0.5,
        now=lambda: NOON,
    )


def test_the_document_is_posted_as_json_with_the_headers(serve: Serve) -> None:
    far_side = serve(answer("200 OK"))
    post(f"{far_side.url}/T1/k3y?v=2", {"X-Team": "data", "Authorization": "Bearer t"})
    [request] = far_side.requests

    assert request.line == "POST /T1/k3y?v=2 HTTP/1.1"
    assert request.body == BODY
    assert {name: request.headers[name] for name in ("content-type", "x-team", "authorization")} == {
        "content-type": "application/json",
        "x-team": "data",
        "authorization": "Bearer t",
    }


def test_without_a_header_for_it_no_token_is_sent(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ann password pw\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    far_side = serve(answer("200 OK"))
    post(far_side.url)

    assert "authorization" not in far_side.requests[0].headers


@pytest.mark.parametrize("taken", [answer("200 OK", b"ok"), answer("202 Accepted", b"<p>"), answer("204 No Content")])
def test_any_answer_that_takes_it_will_do(serve: Serve, taken: bytes) -> None:
    far_side = serve(taken)
    post(far_side.url)

    assert len(far_side.requests) == 1


def test_a_passing_failure_is_tried_again_three_times_in_all(serve: Serve) -> None:
    mended = serve(answer("503 Busy"), None, answer("200 OK"))
    post(mended.url)
    assert len(mended.requests) == 3

    down = serve(answer("503 Busy"))
    with pytest.raises(TransientError):
        post(down.url)
    assert len(down.requests) == 3


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (answer("404 Not Found"), RefusedError),
        (answer("301 Moved", b"", "Location: https://elsewhere.example.com/"), RefusedError),
        (answer("500 Oops", KEY.encode()), TransientError),
    ],
)
def test_what_keeps_it_from_being_taken_is_said_without_the_address(
    serve: Serve, told: bytes, error: type[ConnectorError]
) -> None:
    far_side = serve(told)

    with pytest.raises(error, match=r"^POST to this address: ") as caught:
        post(f"{far_side.url}/{KEY}", {"X-Key": TOKEN})
    shown = "".join(traceback.format_exception(caught.value))
    assert not [each for each in (far_side.url, KEY, TOKEN) if each in shown]


def test_an_address_that_cannot_be_used_is_said_without_it() -> None:
    with pytest.raises(ConfigError) as caught:
        post(f"https://[::1/{KEY}")
    assert KEY not in "".join(traceback.format_exception(caught.value))
