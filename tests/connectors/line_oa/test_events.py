"""An event is a row: every property in its column, or else in `event_other`, with its value untouched."""

import hashlib
import json
import sqlite3
import uuid
from typing import Any

import pytest
from hypothesis import given, settings

from td_line_connectors.connectors.line_oa.events import name_uuid
from td_line_connectors.errors import PayloadError
from td_line_connectors.rows import EventRow
from tests.connectors.line_oa.reception import BODIES, SECONDS, compact, deliver, event_row, wire
from tests.connectors.line_oa.wires import calls

PAGE_ROWS = [
    {
        "event_mode": "active",
        "event_type": "message",
        "event_deliverycontext": '{"isRedelivery":false}',
        "event_timestamp": 1764739548058,
        "destination": "U26272c69eb9c705cdb310034a13d8a2c",
        "event_source": '{"userId":"U7df7e1515baea0a9898c2d8553d016d1","type":"user"}',
        "event_webhookeventid": "01KBHAS125354QY30EQDB80MXV",
        "event_replytoken": "a24d6cd95f4e4cceb74505a3c67fa1f0",
        "event_message": '{"text":"Hello","id":"590404062261018659","type":"text"}',
    },
    {
        "event_mode": "active",
        "event_type": "postback",
        "event_deliverycontext": '{"isRedelivery":false}',
        "event_timestamp": 1764739548788,
        "destination": "U26272c69eb9c705cdb310034a13d8a2c",
        "event_source": '{"userId":"U7df7e1515baea0a9898c2d8553d016d1","type":"user"}',
        "event_postback": '{"data":"second-menu","params":{"newRichMenuAliasId":"second-menu","status":"SUCCESS"}}',
        "event_webhookeventid": "01KBHAS1TNJ9W3GZZSAYG8WSEW",
        "event_replytoken": "e6a713af40ed416e8844db6638705d01",
    },
]
"""The product page's two examples, without `record_uuid` and `time`."""

SEEDS = [entry for entry in BODIES if entry["kind"] == "seed"]
READABLE = [entry for entry in BODIES if entry["name"] not in {"json array", "events null", "NaN literal"}]


def v3(name: bytes) -> str:
    return str(uuid.UUID(bytes=hashlib.md5(name, usedforsecurity=False).digest(), version=3))


