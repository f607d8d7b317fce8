"""One HTTP layer for every connector: what each answer means."""

import json
import logging
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime

import pytest
import requests
import responses

from td_line_connectors.errors import (
    ConfigError,
    ConnectorError,
    RateLimitedError,
    RefusedError,
    TransientError,
    UncertainError,
)
from td_line_connectors.transport.exchange import MAX_ANSWER
from td_line_connectors.transport.http import HttpClient, Json, UnexpectedAnswerError, UploadedFile
from td_line_connectors.transport.retry import RetryPolicy
from tests.transport.far_side import NOON, TOKEN, Clock, Connect

HOST = "https://maac.test"
PATH = "/openapi/v1/member/import/"
BODY = b'{"data": [{"email": "ann@example.com"}]}'
HTML = "<!DOCTYPE html><html><body>Log in, ann@example.com</body></html>"


@pytest.fixture
def far_side() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def client(connect: Connect) -> HttpClient:
    return connect(HOST)


Post = Callable[[bool], Json]


@pytest.fixture
def post(client: HttpClient) -> Post:
    return lambda repeatable: client.post_json(PATH, BODY, repeatable=repeatable)


def _both(repeatable: bool) -> type[ConnectorError]:  # noqa: FBT001 - the table's own word
    return TransientError if repeatable else UncertainError


REPEATABLE = pytest.mark.parametrize("repeatable", [True, False], ids=["repeatable", "not repeatable"])


@pytest.mark.parametrize("value", [{"id": 999}, [], {}, [{"a": [1, 2.5, None, True]}]], ids=json.dumps)
def test_a_json_object_or_list_is_given_as_it_is(
    far_side: responses.RequestsMock, client: HttpClient, value: Json
) -> None:
    far_side.get(HOST + "/x", json=value)
    assert client.get_json("/x") == value


def test_no_content_is_none(far_side: responses.RequestsMock, client: HttpClient) -> None:
    far_side.get(HOST + "/x", status=204)
    assert client.get_json("/x") is None


def test_the_query_is_encoded(far_side: responses.RequestsMock, client: HttpClient) -> None:
    far_side.get(HOST + "/x", json={})
    client.get_json("/x", {"name": "春 & co", "start": 300})
    assert far_side.calls[0].request.url == HOST + "/x?name=%E6%98%A5+%26+co&start=300"


def test_a_body_goes_out_byte_for_byte(far_side: responses.RequestsMock, post: Post) -> None:
    far_side.post(HOST + PATH, json={"id": 1})
    post(True)
    request = far_side.calls[0].request
    assert request.body == BODY
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["User-Agent"].startswith("td-line-connectors/0.")


@REPEATABLE
@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (301, RefusedError, "301, a redirect, and redirects are not followed: check the endpoint"),
        (304, RefusedError, "304, a redirect"),
        (400, RefusedError, "400, refused: the same request would be refused again"),
        (401, RefusedError, "401, not authorised: check the token"),
        (403, RefusedError, "403, forbidden: this account may not do this"),
        (404, RefusedError, "404, nothing there: check the id and the endpoint"),
        (407, RefusedError, "407, the proxy wants credentials"),
        (408, RefusedError, "408, refused"),
        (413, RefusedError, "413, the request is too large"),
        (418, RefusedError, "418, refused"),
        (429, RateLimitedError, "429, too many requests"),
        (500, None, "500, the far side could not answer"),
        (502, None, "502, the far side could not answer"),
        (503, None, "503, the far side could not answer"),
        (599, None, "599, the far side could not answer"),
    ],
)
def test_each_status_has_its_error(
    far_side: responses.RequestsMock,
    post: Post,
    status: int,
    kind: type[ConnectorError] | None,
    words: str,
    repeatable: bool,  # noqa: FBT001 - the table's column
) -> None:
    far_side.post(HOST + PATH, status=status, json={"detail": "about ann@example.com"})
    with pytest.raises(ConnectorError) as caught:
        post(repeatable)
    assert type(caught.value) is (kind or _both(repeatable))
    assert str(caught.value).startswith(f"POST {PATH}: {words}")
    assert "ann" not in str(caught.value)


