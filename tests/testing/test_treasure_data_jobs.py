"""Jobs, asked for by the official client."""

import gzip
import threading
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import msgpack
import pytest
from tdclient.client import Client
from tdclient.errors import AlreadyExistsError, APIError, NotFoundError
from tdclient.job_model import Job

from td_line_connectors.testing import TreasureDataEmulator
from tests.testing.maac_client import HandClock
from tests.testing.treasure_data_client import DATABASE, NOON, TABLE, PlainClient, found

EVENT = '{"type":"message","source":{"userId":"U1","n":7,"deep":{}},"ok":true,"none":null,"list":[0.5,{"a":"yes"}]}'


@pytest.fixture
def filled(plazma: TreasureDataEmulator, writer: PlainClient) -> TreasureDataEmulator:
    writer.ingest(
        {"a": 1, "b": "x", "c": 0.5, "event": EVENT, "time": NOON},
        {"a": 2, "b": "文", "c": 2, "time": NOON + 1},
        {"a": (1 << 64) - 1, "flag": True, "list": [1, "二"], "time": NOON + 2},
    )
    return plazma


def done(client: Client, clock: HandClock, sql: str, **settings: Any) -> Job:
    job = client.query(DATABASE, sql, **{"type": "presto", **settings})
    clock.advance(3)
    job.update()
    return job


@pytest.mark.parametrize("engine", ["presto", "trino", "hive"])
def test_a_query_reads_the_tables_that_were_filled(
    filled: TreasureDataEmulator, master: Client, clock: HandClock, engine: str
) -> None:
    job = done(master, clock, "SELECT a, b FROM events WHERE a < 3 ORDER BY a", type=engine)
    assert (job.status(), job.type, found(job)) == ("success", engine, [[1, "x"], [2, "文"]])


@pytest.mark.parametrize(
    ("sql", "rows", "types"),
    [
        ("SELECT a FROM events WHERE a < 3", [[1], [2]], ["bigint"]),
        ("SELECT c FROM events", [[0.5], [2], [None]], ["double"]),
        ("SELECT b FROM events", [["x"], ["文"], [None]], ["varchar"]),
        ("SELECT a FROM events WHERE b IS NULL", [["18446744073709551615"]], ["varchar"]),
        ("SELECT flag, list FROM events WHERE b IS NULL", [["true", '[1,"二"]']], ["varchar", "varchar"]),
        ("SELECT count(*), max(time) FROM line_oa.events", [[3, NOON + 2]], ["bigint", "bigint"]),
        ("SELECT e.a FROM other_db.others AS e", [], ["varchar"]),
        ('WITH t AS (SELECT 1 AS "one") SELECT * FROM t;', [[1]], ["bigint"]),
    ],
)
def test_rows_and_types_are_as_the_values_were(
    filled: TreasureDataEmulator, master: Client, clock: HandClock, sql: str, rows: list[Any], types: list[str]
) -> None:
    filled.add_tables("other_db", "others")
    if "other_db" in sql:
        sql = "SELECT time FROM other_db.others"
    job = done(master, clock, sql)
    assert (found(job), [kind for _, kind in job.result_schema or []]) == (rows, types)


@pytest.mark.parametrize(
    ("path", "scalar"),
    [
        ("$.source.userId", "U1"),
        ("$.source.n", "7"),
        ("$.ok", "true"),
        ("$.none", None),
        ("$.source.deep", None),
        ("$.nowhere.at.all", None),
        ("$.type.deeper", None),
        ("$.list[1].a", "yes"),
        ("$.list[0]", "0.5"),
        ("$.list[9]", None),
    ],
)
def test_json_extract_scalar_is_prestos(
    filled: TreasureDataEmulator, master: Client, clock: HandClock, path: str, scalar: str | None
) -> None:
    job = done(master, clock, "SELECT json_extract_scalar(event, '$') FROM events WHERE a = 1".replace("$", path))
    assert found(job) == [[scalar]]


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("SELECT nowhere FROM events", "no such column: nowhere"),
        ("SELECT 1 FROM nowhere", "no such table: nowhere"),
        ("SELECT 1 FROM others", "no such table: others"),
        ("SELECT", "incomplete input"),
        ("-- nothing", "the query is empty"),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        ("DELETE FROM events", "not authorized"),
        ("DROP TABLE events", "not authorized"),
        ("ATTACH 'x.db' AS x", "not authorized"),
        ("PRAGMA database_list", "not authorized"),
        ("SELECT json_extract_scalar(event, '$..a') FROM events", "raised exception"),
        ("SELECT abs(CASE a WHEN 2 THEN -9223372036854775807 - 1 ELSE a END) FROM events", "integer overflow"),
    ],
)
def test_a_query_that_is_wrong_or_does_more_than_read_fails_with_the_engines_words(
    filled: TreasureDataEmulator, master: Client, clock: HandClock, sql: str, text: str
) -> None:
    filled.add_tables("other_db", "others")
    job = done(master, clock, sql)
    assert (job.status(), job.num_records) == ("error", None)
    assert job.debug is not None
    assert text in job.debug["stderr"]
    with pytest.raises(APIError, match="400"):
        master.job_result(job.id)
    assert len(filled.rows(DATABASE, TABLE)) == 3


