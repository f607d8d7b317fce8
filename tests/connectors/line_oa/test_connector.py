"""A call is verified first, and refused or taken apart then; whatever is signed is kept."""

import pickle
from collections.abc import Mapping
from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from td_line_connectors.connectors.line_oa.connector import PLUGIN, LineOaInput
from td_line_connectors.errors import PayloadError, SignatureError
from td_line_connectors.plugins import default_registry
from td_line_connectors.secret import Secret
from tests.connectors.line_oa.reception import NOON, SECONDS, SECRET, deliver, event_row, signature

BODY = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
GOOD = signature(BODY)


def test_the_call_of_the_verify_button_is_taken() -> None:
    delivery = deliver(BODY)

    assert (delivery.events, delivery.raw["event_count"], delivery.raw["body"]) == ((), 0, BODY.decode())


@pytest.mark.parametrize("name", ["x-line-signature", "X-Line-Signature", "X-LINE-SIGNATURE"])
def test_the_header_is_found_in_any_case(name: str) -> None:
    delivery = LineOaInput([Secret(SECRET)]).receive(BODY, {"Host": "x", name: GOOD}, NOON)

    assert delivery.raw["time"] == SECONDS


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-line-signature": ""},
        {"x-line-signature": GOOD[::-1]},
        {"x-line-signature": "é署\udcff"},
        {"X-Other": GOOD},
    ],
    ids=["none", "empty", "wrong", "not ASCII", "another header"],
)
def test_a_call_that_is_not_signed_is_refused_before_it_is_read(headers: Mapping[str, str]) -> None:
    with pytest.raises(SignatureError) as caught:
        LineOaInput([Secret(SECRET)]).receive(b"\xff not JSON", headers, NOON)

    assert caught.value.status == 401
    assert not [value for value in headers.values() if value and value in str(caught.value)]


def test_while_a_secret_is_replaced_both_are_good() -> None:
    assert [deliver(BODY, *secrets).raw["event_count"] for secrets in [("new", "old"), ("old", "new")]] == [0, 0]


def test_the_secret_of_another_channel_is_not_good() -> None:
    with pytest.raises(SignatureError):
        LineOaInput([Secret("a"), Secret("b")]).receive(BODY, {"x-line-signature": GOOD}, NOON)


def test_without_secrets_nobody_is_let_in_and_an_empty_one_is_refused() -> None:
    with pytest.raises(SignatureError):
        LineOaInput([]).receive(BODY, {"x-line-signature": signature(BODY, "")}, NOON)
    with pytest.raises(ValueError, match="must not be empty"):
        LineOaInput([Secret("a"), Secret("")])


UNREADABLE = [
    pytest.param(b"", "no JSON from character 1 on", id="empty"),
    pytest.param(b"[]", "no JSON object", id="array"),
    pytest.param(b"null", "no JSON object", id="null"),
    pytest.param(b"{}", "no `events` array", id="no events"),
    pytest.param(b'{"events":null}', "no `events` array", id="events null"),
    pytest.param(b'{"events":{}}', "no `events` array", id="events an object"),
    pytest.param(b'{"events":[],"events":1}', "no `events` array", id="events twice, the last one wrong"),
    pytest.param(b'{"events":[]', "no JSON from character 13 on", id="cut off"),
    pytest.param(b'{"events":[]}{}', "no JSON from character 14 on", id="more behind it"),
    pytest.param(b'{"events":[1,]}', "no JSON from character", id="a comma too many"),
    pytest.param(b'{"events":["s3cret\n"]}', "no JSON from character 19 on", id="control character"),
    pytest.param(b'{"events":["\0"]}', "no JSON from character 13 on", id="NUL"),
    pytest.param(rb'{"events":["\x41"]}', "no JSON from character 13 on", id="wrong escape"),
    pytest.param(b'{"events":[01]}', "no JSON from character 13 on", id="leading zero"),
    pytest.param(b'{"events":[NaN]}', "NaN", id="NaN"),
    pytest.param(b'{"events":[Infinity]}', "infinite", id="Infinity"),
    pytest.param(b'{"x":-Infinity,"events":[]}', "infinite", id="-Infinity"),
    pytest.param(b'\xef\xbb\xbf{"events":[]}', "byte order mark", id="BOM"),
    pytest.param(b'{"events":["' + b"\xff" + b'"]}', "not UTF-8 from byte 13 on", id="not UTF-8"),
    pytest.param(b'{"events":["' + b"\xed\xa0\xbd" + b'"]}', "not UTF-8 from byte 13 on", id="UTF-8 of a surrogate"),
    pytest.param(b'{"events":["' + b"\xc0\x80" + b'"]}', "not UTF-8 from byte 13 on", id="overlong"),
    pytest.param('{"events":[]}'.encode("utf-16"), "not UTF-8 from byte 1 on", id="UTF-16"),
    pytest.param(b'{"events":[' + b"[" * 499 + b"]" * 499 + b"]}", "more than 500", id="nested too deep"),
    pytest.param(b"[" * 1_000_000, "more than 500", id="a million brackets"),
]


