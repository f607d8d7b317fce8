"""Every status of the receiver, and the order of its checks."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime

import pytest

from td_line_connectors.connectors.line_oa.connector import LineOaInput
from td_line_connectors.errors import StoreError
from td_line_connectors.secret import Secret
from td_line_connectors.server.answers import HEALTHY
from td_line_connectors.server.application import Limits
from td_line_connectors.spi import Delivery
from tests.server.conftest import BODY, EMPTY, PATH, SECRET, SOURCE, Answered, Rig, answered, scope, signature, signed

UNKNOWN = "/v1/task/00000000-0000-4000-8000-000000000000"


def test_a_signed_call_is_stored_and_answered_with_200(rig: Rig) -> None:
    answer = rig.call()

    assert (answer.status, answer.body) == (200, b"")
    [delivery] = rig.stored
    assert delivery.raw["body"] == BODY.decode()
    assert len(delivery.events) == 1


def test_the_verify_button_is_answered_with_200(rig: Rig) -> None:
    assert rig.call(body=EMPTY).status == 200
    assert rig.stored[0].raw["event_count"] == 0


def test_a_call_in_pieces_is_stored_as_one(rig: Rig) -> None:
    parts = [BODY[:10], b"", BODY[10:200], BODY[200:]]

    assert rig.call(headers=signed(BODY), body=parts).status == 200
    assert rig.stored[0].raw["body"] == BODY.decode()


def test_the_id_may_come_in_upper_case(rig: Rig) -> None:
    assert rig.call(path=f"/v1/task/{SOURCE.upper()}").status == 200


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", UNKNOWN, {"content-length": "10000000000", "x-line-signature": "x"}, 404),
        ("GET", UNKNOWN, {"x-line-signature": "x"}, 404),
        ("POST", f"{PATH}/", {"x-line-signature": "x"}, 404),
        ("POST", "/v1/task/", {"x-line-signature": "x"}, 404),
        ("POST", SOURCE, {"x-line-signature": "x"}, 404),
        ("GET", PATH, {"x-line-signature": "x"}, 405),
        ("PUT", PATH, {"content-length": "10000000000"}, 405),
        ("POST", PATH, {"content-length": "10000000000"}, 401),
        ("POST", PATH, {"x-line-signature": "", "content-length": "2"}, 401),
        ("POST", PATH, {"x-line-signature": "x", "content-length": "1048577"}, 413),
        ("POST", PATH, {"x-line-signature": "x", "content-length": "9" * 10_000}, 413),
    ],
    ids=[
        "unknown id, huge body",
        "unknown id, GET",
        "slash at the end",
        "no id",
        "id alone",
        "GET",
        "PUT, huge body",
        "no signature, huge body",
        "empty signature",
        "one byte too long",
        "length of 10,000 digits",
    ],
)
def test_what_the_head_shows_is_answered_without_reading_the_body(
    rig: Rig, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = rig.call(method, path, headers, body=b"never read")

    assert (answer.status, answer.pieces_read) == (status, 0)
    assert rig.stored == []


def test_a_refused_method_names_the_right_one(rig: Rig) -> None:
    assert rig.call("DELETE").headers["allow"] == "POST"


def test_a_body_of_just_the_limit_is_taken(rig: Rig) -> None:
    rig.limits = Limits(body_bytes=len(BODY))

    assert rig.call(headers={**signed(BODY), "content-length": str(len(BODY))}).status == 200


def test_a_body_that_grows_too_large_is_refused_before_its_end(rig: Rig) -> None:
    rig.limits = Limits(body_bytes=100)
    answer = rig.call(headers=signed(b"x" * 1000), body=[b"x" * 60] * 50)

    assert (answer.status, answer.pieces_read) == (413, 2)


def test_a_body_in_one_piece_is_measured_too(rig: Rig) -> None:
    rig.limits = Limits(body_bytes=len(BODY) - 1)

    assert rig.call().status == 413


@pytest.mark.parametrize(
    "header",
    [signature(BODY, "another"), signature(BODY + b" "), "x", "é", signature(BODY)[:-1], f" {signature(BODY)}="],
    ids=["another secret", "another body", "no signature", "not ASCII", "cut", "longer"],
)
def test_a_forged_signature_stores_nothing(rig: Rig, header: str) -> None:
    assert rig.call(headers={"x-line-signature": header}).status == 401
    assert rig.stored == []


def test_a_forged_call_that_is_no_json_is_told_of_the_signature(rig: Rig) -> None:
    assert rig.call(headers={"x-line-signature": "x"}, body=b"{").status == 401


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"{}", b'{"events": {}}', b'\xef\xbb\xbf{"events":[]}', b"\xff", b'{"events": [NaN]}'],
    ids=["empty", "cut", "array", "no events", "events no array", "BOM", "not UTF-8", "NaN"],
)
def test_a_signed_body_that_cannot_be_taken_apart_is_kept_and_answered_with_400(rig: Rig, body: bytes) -> None:
    answer = rig.call(body=body)

    assert answer.status == 400
    [delivery] = rig.stored
    assert delivery.events == ()


def test_a_broken_body_that_cannot_be_kept_is_answered_with_503(rig: Rig) -> None:
    rig.outcome = StoreError("the disk is full")

    assert rig.call(body=b"{").status == 503


def test_what_the_store_cannot_take_is_answered_with_503_and_told_in_the_log(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.outcome = StoreError("storing into line: the disk is full")
    answer = rig.call()

    assert answer.status == 503
    assert answer.headers["retry-after"].isdecimal()
    assert caplog.messages == ["source shop: storing into line: the disk is full"]


def test_a_full_queue_is_answered_with_503(rig: Rig) -> None:
    rig.full = StoreError("too many calls wait")
    answer = rig.call()

    assert answer.status == 503
    assert answer.headers["retry-after"].isdecimal()


def test_a_call_that_is_not_durable_in_time_is_answered_with_503(rig: Rig) -> None:
    rig.never = True
    rig.limits = Limits(store_seconds=0.01)

    assert rig.call().status == 503


def test_a_body_that_does_not_come_closes_the_connection(rig: Rig) -> None:
    rig.limits = Limits(body_seconds=0.01)
    answer = rig.call(body=None)

    assert (answer.status, answer.headers["connection"]) == (408, "close")


def test_a_source_whose_connection_is_broken_is_answered_with_503_unread(rig: Rig) -> None:
    rig.connector = None
    answer = rig.call()

    assert (answer.status, answer.pieces_read) == (503, 0)


class Faulty:
    """A third party's connector with a fault."""

    def receive(self, body: bytes, headers: Mapping[str, str], received_at: datetime) -> Delivery:
        raise RuntimeError(f"my hidden words: {body!r}")


