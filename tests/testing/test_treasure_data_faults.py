"""Every way to fail, over a real socket."""

from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tdclient.client import Client
from tdclient.errors import APIError, AuthError
from urllib3.exceptions import ProtocolError

from td_line_connectors.testing import FaultKind, FaultPlan, TreasureDataEmulator, TreasureDataFault
from td_line_connectors.testing.emulation.fault_text import parse_fault
from tests.testing.maac_client import Got, HandClock
from tests.testing.treasure_data_client import DATABASE, NOON, TABLE, PlainClient, errors, found, packed

ROW = {"record_uuid": "r1", "time": NOON}


def count(plazma: TreasureDataEmulator) -> int:
    return len(plazma.rows(DATABASE, TABLE))


@pytest.mark.parametrize(
    ("fault", "status", "content_type"),
    [
        (TreasureDataFault(FaultKind.RATE_LIMITED), 429, "application/json"),
        (TreasureDataFault(FaultKind.REFUSED), 401, "application/json"),
        (TreasureDataFault(FaultKind.REFUSED, status=422), 422, "application/json"),
        (TreasureDataFault(FaultKind.SERVER_ERROR, status=503), 503, "text/plain"),
        (TreasureDataFault(FaultKind.HTML), 502, "text/html; charset=utf-8"),
        (TreasureDataFault(FaultKind.GARBAGE), 200, "application/json"),
        (TreasureDataFault(FaultKind.REDIRECT), 302, "application/json"),
    ],
    ids=lambda value: str(value.kind) if isinstance(value, TreasureDataFault) else None,
)
def test_an_answer_may_be_anything_and_nothing_is_taken(
    plazma: TreasureDataEmulator, writer: PlainClient, fault: TreasureDataFault, status: int, content_type: str
) -> None:
    plazma.faults.add(fault)
    got = writer.ingest(ROW)
    assert (got.status, got.headers["content-type"], count(plazma)) == (status, content_type, 0)
    assert plazma.calls[0].fault is fault.kind
    assert writer.ingest(ROW).status == 200


def test_a_rate_limit_says_how_long_to_wait_in_treasure_datas_words(
    plazma: TreasureDataEmulator, writer: PlainClient
) -> None:
    plazma.faults.add(TreasureDataFault(FaultKind.RATE_LIMITED, retry_after=7))
    got = writer.ingest(ROW)
    assert (got.headers["retry-after"], got.json["severity"]) == ("7", "error")


@pytest.mark.parametrize(
    ("kind", "error", "rows"),
    [
        (FaultKind.CUT_BEFORE, RemoteDisconnected, 0),
        (FaultKind.CUT_AFTER, RemoteDisconnected, 1),
        (FaultKind.CUT_MIDWAY, IncompleteRead, 1),
    ],
)
@pytest.mark.parametrize("operation", ["ingest", "import_with_id"])
def test_the_line_may_be_cut_before_after_and_midway(
    plazma: TreasureDataEmulator,
    writer: PlainClient,
    operation: str,
    kind: FaultKind,
    error: type[Exception],
    rows: int,
) -> None:
    plazma.faults.add(TreasureDataFault(kind, operation))
    with pytest.raises(error):
        writer.ingest(ROW) if operation == "ingest" else writer.put(packed(ROW), "part-1")
    assert count(plazma) == rows
    assert [(call.status, call.fault) for call in plazma.calls] == [(None, kind)]


def test_an_import_whose_answer_was_lost_is_repeated_without_harm(
    plazma: TreasureDataEmulator, writer: PlainClient
) -> None:
    plazma.faults.add(TreasureDataFault(FaultKind.CUT_AFTER))
    with pytest.raises(RemoteDisconnected):
        writer.put(packed(ROW), "part-1")
    assert writer.put(packed(ROW), "part-1").status == 200
    assert (plazma.taken(DATABASE, TABLE), plazma.violations) == ({"r1": 1}, [])