@pytest.mark.parametrize(("body", "rule"), UNREADABLE)
def test_a_signed_call_that_cannot_be_read_is_kept(body: bytes, rule: str) -> None:
    with pytest.raises(PayloadError, match=rule) as caught:
        deliver(body)

    raw = caught.value.raw
    assert list(raw) == ["record_uuid", "destination", "body", "event_count", "time"]
    assert (raw["destination"], raw["event_count"], raw["time"]) == (None, 0, SECONDS)
    assert raw["body"] == body.decode(errors="backslashreplace")
    assert "s3cret" not in str(caught.value)


def test_of_bytes_that_are_not_utf_8_each_can_be_seen() -> None:
    with pytest.raises(PayloadError) as caught:
        deliver(b'{"events":[\xff\xfe]}')

    assert caught.value.raw["body"] == r'{"events":[\xff\xfe]}'


def test_a_payload_error_survives_pickling() -> None:
    with pytest.raises(PayloadError) as caught:
        deliver(b"[]")

    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - made a line before
    assert (str(again), again.raw) == (str(caught.value), caught.value.raw)


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode(errors="surrogatepass")))
def test_no_body_ends_in_another_error(body: bytes) -> None:
    try:
        deliver(body)
    except PayloadError as error:
        assert error.raw["body"] == body.decode(errors="backslashreplace")  # noqa: PT017 - most bodies end here, not all


def test_the_time_is_the_second_in_which_the_call_came_in_any_zone() -> None:
    taipei = NOON.astimezone(timezone(timedelta(hours=8)))

    delivery = LineOaInput([Secret(SECRET)]).receive(BODY, {"x-line-signature": GOOD}, taipei)
    assert delivery.raw["time"] == SECONDS


def test_a_body_with_white_space_is_kept_to_the_letter_and_its_cells_are_compact() -> None:
    body = '{ "events" : [ { "a" : { "b" : [ 1 , 2 ] } } ] }\n'

    assert (deliver(body).raw["body"], deliver(body).events[0]["event_a"]) == (body, '{"b":[1,2]}')
    assert event_row('{"a":{"b":"1 , 2"}}') == {"event_a": '{"b":"1 , 2"}'}


def test_an_input_shows_no_secret() -> None:
    made = LineOaInput([Secret(SECRET)])

    assert SECRET not in repr(made) + repr(vars(made))


def test_the_registry_has_it_and_connects_it() -> None:
    plugin = default_registry().input("line_oa_streaming")
    made = plugin.connect({"channel_secret": ["another", SECRET]})

    assert (plugin, plugin.signature_header) == (PLUGIN, "x-line-signature")
    assert made.receive(BODY, {"x-line-signature": GOOD}, NOON).events == ()


def test_an_events_known_columns_are_the_pages() -> None:
    page = """event_mode event_type event_deliverycontext event_timestamp destination event_source event_postback
        event_webhookeventid event_replytoken record_uuid event_message time"""

    assert [each.name for each in PLUGIN.columns["events"]][:12] == page.split()
    assert [each.name for each in PLUGIN.columns["raw"]] == list(deliver(BODY).raw)
