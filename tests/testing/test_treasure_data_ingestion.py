"""The Data Ingestion API, over a real socket."""

import gzip
import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from td_line_connectors.testing import TreasureDataEmulator
from tests.testing.maac_client import HandClock
from tests.testing.treasure_data_client import BATCH, DATABASE, INGEST, NOON, SINGLE, TABLE, PlainClient, errors

PROPERTY_NAME = "InvalidPropertyNameError"
PROPERTY_VALUE = "InvalidPropertyValueError"


def nested(depth: int) -> list[Any]:
    return [nested(depth - 1)] if depth else []


def rows(plazma: TreasureDataEmulator) -> list[dict[str, Any]]:
    return plazma.rows(DATABASE, TABLE)


def test_records_are_taken_in_order_each_with_a_receipt(plazma: TreasureDataEmulator, writer: PlainClient) -> None:
    got = writer.ingest({"a": 1, "time": NOON}, {"a": "二", "time": NOON + 1})
    assert (got.status, [receipt["success"] for receipt in got.json["receipts"]]) == (200, [True, True])
    assert rows(plazma) == [{"a": 1, "time": NOON}, {"a": "二", "time": NOON + 1}]


def test_one_bare_record_may_come_alone(plazma: TreasureDataEmulator, writer: PlainClient) -> None:
    got = writer.call("POST", INGEST, json.dumps({"a": 1, "time": NOON}).encode(), Content_Type=SINGLE)
    assert (got.status, len(got.json["receipts"]), rows(plazma)) == (200, 1, [{"a": 1, "time": NOON}])


def test_a_body_may_be_gzip(plazma: TreasureDataEmulator, writer: PlainClient) -> None:
    body = gzip.compress(json.dumps({"events": [{"time": NOON}]}).encode())
    got = writer.call("POST", INGEST, body, Content_Type=BATCH, Content_Encoding="gzip")
    assert (got.status, rows(plazma)) == (200, [{"time": NOON}])


@pytest.mark.parametrize(
    "given",
    [{}, {"time": None}, {"time": str(NOON)}, {"time": NOON * 1000}, {"time": NOON + 0.5}, {"time": True}],
    ids=str,
)
def test_a_time_that_is_not_in_unix_seconds_is_the_current_one(
    plazma: TreasureDataEmulator, writer: PlainClient, clock: HandClock, given: dict[str, Any]
) -> None:
    clock.advance(77.7)
    assert writer.ingest({"a": 1, **given}).status == 200
    assert rows(plazma) == [{"a": 1, "time": NOON + 77}]
    assert [found.rule for found in plazma.violations] == (["time"] if given.get("time") is not None else [])


def test_nulls_are_not_stored_and_make_no_column(plazma: TreasureDataEmulator, writer: PlainClient) -> None:
    writer.ingest({"a": None, "time": NOON})
    assert rows(plazma) == [{"time": NOON}]


def test_the_pipelines_own_uuid_comes_back_and_is_not_stored(plazma: TreasureDataEmulator, writer: PlainClient) -> None:
    mine = str(uuid4())
    got = writer.ingest({"uuid": mine, "time": NOON}, {"time": NOON})
    given, made = (receipt["uuid"] for receipt in got.json["receipts"])
    assert (given, UUID(made).version) == (mine, 4)
    assert rows(plazma) == [{"time": NOON}] * 2


def test_a_repeated_record_is_taken_again_and_counted(plazma: TreasureDataEmulator, writer: PlainClient) -> None:
    record = {"record_uuid": "r1", "uuid": str(uuid4()), "time": NOON}
    writer.ingest(record)
    writer.ingest(record, {"record_uuid": "r2", "time": NOON})
    assert plazma.taken(DATABASE, TABLE) == {"r1": 2, "r2": 1}
    assert plazma.pipeline_uuids(DATABASE, TABLE) == {record["uuid"]: 2}


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"uuid": "not one"}, PROPERTY_VALUE),
        ({"uuid": 7}, PROPERTY_VALUE),
        ({"Upper": 1}, PROPERTY_NAME),
        ({"1st": 1}, PROPERTY_NAME),
        ({"": 1}, PROPERTY_NAME),
        ({"a" * 129: 1}, PROPERTY_NAME),
        ({f"c{number}": 1 for number in range(512)}, PROPERTY_NAME),
        ({"a": 1 << 64}, PROPERTY_VALUE),
        ({"a": -(1 << 63) - 1}, PROPERTY_VALUE),
        ({"a": "\ud800"}, PROPERTY_VALUE),
        ({"a": [{"b": "\ud800"}]}, PROPERTY_VALUE),
        ({"a": "x" * 1_000_000}, PROPERTY_VALUE),
        ({"a": nested(900)}, PROPERTY_VALUE),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_record_that_cannot_be_stored_does_not_stop_its_neighbours(
    plazma: TreasureDataEmulator, writer: PlainClient, record: dict[str, Any], name: str
) -> None:
    got = writer.ingest({"a": 1, "time": NOON}, record, {"a": 2, "time": NOON})
    assert (got.status, errors(got)) == (206, [None, name, None])
    assert [row["a"] for row in rows(plazma)] == [1, 2]