def test_a_caller_may_give_up_on_a_slow_answer(plazma: TreasureDataEmulator) -> None:
    plazma.faults.add(TreasureDataFault(FaultKind.SLOW, seconds=3600))
    with PlainClient(plazma, plazma.write_key, timeout=0.05) as hasty, pytest.raises(TimeoutError):
        hasty.ingest(ROW)
    assert count(plazma) == 1


@pytest.mark.parametrize("name", ["InvalidPropertyValueError", "InternalServerError"], ids=["permanent", "transient"])
def test_chosen_records_may_be_refused(plazma: TreasureDataEmulator, writer: PlainClient, name: str) -> None:
    plazma.faults.add(TreasureDataFault(FaultKind.RECORD_ERRORS, records=(0, 2, 9), error=name))
    records = [{"a": number, "time": NOON} for number in range(4)]
    got = writer.ingest(*records)
    assert (got.status, errors(got)) == (206, [name, None, name, None])
    assert [row["a"] for row in plazma.rows(DATABASE, TABLE)] == [1, 3]
    assert errors(writer.ingest(*records)) == [None] * 4


@pytest.mark.parametrize(("off_by", "receipts"), [(-1, 1), (2, 4), (-9, 0)])
def test_receipts_may_be_too_few_or_too_many(
    plazma: TreasureDataEmulator, writer: PlainClient, off_by: int, receipts: int
) -> None:
    plazma.faults.add(TreasureDataFault(FaultKind.WRONG_COUNTS, off_by=off_by))
    got = writer.ingest(ROW, ROW)
    assert (got.status, len(got.json["receipts"]), count(plazma)) == (200, receipts, 2)


def test_a_job_may_be_told_to_fail(plazma: TreasureDataEmulator, master: Client, clock: HandClock) -> None:
    plazma.faults.add(TreasureDataFault(FaultKind.JOB_ERROR, message="out of memory"))
    job = master.query(DATABASE, "SELECT 1", type="presto")
    clock.advance(3)
    job.update()
    assert (job.status(), job.debug and job.debug["stderr"]) == ("error", "Query 1000 failed: out of memory\n")


def test_a_job_may_be_stuck_for_ever_or_for_a_while(
    plazma: TreasureDataEmulator, master: Client, clock: HandClock
) -> None:
    plazma.faults.add(TreasureDataFault(FaultKind.STUCK, seconds=60), TreasureDataFault(FaultKind.STUCK))
    slow, endless = (master.query(DATABASE, "SELECT 1", type="presto") for _ in range(2))
    clock.advance(59)
    assert [master.job_status(job.id) for job in (slow, endless)] == ["running", "running"]
    clock.advance(86_400 * 365)
    assert [master.job_status(job.id) for job in (slow, endless)] == ["success", "running"]
    master.job(endless.id)


def test_a_job_whose_issue_was_not_answered_is_found_by_its_domain_key(
    plazma: TreasureDataEmulator, master: Client
) -> None:
    plazma.faults.add(TreasureDataFault(FaultKind.CUT_AFTER, "job_issue"))
    with pytest.raises(ProtocolError):
        master.query(DATABASE, "SELECT 1", type="presto", domain_key="k")
    with pytest.raises(APIError, match='"conflicts_with": "1000"'):
        master.query(DATABASE, "SELECT 1", type="presto", domain_key="k")
    assert len(plazma.jobs) == 1


@pytest.mark.parametrize("form", ["msgpack", "json"])
def test_a_result_may_be_cut_in_its_middle(
    plazma: TreasureDataEmulator, master: Client, clock: HandClock, form: Literal["msgpack", "json"]
) -> None:
    rows: list[list[object]] = [[number, "x" * 100] for number in range(5_000)]
    plazma.add_result("SELECT many", rows, [("n", "bigint"), ("text", "varchar")])
    job = master.query(DATABASE, "SELECT many", type="presto")
    clock.advance(3)
    plazma.faults.add(TreasureDataFault(FaultKind.CUT_MIDWAY, "job_result"))
    with pytest.raises(ProtocolError, match="IncompleteRead"):
        list(master.job_result_format_each(job.id, form))
    assert found(job) == rows