def test_a_job_waits_runs_and_ends(filled: TreasureDataEmulator, master: Client, clock: HandClock) -> None:
    job = master.query(DATABASE, "SELECT a FROM events", type="trino", priority="HIGH")
    seen = []
    for _ in range(4):
        job.update()
        seen.append((master.job_status(job.id), job.num_records, job.debug and job.debug["cmdout"]))
        clock.advance(1)
    running = "started at 2023-11-14T22:13:21Z\nexecuting query: SELECT a FROM events\n"
    finished = f"{running}finished at 2023-11-14T22:13:23Z\n"
    assert seen == [
        ("queued", None, None),
        ("running", None, running),
        ("running", None, running),
        ("success", 3, finished),
    ]
    assert (job.priority, job.database) == ("HIGH", DATABASE)
    shown = master.api.show_job(job.id)
    begin = datetime.fromtimestamp(NOON, UTC)
    assert [(shown[key] - begin).total_seconds() for key in ("created_at", "start_at", "end_at")] == [0, 1, 3]


def test_a_job_that_is_not_done_has_no_result(filled: TreasureDataEmulator, master: Client) -> None:
    job = master.query(DATABASE, "SELECT 1", type="presto")
    with pytest.raises(APIError, match="Get job result failed"):
        master.job_result(job.id)
    assert filled.calls[-1].status == 400


def test_a_domain_key_that_comes_again_conflicts_with_the_first_job(
    plazma: TreasureDataEmulator, master: Client
) -> None:
    job = master.query(DATABASE, "SELECT 1", type="presto", domain_key="run-7/members")
    with pytest.raises(AlreadyExistsError, match=f'"details": {{"conflicts_with": "{job.id}"}}'):
        master.query(DATABASE, "SELECT 1", type="presto", domain_key="run-7/members")
    assert [(each.query, each.domain_key) for each in plazma.jobs] == [("SELECT 1", "run-7/members")]


def test_a_conflict_has_the_members_that_the_java_client_reads(plazma: TreasureDataEmulator) -> None:
    with PlainClient(plazma, plazma.api_key) as client:
        first, second = (
            client.call("POST", f"/v3/job/issue/presto/{DATABASE}", b"query=SELECT+1&domain_key=k") for _ in range(2)
        )
    assert first.json == {"job": "1000", "job_id": "1000", "database": DATABASE}
    assert second.status == 409
    assert list(second.json) == ["error", "text", "severity", "details"]
    assert second.json["details"] == {"conflicts_with": "1000"}


def test_a_domain_key_that_comes_again_while_the_first_job_is_made_waits_for_it(plazma: TreasureDataEmulator) -> None:
    statuses, waits = [], []

    def issue() -> None:
        with PlainClient(plazma, plazma.api_key) as client:
            body = b"query=SELECT+slow&domain_key=k"
            statuses.append(client.call("POST", f"/v3/job/issue/hive/{DATABASE}", body).status)

    second = threading.Thread(target=issue)

    def rows() -> list[list[object]]:
        if second.ident is None:
            second.start()
            second.join(timeout=0.3)
            waits.append(second.is_alive())
        return []

    plazma.add_result("SELECT slow", rows, [])
    issue()
    second.join()
    assert (sorted(statuses), waits, len(plazma.jobs)) == ([200, 409], [True], 1)