def as_designed(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return compact(value) if isinstance(value, dict | list) else value


@pytest.mark.parametrize(("entry", "page"), [*zip(SEEDS, PAGE_ROWS, strict=True)], ids=["message", "postback"])
def test_the_pages_example_rows_come_out(entry: dict[str, Any], page: dict[str, object]) -> None:
    [row] = deliver(wire(entry)).events
    expected = {**page, "record_uuid": v3(str(page["event_webhookeventid"]).encode()), "time": SECONDS}

    assert row.keys() == expected.keys()
    for column, value in expected.items():
        is_json = isinstance(value, str) and value.startswith("{")  # the order of its keys is the wire's
        assert (json.loads(str(row[column])) == json.loads(str(value))) if is_json else row[column] == value


@pytest.mark.parametrize("entry", [each for each in READABLE if each["kind"] != "raw"], ids=lambda each: each["name"])
def test_every_known_event_is_stored_as_designed(entry: dict[str, Any]) -> None:
    delivery = deliver(wire(entry))

    assert delivery.raw == {
        "record_uuid": v3(wire(entry).encode()),
        "destination": entry["body"]["destination"],
        "body": wire(entry),
        "event_count": len(entry["body"]["events"]),
        "time": SECONDS,
    }
    for event, row in zip(entry["body"]["events"], delivery.events, strict=True):
        columns = {f"event_{name.lower()}": as_designed(value) for name, value in event.items()}
        assert list(row.items()) == [
            *columns.items(),
            ("destination", entry["body"]["destination"]),
            ("record_uuid", v3(event["webhookEventId"].encode())),
            ("time", SECONDS),
        ]


RAW_CELLS = {
    "escaped surrogate pair": (
        "event_message",
        r'{"type":"text","id":"600000000000000999","quoteToken":"q","text":"\uD83E\uDD28 hi"}',
    ),
    "lone high surrogate": (
        "event_message",
        r'{"type":"text","id":"600000000000000999","quoteToken":"q","text":"\uD83E cut"}',
    ),
    "escaped slash and unicode": (
        "event_message",
        r'{"type":"text","id":"600000000000000999","quoteToken":"q","text":"a\/b \u3042\n"}',
    ),
    "duplicate keys": ("event_mode", "standby"),
}


@pytest.mark.parametrize("name", RAW_CELLS)
def test_what_is_special_on_the_wire_stays_so(name: str) -> None:
    [entry] = [each for each in BODIES if each["name"] == name]
    column, value = RAW_CELLS[name]

    assert deliver(wire(entry)).events[0][column] == value


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ('"text"', "text"),
        ('""', ""),
        (r'"a\/b\n\u3042\uD83E\uDD28\u0000"', "a/b\nあ🤨\0"),
        (r'"cut \uD83E"', r"cut \ud83e"),
        ("0", 0),
        ("-0", 0),
        ("-12", -12),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("9223372036854775808", "9223372036854775808"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("9" * 5000, "9" * 5000),
        ("1.10", 1.1),
        ("1e3", 1000.0),
        ("-0.0", -0.0),
        ("0e-999", 0.0),
        ("1e400", "1e400"),
        ("-1e400", "-1e400"),
        ("1e-400", "1e-400"),
        ("true", "true"),
        ("false", "false"),
        ("null", None),
        ("[]", "[]"),
        ("{ }", "{}"),
        (
            r'[1.10, 1e400, 123456789012345678901234567890, {"b": "x , y", "a": "\u00e9\uD83E"}]',
            r'[1.10,1e400,123456789012345678901234567890,{"b":"x , y","a":"\u00e9\uD83E"}]',
        ),
        ('{"a":1, "a":2}', '{"a":1,"a":2}'),
    ],
    ids=lambda each: str(each)[:30],
)
def test_a_value_is_stored_as_its_type_says(value: str, cell: object) -> None:
    row = event_row(f'{{"x": {value}}}')

    assert row == {"event_x": cell}
    assert type(row["event_x"]) is type(cell)


@pytest.mark.parametrize(
    ("event", "cells"),
    [
        ('{"replyToken":"a","replytoken":"b"}', {"event_replytoken": "a", "event_other": '{"replytoken":"b"}'}),
        ('{"1x":1.10,"a-b":{"c": 2},"é":"ü"}', {"event_other": '{"1x":1.10,"a-b":{"c":2},"é":"ü"}'}),
        ('{"' + "a" * 60 + '":1}', {"event_" + "a" * 60: 1}),
        ('{"' + "a" * 61 + '":1}', {"event_other": '{"' + "a" * 61 + '":1}'}),
        ('{"":null}', {"event_other": '{"":null}'}),
        (r'{"q\"\uD83E\n":1}', {"event_other": r'{"q\"\ud83e\n":1}'}),
        ('{"other":1,"Other":2}', {"event_other": '{"other":1,"Other":2}'}),
        ('{"x":1,"X":null,"_x":3}', {"event_x": 1, "event_other": '{"X":null,"_x":3}'}),
        ("{}", {}),
        ("null", {"event_other": "null"}),
        ('"a b"', {"event_other": '"a b"'}),
        ("[ 1 ]", {"event_other": "[1]"}),
    ],
    ids=lambda each: str(each)[:30],
)
def test_what_makes_no_column_goes_into_one_together(event: str, cells: dict[str, object]) -> None:
    assert event_row(event) == cells


def test_a_row_brings_its_event_along_as_it_was_sent() -> None:
    [row, other] = deliver('{"events":[{"newProp": true, "X": {"a" : 1.10}, "n": null},7]}').events

    assert isinstance(row, EventRow)
    assert row.properties == {"newProp": "true", "X": '{"a":1.10}', "n": "null"}
    assert not isinstance(other, EventRow)


