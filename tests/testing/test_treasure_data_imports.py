"""The Import API: the official client's requests, and what is wrong with others."""

import gzip
import json
import threading
from io import BytesIO
from typing import Any

import msgpack
import pytest
from tdclient.client import Client
from tdclient.errors import APIError, NotFoundError

from td_line_connectors.testing import TreasureDataEmulator
from tests.testing.treasure_data_client import DATABASE, NOON, TABLE, PlainClient, import_path, official, packed

ROW: dict[Any, Any] = {"record_uuid": "r1", "a": 1, "time": NOON}


def test_the_official_client_imports_a_file(plazma: TreasureDataEmulator, master: Client) -> None:
    file = BytesIO(b"\n".join(json.dumps({**ROW, "a": text}).encode() for text in ("x", "文")))
    seconds = master.import_file(DATABASE, TABLE, "json", file, unique_id="part-1")
    assert seconds > 0
    assert [row["a"] for row in plazma.rows(DATABASE, TABLE)] == ["x", "文"]
    assert [call.path for call in plazma.calls] == [import_path("part-1")]


def test_a_write_only_key_is_enough(plazma: TreasureDataEmulator) -> None:
    with official(plazma, plazma.write_key) as client:
        client.import_data(DATABASE, TABLE, "msgpack.gz", body := packed(ROW), len(body))
    assert plazma.rows(DATABASE, TABLE) == [ROW]


def test_a_unique_id_that_comes_again_stores_nothing_again(plazma: TreasureDataEmulator, writer: PlainClient) -> None:
    statuses = [writer.put(packed(ROW), "part-1").status for _ in range(3)]
    assert (statuses, plazma.rows(DATABASE, TABLE)) == ([200, 200, 200], [ROW])
    assert [(each.unique_id, each.sent, each.taken) for each in plazma.deliveries] == [
        ("part-1", 1, 1),
        ("part-1", 1, 0),
        ("part-1", 1, 0),
    ]
    assert plazma.violations == []


def test_without_a_unique_id_every_file_is_stored(plazma: TreasureDataEmulator, writer: PlainClient) -> None:
    assert [writer.put(packed(ROW)).status for _ in range(2)] == [200, 200]
    assert plazma.taken(DATABASE, TABLE) == {"r1": 2}


def test_the_same_records_compressed_in_another_way_are_the_same(
    plazma: TreasureDataEmulator, writer: PlainClient
) -> None:
    for level in (1, 9):
        writer.put(gzip.compress(msgpack.packb(ROW), level, mtime=level), "part-1")
    assert (plazma.rows(DATABASE, TABLE), plazma.violations) == ([ROW], [])


@pytest.mark.parametrize(("table", "records"), [(TABLE, [{**ROW, "a": 2}]), ("other", [ROW])], ids=["content", "table"])
def test_a_unique_id_used_for_something_else_loses_its_rows_and_is_told(
    plazma: TreasureDataEmulator, writer: PlainClient, table: str, records: list[dict[str, Any]]
) -> None:
    plazma.add_tables(DATABASE, "other")
    writer.put(packed(ROW), "part-1")
    assert writer.put(packed(*records), "part-1", table).status == 200
    assert (plazma.rows(DATABASE, TABLE), plazma.rows(DATABASE, "other")) == ([ROW], [])
    assert [found.rule for found in plazma.violations] == ["unique_id"]


def test_files_with_one_id_that_come_together_are_stored_once(plazma: TreasureDataEmulator) -> None:
    def send() -> None:
        with PlainClient(plazma, plazma.write_key) as client:
            client.put(body, "part-1")

    body = packed(*[ROW] * 20_000)  # enough for another thread to have its turn while one of them is stored
    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert plazma.taken(DATABASE, TABLE) == {"r1": 20_000}
    assert len(plazma.deliveries) == 4


@pytest.mark.parametrize(
    "record",
    [
        {"a": 1},
        {**ROW, "time": str(NOON)},
        {**ROW, "time": NOON * 1000},
        {**ROW, "Upper": 1},
        ROW | {7: 1},
        {**ROW, "a": b"\x00"},
        {"time": NOON, **{f"c{number}": 1 for number in range(512)}},
    ],
    ids=lambda record: str(record)[:50],
)
def test_a_file_with_a_wrong_record_is_refused_whole_and_its_id_stays_free(
    plazma: TreasureDataEmulator, writer: PlainClient, record: dict[Any, Any]
) -> None:
    assert writer.put(packed(ROW, record), "part-1").status == 400
    assert plazma.rows(DATABASE, TABLE) == []
    assert writer.put(packed(ROW), "part-1").status == 200
    assert plazma.rows(DATABASE, TABLE) == [ROW]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not gzip",
        packed(ROW)[:-4],
        gzip.compress(b""),
        gzip.compress(msgpack.packb([1, 2])),
        gzip.compress(msgpack.packb(ROW) + msgpack.packb(ROW)[:-1]),
        gzip.compress(b"\xc1"),
        gzip.compress(msgpack.packb(ROW) + b"\xa2\xff\xff"),
    ],
    ids=["empty", "plain", "cut", "nothing", "no map", "a map and a half", "no msgpack", "text beside maps"],
)
def test_a_body_that_is_no_file_of_maps_is_refused(
    plazma: TreasureDataEmulator, writer: PlainClient, body: bytes
) -> None:
    assert writer.put(body, "part-1").status == 400
    assert plazma.rows(DATABASE, TABLE) == []


def test_text_that_is_no_unicode_is_refused(writer: PlainClient) -> None:
    record = b"\x82\xa4time\xce\x65\x53\xf1\x00\xa1a\xa1\xff"
    assert writer.put(gzip.compress(record)).status == 400


def test_the_official_client_sees_the_refusals(plazma: TreasureDataEmulator, master: Client) -> None:
    body = packed({"a": 1})
    with pytest.raises(NotFoundError, match="the table"):
        master.import_data(DATABASE, "nowhere", "msgpack.gz", body, len(body))
    with pytest.raises(APIError, match="record 0: time: must be integer unix seconds"):
        master.import_data(DATABASE, TABLE, "msgpack.gz", body, len(body))