@pytest.mark.parametrize(
    "value", [(1 << 64) - 1, -(1 << 63), 0.5, "", "文字", True, [1, {"a": None}], {"B": "c"}], ids=str
)
def test_a_value_is_stored_as_it_came(plazma: TreasureDataEmulator, writer: PlainClient, value: object) -> None:
    assert writer.ingest({"a": value, "time": NOON}).status == 200
    assert rows(plazma) == [{"a": value, "time": NOON}]


def test_a_table_may_have_512_columns_and_no_more(writer: PlainClient) -> None:
    full = {f"c{number}": 1 for number in range(511)}
    assert errors(writer.ingest(full, {"one_more": 1}, {"c7": 2})) == [None, PROPERTY_NAME, None]
    assert errors(writer.ingest({"one_more": 1})) == [PROPERTY_NAME]


def test_a_batch_of_which_nothing_was_taken_still_has_its_receipts(
    plazma: TreasureDataEmulator, writer: PlainClient
) -> None:
    got = writer.ingest({"uuid": "no"})
    assert (got.status, errors(got), rows(plazma)) == (206, [PROPERTY_VALUE], [])


@pytest.mark.parametrize(("records", "status"), [(0, 400), (1, 200), (500, 200), (501, 400)])
def test_a_batch_has_1_to_500_records(
    plazma: TreasureDataEmulator, writer: PlainClient, records: int, status: int
) -> None:
    assert writer.ingest(*[{"time": NOON}] * records).status == status
    assert len(rows(plazma)) == (records if status == 200 else 0)
    assert [found.rule for found in plazma.violations] == ([] if status == 200 else ["records"])


@pytest.mark.parametrize(("extra", "status"), [(0, 200), (1, 413)])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_batch_has_at_most_5_mb_before_compression(
    plazma: TreasureDataEmulator, writer: PlainClient, extra: int, status: int, encoding: str
) -> None:
    records = [{"a": "x" * 900_000, "time": NOON} for _ in range(5)] + [{"a": "", "time": NOON}]
    bare = len(json.dumps({"events": records}))
    records[-1]["a"] = "x" * (5_000_000 - bare + extra)
    body = json.dumps({"events": records}).encode()
    sent = gzip.compress(body, 1) if encoding == "gzip" else body
    got = writer.call("POST", INGEST, sent, Content_Type=BATCH, Content_Encoding=encoding)
    assert (got.status, [found.rule for found in plazma.violations]) == (status, ["batch_bytes"] if extra else [])


@pytest.mark.parametrize("text", ["x", "字"], ids=["ASCII", "UTF-8"])
def test_a_record_is_measured_as_it_is_encoded(plazma: TreasureDataEmulator, writer: PlainClient, text: str) -> None:
    fits = (1_000_000 - len('{"a":""}')) // len(text.encode()) * text
    body = json.dumps({"events": [{"a": fits}, {"a": fits + text}]}, ensure_ascii=False).encode()
    got = writer.call("POST", INGEST, body, Content_Type=BATCH)
    assert errors(got) == [None, PROPERTY_VALUE]
    assert [found.rule for found in plazma.violations] == ["record_bytes"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b'{"events": {}}',
        b'{"records": []}',
        b'{"events": [1]}',
        b'{"events": [{"a": NaN}]}',
        b"\xff",
    ],
)
def test_a_body_that_is_no_batch_is_refused(plazma: TreasureDataEmulator, writer: PlainClient, body: bytes) -> None:
    assert writer.call("POST", INGEST, body, Content_Type=BATCH).status == 400
    assert rows(plazma) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "application/json"}, 415),
        ({}, 415),
        ({"Content_Type": BATCH, "Content_Encoding": "br"}, 415),
        ({"Content_Type": BATCH, "Content_Encoding": "gzip"}, 400),
        ({"Content_Type": f"{BATCH}; charset=utf-8"}, 200),
    ],
    ids=str,
)
def test_the_headers_say_what_the_body_is(writer: PlainClient, headers: dict[str, str], status: int) -> None:
    assert writer.call("POST", INGEST, b'{"events": [{"a": 1}]}', **headers).status == status


@pytest.mark.parametrize("path", [f"/{DATABASE}/nowhere", f"/nowhere/{TABLE}", "/v3/nowhere", f"/{DATABASE}"])
def test_a_table_must_be_there(writer: PlainClient, path: str) -> None:
    assert writer.ingest({"a": 1}, path=path).status == 404


def test_what_was_taken_in_each_call_is_written_down(plazma: TreasureDataEmulator, writer: PlainClient) -> None:
    writer.ingest({"a": 1}, {"uuid": "no"})
    assert [each[:5] for each in plazma.deliveries] == [(DATABASE, TABLE, 2, 1, NOON)]


def test_a_row_that_was_read_is_a_copy(plazma: TreasureDataEmulator, writer: PlainClient) -> None:
    writer.ingest({"a": 1, "time": NOON})
    rows(plazma)[0].clear()
    assert rows(plazma) == [{"a": 1, "time": NOON}]