def test_an_odd_event_costs_its_neighbours_nothing() -> None:
    rows = deliver('{"events":[{"type":"a"},7,{"type":"b","Type":"c"}]}').events

    assert [row.get("event_type") for row in rows] == ["a", None, "b"]


def test_a_redelivery_has_the_same_record_uuid() -> None:
    call = '{{"destination":"U","events":[{{"webhookEventId":"01K","deliveryContext":{{"isRedelivery":{}}}}}]}}'
    first, again = (deliver(call.format(flag)).events[0] for flag in ("false", "true"))

    assert first["record_uuid"] == again["record_uuid"] == v3(b"01K")


@pytest.mark.parametrize("identity", ["", '"webhookEventId":null', '"webhookEventId":5', '"webhookEventId":true'])
def test_an_event_without_a_text_as_its_id_is_named_by_its_place(identity: str) -> None:
    delivery = deliver(f'{{"events":[{{{identity}}},{{{identity}}}]}}')

    named = [v3(f"{delivery.raw['record_uuid']}/{place}".encode()) for place in (0, 1)]
    assert [row["record_uuid"] for row in delivery.events] == named


@pytest.mark.parametrize("value", ["true", "[1]", '{"a":1}', "9223372036854775808", "1e400"])
def test_an_id_that_is_no_text_is_not_stored_as_one(value: str) -> None:
    assert event_row(f'{{"webhookEventId":{value}}}') == {"event_other": f'{{"webhookEventId":{value}}}'}


def test_the_ids_column_is_kept_for_the_id() -> None:
    cells = {"event_webhookeventid": "b", "event_other": '{"webhookeventid":"a"}'}

    assert event_row('{"webhookeventid":"a","webhookEventId":"b"}') == cells


@pytest.mark.parametrize(
    ("member", "destination"),
    [
        ("", None),
        ('"destination":null,', None),
        ('"destination":"U1",', "U1"),
        (r'"destination":"U\u0031",', "U1"),
        ('"destination":5,', "5"),
        ('"destination":{"a": 1},', '{"a":1}'),
        ('"destination":"U1","destination":"U2",', "U2"),
    ],
    ids=str,
)
def test_the_destination_is_text_or_nothing(member: str, destination: str | None) -> None:
    delivery = deliver(f'{{{member}"events":[{{}}]}}')

    assert [delivery.raw["destination"], delivery.events[0]["destination"]] == [destination, destination]


@settings(max_examples=60, deadline=None)
@given(text=calls())
def test_no_event_is_lost_and_every_cell_can_be_stored_and_read_back(text: str) -> None:
    delivery = deliver(text)
    cells = [cell for row in (delivery.raw, *delivery.events) for cell in row.values()]

    assert delivery.raw["event_count"] == len(delivery.events)
    with sqlite3.connect(":memory:") as database:
        assert [database.execute("SELECT ?", (cell,)).fetchone()[0] for cell in cells] == cells
    database.close()


@settings(max_examples=60, deadline=None)
@given(text=calls())
def test_the_names_that_have_no_column_come_back_from_the_rest(text: str) -> None:
    for event, row in zip(
        json.loads(text, parse_int=str, parse_float=str)["events"], deliver(text).events, strict=True
    ):
        own = {name for name in row if name.startswith("event_")} - {"event_other"}
        rest = json.loads(str(row.get("event_other", "{}")), parse_int=str)
        if isinstance(event, dict):
            assert len(own) + len(rest) == len(event)
            assert all(name in event for name in rest)


def test_a_uuid_is_the_standard_librarys() -> None:
    for number in range(200):
        assert name_uuid(str(number).encode()) == v3(str(number).encode())


@pytest.mark.parametrize("name", ["json array", "events null", "NaN literal"])
def test_a_known_body_that_cannot_be_read_is_refused(name: str) -> None:
    [entry] = [each for each in BODIES if each["name"] == name]

    with pytest.raises(PayloadError):
        deliver(wire(entry))