def test_a_refusal_carries_its_status(far_side: responses.RequestsMock, post: Post) -> None:
    far_side.post(HOST + PATH, status=403)
    with pytest.raises(RefusedError) as caught:
        post(True)
    assert caught.value.status == 403


@REPEATABLE
@pytest.mark.parametrize(
    ("status", "body", "content_type", "words"),
    [
        (200, "", "application/json", "200, but the answer is no JSON object or list"),
        (200, "not json", "application/json", "200, but the answer is no JSON object or list"),
        (201, '{"id": 1', "application/json", "201, but the answer is no JSON object or list"),
        (200, '"text"', "application/json", "200, but the answer is no JSON object or list"),
        (200, "null", "application/json", "200, but the answer is no JSON object or list"),
        (200, '{"n": NaN}', "application/json", "200, but the answer is no JSON object or list"),
        (200, "[" * 200_000, "application/json", "200, but the answer is no JSON object or list"),
        (200, b'{"n": "\xff"}', "application/json", "200, but the answer is no JSON object or list"),
        (200, HTML, "text/html; charset=utf-8", "200, but an HTML page instead of JSON: is something between us"),
        (200, HTML, "application/json", "200, but an HTML page instead of JSON: is something between us"),
        (502, HTML, "text/html", "502, the far side could not answer; it was an HTML page instead of JSON"),
    ],
    ids=["empty", "text", "cut", "string", "null", "NaN", "deep", "bytes", "html", "html unsaid", "html 502"],
)
def test_an_answer_that_is_not_the_json_expected_is_unclear(
    far_side: responses.RequestsMock,
    post: Post,
    status: int,
    body: str | bytes,
    content_type: str,
    words: str,
    repeatable: bool,  # noqa: FBT001 - the table's column
) -> None:
    far_side.post(HOST + PATH, status=status, body=body, content_type=content_type)
    with pytest.raises(ConnectorError) as caught:
        post(repeatable)
    assert type(caught.value) is _both(repeatable)
    assert str(caught.value).startswith(f"POST {PATH}: {words}")
    assert "ann" not in str(caught.value)


def test_accepted_without_a_word_is_an_answer(far_side: responses.RequestsMock, post: Post) -> None:
    far_side.post(HOST + PATH, status=202, body="")
    assert post(False) is None


def test_an_uncertain_error_says_to_look_first(far_side: responses.RequestsMock, post: Post) -> None:
    far_side.post(HOST + PATH, status=500)
    with pytest.raises(UncertainError, match="it may have taken effect: look before it is sent again"):
        post(False)


def test_a_refusal_in_html_asks_who_is_between(far_side: responses.RequestsMock, client: HttpClient) -> None:
    far_side.get(HOST + "/x", status=403, body=HTML, content_type="text/html")
    with pytest.raises(RefusedError, match=r"403, forbidden.*is something between us and the far side"):
        client.get_json("/x")


@REPEATABLE
def test_an_answer_without_end_is_not_read_to_its_end(
    far_side: responses.RequestsMock,
    post: Post,
    repeatable: bool,  # noqa: FBT001 - the table's column
) -> None:
    far_side.post(HOST + PATH, body=b"[" + b" " * MAX_ANSWER + b"]")
    with pytest.raises(_both(repeatable), match="the answer is longer than 32 MiB"):
        post(repeatable)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"code": "quota_exceeded"}, "400 (quota_exceeded)"),
        ({"error_code": "invalid"}, "400 (invalid)"),
        ({"error": "invalid_token", "detail": "ann@example.com"}, "400 (invalid_token)"),
        ({"code": 40001}, "400 (40001)"),
        ({"code": "ann@example.com"}, "400,"),
        ({"code": "Ann Example"}, "400,"),
        ({"code": "U4af4980629" + "0" * 22}, "400,"),
        ({"code": "x" * 61}, "400,"),
        ({"message": "about ann", "details": [{"message": "NOT_FOUND"}]}, "400 (NOT_FOUND)"),
        ({"message": "about ann", "details": [{"message": "ANN"}, {"message": "Ann_Example"}, None]}, "400,"),
        ({"code": 886912345678}, "400,"),
        ({"code": True}, "400,"),
        ({"code": None, "detail": "ann"}, "400,"),
        (["ann"], "400,"),
    ],
    ids=json.dumps,
)
def test_only_a_machine_code_of_a_refusal_is_shown(
    far_side: responses.RequestsMock, post: Post, body: Json, named: str
) -> None:
    far_side.post(HOST + PATH, status=400, json=body)
    with pytest.raises(RefusedError) as caught:
        post(True)
    message = str(caught.value)
    assert named in message
    assert "nn" not in message
    assert "4af4" not in message


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("17", 17.0),
        (" 17 ", 17.0),
        (format_datetime(NOON + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOON - timedelta(hours=1), usegmt=True), 0.0),
        ("Sat, 21 Nov 2026 12:00:30 -0000", 30.0),
        ("Sat, 21 Nov 2026 21:00:10 +0900", 10.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("9" * 5000, None),
    ],
    ids=str,
)
def test_retry_after_is_seconds_or_a_date(
    far_side: responses.RequestsMock, post: Post, header: str | None, seconds: float | None
) -> None:
    far_side.post(HOST + PATH, status=429, headers={} if header is None else {"Retry-After": header})
    with pytest.raises(RateLimitedError) as caught:
        post(False)
    assert caught.value.retry_after == seconds