def test_a_fault_of_a_connector_is_answered_with_500_and_logged_without_the_message(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.connector = Faulty()

    assert rig.call().status == 500
    [message] = caplog.messages
    assert "RuntimeError at conftest.py" in message or "RuntimeError at test_application.py" in message
    assert "hidden" not in caplog.text
    assert rig.calls[0].source == "shop"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"connection": "Upgrade, HTTP2-Settings", "upgrade": "h2c"}, 400),
        ({"connection": "keep-alive", "upgrade": "h2c"}, 200),
        ({"connection": "Upgrade"}, 200),
    ],
    ids=["asked for", "named only", "not named"],
)
def test_another_protocol_is_refused_where_it_is_asked_for(rig: Rig, headers: dict[str, str], status: int) -> None:
    answered = rig.call(headers={**signed(BODY), **headers})

    assert answered.status == status
    assert len(rig.stored) == (status == 200)


def test_a_body_that_came_in_time_leaves_the_store_its_own_time(rig: Rig) -> None:
    rig.never = True
    rig.limits = Limits(body_seconds=0.01, store_seconds=0.1)

    assert rig.call().status == 503


def test_a_caller_who_goes_away_is_not_answered(rig: Rig) -> None:
    assert rig.call(body=[]).status == 0
    assert [(call.status, call.source) for call in rig.calls] == [(0, "shop")]


