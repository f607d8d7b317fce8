"""What goes on the line to Treasure Data, and what its answers mean."""

import gzip
import json
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import msgpack
import pytest
from tdclient.client import Client

from td_line_connectors.errors import ConfigError, RefusedError, TransientError
from td_line_connectors.secret import Secret
from td_line_connectors.testing import StillClock
from td_line_connectors.transport.retry import RetryPolicy
from td_line_connectors.treasure_data.account import ACCOUNT
from td_line_connectors.treasure_data.records import RecordFault, as_json, column_names
from td_line_connectors.treasure_data.writing import Writer, table_writer
from tests.transport.far_side import FarSide, Received, Serve, answer

KEY = "1/0123456789abcdef"
ROW: dict[str, object] = {"record_uuid": "r1", "event_timestamp": 1_795_262_400_000, "event_type": "訊息", "time": 17}
JSON = "Content-Type: application/json"


def receipts(*names: str | None) -> bytes:
    """Give the body of an answer: a receipt for each name, which is an error's, or None."""
    made: list[dict[str, Any]] = [
        {"success": name is None} | ({"error": {"name": name, "description": "no"}} if name else {}) for name in names
    ]
    return json.dumps({"receipts": made}).encode()


def writing(far_side: FarSide, writer: str, clock: StillClock, attempts: int = 1) -> Writer:
    settings = {"td_api_key": Secret(KEY), "ingest_endpoint": far_side.url, "import_endpoint": far_side.url}
    retry = RetryPolicy(attempts=attempts)
    return table_writer(ACCOUNT.parse(settings), writer, ("line", "events"), retry=retry, runtime=clock.runtime())


@pytest.fixture
def still() -> StillClock:
    return StillClock()


def sent(serve: Serve, writer: str, *records: Mapping[str, object]) -> Received:
    """Give the request that hands these rows over."""
    far_side = serve(answer("200 OK", receipts(*[None] * len(records)), JSON))
    with closing(writing(far_side, writer, StillClock())) as made:
        assert list(made.send("some-id", [made.encode(each) for each in records])) == [None] * len(records)
    [request] = far_side.requests
    return request


def test_ingestion_sends_a_batch_as_the_api_reads_it(serve: Serve) -> None:
    request = sent(serve, "ingest", ROW, {**ROW, "time": 18})
    assert request.line == "POST /line/events HTTP/1.1"
    kept = {name: request.headers[name] for name in ("authorization", "content-type", "accept", "content-encoding")}
    media_type = "application/vnd.treasuredata.v1+json"
    assert kept == {
        "authorization": f"TD1 {KEY}",
        "content-type": media_type,
        "accept": media_type,
        "content-encoding": "gzip",
    }
    assert json.loads(gzip.decompress(request.body)) == {"events": [ROW, {**ROW, "time": 18}]}


def test_an_import_is_the_request_that_the_official_client_makes(serve: Serve) -> None:
    ours = sent(serve, "import", ROW, {**ROW, "time": 18})
    far_side = serve(answer("200 OK", b'{"elapsed_time": 0.1}', JSON))
    body = gzip.compress(msgpack.packb(ROW) + msgpack.packb({**ROW, "time": 18}))
    with Client(apikey=KEY, endpoint=far_side.url) as client:
        client.import_data("line", "events", "msgpack.gz", body, len(body), unique_id="some-id")
    [theirs] = far_side.requests
    # The official client begins the path twice where its endpoint has none.
    assert (
        ours.line
        == theirs.line.replace("//", "/", 1)
        == "PUT /v3/table/import_with_id/line/events/some-id/msgpack.gz HTTP/1.1"
    )
    for name in ("authorization", "content-type"):
        assert ours.headers[name] == theirs.headers[name]
    assert int(ours.headers["content-length"]) == len(ours.body)
    assert gzip.decompress(ours.body) == gzip.decompress(theirs.body)


def test_the_same_rows_make_the_same_bytes(serve: Serve) -> None:
    for writer in ("ingest", "import"):
        assert sent(serve, writer, ROW).body == sent(serve, writer, ROW).body


@pytest.mark.parametrize(
    ("value", "shown"),
    [(2**63 - 1, b"9223372036854775807"), (0.5, b"0.5"), ('a"\n', b'"a\\"\\n"'), ("字", '"字"'.encode())],
    ids=str,
)
def test_a_value_is_written_as_what_it_is(value: object, shown: bytes) -> None:
    assert as_json({"a": value}) == b'{"a":' + shown + b"}"