def test_without_a_domain_key_every_issue_is_a_job(plazma: TreasureDataEmulator, master: Client) -> None:
    jobs = [master.query(DATABASE, "SELECT 1", type="presto") for _ in range(2)]
    assert [job.id for job in jobs] == ["1000", "1001"]
    assert len(plazma.jobs) == 2


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v3/job/issue/impala/line_oa", b"query=SELECT+1", 404),
        ("/v3/job/issue/presto/nowhere", b"query=SELECT+1", 404),
        ("/v3/job/issue/presto/line_oa", b"", 400),
        ("/v3/job/issue/presto/line_oa", b"query=+", 400),
        ("/v3/job/issue/presto/line_oa", b"query=" + b"x" * 1_000_001, 400),
        ("/v3/job/issue/hive/line_oa", b"query=" + b"x" * 1_000_001, 200),
        ("/v3/job/issue/presto/line_oa", b"query=SELECT+1&priority=3", 400),
        ("/v3/job/issue/presto/line_oa", b"nonsense", 400),
        ("/v3/job/issue/presto/line_oa", b"query=%ff", 200),
        ("/v3/job/issue/presto/line_oa", b"query=\xff", 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_job_is_not_issued(plazma: TreasureDataEmulator, path: str, body: bytes, status: int) -> None:
    with PlainClient(plazma, plazma.api_key) as client:
        assert client.call("POST", path, body).status == status
    assert len(plazma.jobs) == (status == 200)


@pytest.mark.parametrize("number", ["1", "0x1", "-1", "1" * 30, "１０００"])
def test_a_job_that_is_not_there_is_not_found(plazma: TreasureDataEmulator, master: Client, number: str) -> None:
    master.query(DATABASE, "SELECT 1", type="presto")
    for ask in (master.job_status, master.job_result, master.kill, master.job):
        with pytest.raises(NotFoundError):
            ask(number)
    assert {call.status for call in plazma.calls[1:]} == {404}


def test_a_job_may_be_killed_until_it_is_done(plazma: TreasureDataEmulator, master: Client, clock: HandClock) -> None:
    job = master.query(DATABASE, "SELECT 1", type="presto")
    clock.advance(1)
    assert (master.kill(job.id), master.job_status(job.id), master.kill(job.id)) == ("running", "killed", "killed")
    clock.advance(9)
    job.update()
    assert job.status() == "killed"
    finished = done(master, clock, "SELECT 1")
    assert (master.kill(finished.id), master.job_status(finished.id)) == ("success", "success")
    assert [each.status(clock()) for each in plazma.jobs] == ["killed", "success"]


def test_jobs_are_listed_newest_first(plazma: TreasureDataEmulator, master: Client, clock: HandClock) -> None:
    for number in range(25):
        done(master, clock, f"SELECT {number}" if number else "SELECT")
    assert [job.id for job in master.jobs(0, 1)] == ["1024", "1023"]
    assert len(master.jobs()) == 20
    assert [job.id for job in master.jobs(status="error")] == ["1000"]
    with PlainClient(plazma, plazma.api_key) as client:
        assert client.call("GET", "/v3/job/list?from=x").status == 400


def test_a_result_comes_in_each_format(filled: TreasureDataEmulator, master: Client, clock: HandClock) -> None:
    job = done(master, clock, "SELECT a, b FROM events WHERE a < 3 ORDER BY a")
    rows = [[1, "x"], [2, "文"]]
    results: list[list[Any]] = [
        master.job_result_format(job.id, "msgpack"),
        list(master.job_result_format_each(job.id, "msgpack", store_tmpfile=True)),
        master.job_result_format(job.id, "json"),
    ]
    assert results == [rows] * 3
    with PlainClient(filled, filled.api_key) as client:
        whole = client.call("GET", f"/v3/job/result/{job.id}?format=msgpack.gz")
        assert client.call("GET", f"/v3/job/result/{job.id}?format=csv").status == 400
    assert list(msgpack.Unpacker(BytesIO(gzip.decompress(whole.body)))) == rows
    assert len(whole.body) == job.result_size


@pytest.mark.parametrize(
    ("wish", "status", "start", "until"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=5-", 206, 5, None),
        ("bytes=3-99999", 206, 3, None),
        ("lines=1-2", 200, 0, None),
        ("bytes=-5", 200, 0, None),
    ],
)
def test_a_part_of_a_result_may_be_asked_for(
    filled: TreasureDataEmulator,
    master: Client,
    clock: HandClock,
    wish: str,
    status: int,
    start: int,
    until: int | None,
) -> None:
    job = done(master, clock, "SELECT * FROM events")
    path = f"/v3/job/result/{job.id}?format=msgpack.gz"
    with PlainClient(filled, filled.api_key) as client:
        whole = client.call("GET", path).body
        part = client.call("GET", path, Range=wish)
        assert client.call("GET", path, Range=f"bytes={len(whole)}-").status == 416
    assert (part.status, part.body) == (status, whole[start:until])


def test_a_result_told_beforehand_is_given_whatever_the_tables_hold(
    plazma: TreasureDataEmulator, master: Client, clock: HandClock
) -> None:
    rows: list[list[object]] = [["U1", None, datetime(2026, 1, 2, tzinfo=UTC)], ["U2", 3.5, None]]
    plazma.add_result("SELECT x\n  FROM anywhere;", rows, [("uid", "varchar"), ("n", "double"), ("at", "timestamp")])
    job = done(master, clock, " SELECT x FROM   anywhere ", domain_key="k")
    assert found(job) == [["U1", None, "2026-01-02 00:00:00+00:00"], ["U2", 3.5, None]]
    assert job.result_schema == [["uid", "varchar"], ["n", "double"], ["at", "timestamp"]]
    assert found(done(master, clock, "SELECT x FROM anywhere")) == found(job)


def test_a_large_result_is_never_held(plazma: TreasureDataEmulator, master: Client, clock: HandClock) -> None:
    text = "x" * 1_000

    def rows() -> Iterator[Sequence[object]]:
        return ([number, f"{number} {text}"] for number in range(30_000))

    plazma.add_result("SELECT many", rows, [("n", "bigint"), ("text", "varchar")])
    tracemalloc.start()
    try:
        job = done(master, clock, "SELECT many")
        count = sum(1 for _ in master.job_result_each(job.id))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (count, job.num_records) == (30_000, 30_000)
    assert peak < 10_000_000


def test_results_lie_in_a_folder_that_goes_with_the_emulator(
    plazma: TreasureDataEmulator, master: Client, clock: HandClock
) -> None:
    done(master, clock, "SELECT 1")
    result = plazma.jobs[0].result
    assert result is not None
    assert result.path.parent.stat().st_mode & 0o777 == 0o700