def test_the_wait_that_a_failing_far_side_asks_for_is_kept(
    far_side: responses.RequestsMock, connect: Connect, clock: Clock
) -> None:
    far_side.get(HOST + "/x", status=503, headers={"Retry-After": "7"})
    far_side.get(HOST + "/x", json={})
    connect(HOST, retry=RetryPolicy()).get_json("/x")
    assert clock.slept == [7.0]


def _needs_an_id(answer: Json) -> Json:
    if not isinstance(answer, dict) or "id" not in answer:
        raise UnexpectedAnswerError("an id")
    return answer["id"]


def test_an_answer_can_be_read_into_what_is_wanted(far_side: responses.RequestsMock, client: HttpClient) -> None:
    far_side.get(HOST + "/x", json={"id": 7})
    assert client.get_json("/x", read=_needs_an_id) == 7


@REPEATABLE
def test_json_that_is_not_what_was_expected_is_unclear(
    far_side: responses.RequestsMock,
    client: HttpClient,
    repeatable: bool,  # noqa: FBT001 - the table's own word
) -> None:
    far_side.post(HOST + PATH, json={"name": "ann@example.com"})
    with pytest.raises(_both(repeatable), match="should have an id") as caught:
        client.post_json(PATH, BODY, repeatable=repeatable, retry=RetryPolicy(attempts=1), read=_needs_an_id)
    assert "ann@" not in str(caught.value)


def test_what_may_pass_is_tried_again(far_side: responses.RequestsMock, connect: Connect, clock: Clock) -> None:
    far_side.post(HOST + PATH, status=503)
    far_side.post(HOST + PATH, status=429, headers={"Retry-After": "7"})
    far_side.post(HOST + PATH, body="<html>")
    far_side.post(HOST + PATH, body=requests.exceptions.ReadTimeout())
    far_side.post(HOST + PATH, json={"id": 5})
    client = connect(HOST, retry=RetryPolicy())
    assert client.post_json(PATH, BODY, repeatable=True) == {"id": 5}
    assert clock.slept == [0.25, 7.0, 1.0, 2.0]
    assert [call.request.body for call in far_side.calls] == [BODY] * 5


def test_a_call_that_may_not_be_repeated_is_tried_again_only_if_it_had_no_effect(
    far_side: responses.RequestsMock, connect: Connect
) -> None:
    far_side.post(HOST + PATH, status=429)
    far_side.post(HOST + PATH, body=requests.exceptions.ConnectTimeout())
    far_side.post(HOST + PATH, status=500)
    client = connect(HOST, retry=RetryPolicy())
    with pytest.raises(UncertainError):
        client.post_json(PATH, BODY, repeatable=False)
    assert len(far_side.calls) == 3


def test_a_refusal_is_not_tried_again(far_side: responses.RequestsMock, connect: Connect) -> None:
    far_side.get(HOST + "/x", status=401)
    with pytest.raises(RefusedError):
        connect(HOST, retry=RetryPolicy()).get_json("/x")
    assert len(far_side.calls) == 1