@pytest.mark.parametrize(
    ("value", "text"), [(float("inf"), "inf"), (float("nan"), "nan"), (b"\xffx", "\\xffx")], ids=["inf", "nan", "bytes"]
)
def test_a_value_that_json_does_not_know_becomes_text(value: object, text: str) -> None:
    assert json.loads(as_json({"a": value, "b": 1})) == {"a": text, "b": 1}


def test_no_column_is_called_as_the_pipelines_own() -> None:
    assert column_names(["uuid", "event_uuid", "record_uuid"]) == ("uuid_", "event_uuid", "record_uuid")


def test_each_receipt_speaks_for_its_record(serve: Serve, still: StillClock) -> None:
    far_side = serve(answer("206 Partial", receipts(None, "InvalidPropertyNameError", None), JSON))
    with closing(writing(far_side, "ingest", still)) as writer:
        faults = writer.send("", [b'{"a":1}', b'{"a":2}', b'{"a":3}'])
    assert faults == [None, RecordFault("InvalidPropertyNameError", "no"), None]


def test_only_records_that_were_not_taken_are_sent_again(serve: Serve, still: StillClock) -> None:
    far_side = serve(
        answer("206 Partial", receipts("Busy", None, "Busy"), JSON), answer("200 OK", receipts(None, None), JSON)
    )
    with closing(writing(far_side, "ingest", still, attempts=3)) as writer:
        assert list(writer.send("", [b'{"a":1}', b'{"a":2}', b'{"a":3}'])) == [None, None, None]
    assert [json.loads(gzip.decompress(each.body))["events"] for each in far_side.requests] == [
        [{"a": 1}, {"a": 2}, {"a": 3}],
        [{"a": 1}, {"a": 3}],
    ]


@pytest.mark.parametrize("body", [b"{}", receipts(None), b'{"receipts": 7}', b'{"receipts": [{}, {}]}'])
def test_200_means_that_all_were_taken_even_without_receipts_to_read(
    serve: Serve, still: StillClock, body: bytes
) -> None:
    far_side = serve(answer("200 OK", body, JSON))
    with closing(writing(far_side, "ingest", still)) as writer:
        assert list(writer.send("", [b"{}", b"{}"])) == [None, None]


@pytest.mark.parametrize(
    ("status", "body"),
    [("206 Partial", b"{}"), ("206 Partial", receipts(None)), ("200 OK", b"<html>"), ("204 No", b""), ("503 No", b"")],
)
def test_an_answer_that_cannot_be_read_is_asked_for_again(
    serve: Serve, still: StillClock, status: str, body: bytes
) -> None:
    far_side = serve(answer(status, body, JSON), answer("200 OK", receipts(None, None), JSON))
    with closing(writing(far_side, "ingest", still, attempts=2)) as writer:
        assert list(writer.send("", [b"{}", b"{}"])) == [None, None]
    assert len(far_side.requests) == 2


@pytest.mark.parametrize("writer", ["ingest", "import"])
@pytest.mark.parametrize(
    ("status", "advice"),
    [("401 No", "check td_api_key"), ("403 No", "may it write"), ("404 No", "no such database or table")],
)
def test_a_refusal_says_what_to_mend_and_shows_no_key(
    serve: Serve, still: StillClock, writer: str, status: str, advice: str
) -> None:
    far_side = serve(answer(status, f'{{"error": "{KEY}"}}'.encode(), JSON))
    with closing(writing(far_side, writer, still)) as made, pytest.raises(RefusedError, match=advice) as caught:
        made.send("some-id", [made.encode(ROW)])
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("writer", ["ingest", "import"])
def test_a_key_that_no_header_carries_is_a_configuration_error(serve: Serve, still: StillClock, writer: str) -> None:
    settings = {"td_api_key": Secret("a key"), f"{writer}_endpoint": serve().url}
    made = table_writer(
        ACCOUNT.parse(settings), writer, ("line", "events"), retry=RetryPolicy(), runtime=still.runtime()
    )
    with closing(made), pytest.raises(ConfigError):
        made.send("some-id", [made.encode(ROW)])


def test_a_far_side_that_is_not_there_is_unreachable(still: StillClock) -> None:
    with closing(writing(FarSide([], url="http://127.0.0.1:1"), "import", still)) as writer:
        with pytest.raises(TransientError, match="no connection could be made"):
            writer.send("some-id", [writer.encode(ROW)])
        assert still.slept == []