def test_a_call_that_the_official_client_makes_may_be_refused(plazma: TreasureDataEmulator, master: Client) -> None:
    plazma.faults.add(TreasureDataFault(FaultKind.REFUSED, "database_list"))
    with pytest.raises(AuthError):
        master.databases()
    assert len(master.databases()) == 1


def test_a_fault_befalls_its_own_operation_only(plazma: TreasureDataEmulator, writer: PlainClient) -> None:
    plazma.faults.add(TreasureDataFault(FaultKind.SERVER_ERROR, "import"), TreasureDataFault(FaultKind.JOB_ERROR))
    assert [writer.ingest(ROW).status, writer.put(packed(ROW)).status, writer.put(packed(ROW)).status] == [
        200,
        500,
        200,
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("cut_after:import_with_id", TreasureDataFault(FaultKind.CUT_AFTER, "import_with_id")),
        (
            "rate_limited:ingest:times=2:retry_after=1",
            TreasureDataFault(FaultKind.RATE_LIMITED, "ingest", 2, retry_after=1),
        ),
        ("refused:times=all:status=403", TreasureDataFault(FaultKind.REFUSED, times=None, status=403)),
        (
            "record_errors:ingest:records=0,3:error=InvalidPropertyNameError",
            TreasureDataFault(FaultKind.RECORD_ERRORS, records=(0, 3), error="InvalidPropertyNameError", on="ingest"),
        ),
        ("wrong_counts:off_by=2", TreasureDataFault(FaultKind.WRONG_COUNTS, off_by=2)),
        ("job_error:message=no space", TreasureDataFault(FaultKind.JOB_ERROR, message="no space")),
        ("stuck:job_issue:seconds=5", TreasureDataFault(FaultKind.STUCK, "job_issue", seconds=5)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_is_read_from_text(text: str, fault: TreasureDataFault) -> None:
    assert parse_fault(text, TreasureDataFault) == fault


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("explode", "'explode' is not a kind of fault; known: rate_limited, .*, job_error"),
        ("slow:member_import", "'member_import' is not an operation; known: ingest, import"),
        ("slow:colour=red", "'colour' is nothing a fault has; it has times, .*, records"),
        ("record_errors:records=first", "records: 'first' cannot be read"),
        ("record_errors:import", "record_errors is a fault of ingest"),
        ("stuck:ingest", "stuck is a fault of job_issue"),
        ("refused:acts=true", "refused never takes effect"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_what_could(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_fault(text, TreasureDataFault)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), rate=st.sampled_from([0.2, 0.5, 0.9]))
def test_a_caller_who_repeats_imports_gets_each_there_once_whatever_fails(seed: int, rate: float) -> None:
    with TreasureDataEmulator(faults=FaultPlan.random(seed, rate)) as emulator:
        emulator.add_tables(DATABASE, TABLE)
        with PlainClient(emulator, emulator.write_key) as client:
            for part in range(4):
                records = [{"record_uuid": f"{part}-{number}", "time": NOON} for number in range(3)]
                _repeat(client, packed(*records), f"part-{part}")
        uuids = [row["record_uuid"] for row in emulator.rows(DATABASE, TABLE)]
        assert (uuids, emulator.violations) == ([f"{part}-{number}" for part in range(4) for number in range(3)], [])


def _repeat(client: PlainClient, body: bytes, unique_id: str) -> Got:
    while True:
        try:
            got = client.put(body, unique_id)
            if got.status == 200 and got.json["unique_id"] == unique_id:
                return got
        except (HTTPException, ValueError, OSError):
            client.connection.close()