def test_a_host_that_cancels_a_call_is_obeyed(rig: Rig) -> None:
    async def cancelled() -> bool:
        task = asyncio.create_task(answered(rig.receiver(), scope("POST", PATH, signed(BODY)), None))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(cancelled())


def test_a_call_is_told_without_id_text_or_signature(rig: Rig) -> None:
    rig.call()

    [call] = rig.calls
    assert (call.sender, call.method, call.path) == ("203.0.113.7", "POST", "/v1/task/****")
    assert (call.status, call.source, call.events) == (200, "shop", 1)
    told = repr(call)
    assert SOURCE not in told
    assert "hidden" not in told
    assert signature(BODY) not in told


def test_a_path_that_a_caller_made_up_is_not_told(rig: Rig) -> None:
    rig.call(path=f"/v1/tasks/{SOURCE}")
    rig.call(path=f"/v1/task/{SOURCE}/more")

    assert [call.path for call in rig.calls] == ["/****", "/v1/task/****"]


def test_pages_are_shown_to_get_and_head_alone(rig: Rig) -> None:
    async def page() -> object:
        return HEALTHY

    rig.pages["/healthz"] = page
    statuses = [rig.call(method, "/healthz").status for method in ("GET", "HEAD", "POST")]

    assert statuses == [200, 200, 405]
    assert [call.path for call in rig.calls] == ["/healthz"] * 3


def test_several_secrets_are_accepted_while_one_replaces_the_other(rig: Rig) -> None:
    rig.connector = LineOaInput([Secret("new"), Secret(SECRET)])

    assert [rig.call(headers=signed(BODY, each)).status for each in ("new", SECRET, "older")] == [200, 200, 401]


def test_a_host_may_mount_it_under_a_path(rig: Rig) -> None:
    mounted = {**scope("POST", f"/line{PATH}", signed(BODY)), "root_path": "/line"}
    answer: Answered = asyncio.run(answered(rig.receiver(), mounted, [BODY]))

    assert answer.status == 200


def test_what_a_middleware_adds_to_one_answer_is_not_in_the_next(rig: Rig) -> None:
    receiver = rig.receiver()

    async def twice() -> list[Answered]:
        async def wrapped(scope: object, receive: object, send: object) -> None:
            async def adding(message: dict[str, object]) -> None:
                headers = message.get("headers")
                if isinstance(headers, list):
                    headers.append((b"x-added", b"1"))
                await send(message)  # type: ignore[operator]  # ASGI's send

            await receiver(scope, receive, adding)  # type: ignore[arg-type]  # ASGI's types

        await answered(wrapped, scope("POST", PATH, signed(BODY)), [BODY])
        return [await answered(receiver, scope("POST", PATH, signed(BODY)), [BODY])]

    [answer] = asyncio.run(twice())
    assert "x-added" not in answer.headers


def test_a_server_may_tell_it_of_start_and_stop(rig: Rig) -> None:
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[object] = []

    async def receive() -> dict[str, str]:
        return next(messages)

    async def send(message: object) -> None:
        sent.append(message)

    asyncio.run(rig.receiver()({"type": "lifespan"}, receive, send))
    assert sent == [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]


def test_a_websocket_is_closed(rig: Rig) -> None:
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    asyncio.run(rig.receiver()({"type": "websocket", "path": PATH}, receive, send))  # type: ignore[arg-type]  # the same
    assert [message["type"] for message in sent] == ["websocket.close"]


@pytest.fixture(autouse=True)
def _warnings_are_seen(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