def test_a_call_may_bring_its_own_patience(far_side: responses.RequestsMock, client: HttpClient, clock: Clock) -> None:
    for _ in range(9):
        far_side.post(HOST + PATH, status=429, headers={"Retry-After": "20"})
    far_side.post(HOST + PATH, json={"id": 1})
    patient = RetryPolicy(rate_limit_patience=1800.0)
    assert client.post_json(PATH, BODY, repeatable=True, retry=patient) == {"id": 1}
    assert clock.slept == [20.0] * 9


def test_a_form_has_its_fields_and_files(far_side: responses.RequestsMock, client: HttpClient) -> None:
    far_side.post(HOST + "/s", json={"id": 7})
    file = UploadedFile("uids.csv", b"line_uid\r\nU1\r\n", "text/csv")
    assert client.send_multipart("POST", "/s", {"name": "春"}, {"file": file}, repeatable=False) == {"id": 7}
    request = far_side.calls[0].request
    sent = request.body
    assert isinstance(sent, bytes)
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert 'name="name"\r\n\r\n春\r\n'.encode() in sent
    assert b'name="file"; filename="uids.csv"\r\nContent-Type: text/csv\r\n\r\nline_uid\r\nU1\r\n\r\n' in sent


def test_a_form_without_a_file_is_multipart_too(far_side: responses.RequestsMock, client: HttpClient) -> None:
    far_side.patch(HOST + "/s", json={"id": 7})
    client.send_multipart("PATCH", "/s", {"description": ""}, {}, repeatable=True)
    request = far_side.calls[0].request
    sent = request.body
    assert isinstance(sent, bytes)
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="description"\r\n\r\n\r\n' in sent


def test_a_form_of_nothing_is_refused(client: HttpClient) -> None:
    with pytest.raises(ValueError, match="at least one field or file"):
        client.send_multipart("PATCH", "/s", {}, {}, repeatable=True)


@pytest.mark.parametrize("path", ["@evil.test/x", ".evil.test/x", "x", "", "https://evil.test/"])
def test_a_path_cannot_change_the_host(client: HttpClient, path: str) -> None:
    with pytest.raises(ValueError, match="begins with /"):
        client.get_json(path)


@pytest.mark.parametrize("path", ["//evil.test/x", "/@evil.test", "/\\evil.test"])
def test_no_path_leads_the_token_to_another_host(
    far_side: responses.RequestsMock, client: HttpClient, path: str
) -> None:
    with pytest.raises(ConnectorError):
        client.get_json(path)
    assert all(str(call.request.url).startswith(HOST + "/") for call in far_side.calls)


@pytest.mark.parametrize("url", ["maac.test", "ftp://maac.test", "https://", "https://[::1", "https://ma ac.test:x"])
def test_an_endpoint_that_is_no_address_is_a_configuration_error(connect: Connect, url: str) -> None:
    with pytest.raises(ConfigError, match="endpoint: GET /x: this address"):
        connect(url).get_json("/x")


@pytest.mark.parametrize("token", ["", "zq 9x", "zq\n9x", "zq9é", "zq9x\0", "zq9x\t", "zq9x "], ids=repr)
def test_a_token_that_no_header_carries_is_refused_unseen(connect: Connect, token: str) -> None:
    with pytest.raises(ConfigError, match="token: is empty or has white space") as caught:
        connect(HOST, token=token).get_json("/x")
    assert "zq" not in "".join(traceback.format_exception(caught.value))


def test_the_token_is_in_no_repr_error_or_log(
    far_side: responses.RequestsMock, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client, query = connect(HOST), {"email": "ann@example.com"}
    for reply in ({"status": 401}, {"status": 500}, {"body": requests.exceptions.ConnectionError(TOKEN)}):
        far_side.get(HOST + "/x", **reply)
        with pytest.raises(ConnectorError) as caught:
            client.get_json("/x", query)
        shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        assert TOKEN not in shown
        assert "ann@" not in shown
    assert TOKEN not in repr(client) + caplog.text


def test_an_uploaded_file_does_not_show_its_content() -> None:
    assert "U4af" not in repr(UploadedFile("uids.csv", b"U4af", "text/csv"))


def test_closing_twice_is_safe(far_side: responses.RequestsMock, client: HttpClient) -> None:
    client.close()
    far_side.get(HOST + "/x", json={})
    client.get_json("/x")
    client.close()
    client.close()
