"""Every way to fail, over a real socket."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from itertools import chain
from json import JSONDecodeError
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from td_line_connectors.testing import Fault, FaultKind, FaultPlan, MaacEmulator, Operation, parse_fault
from tests.testing.maac_client import CUSTOM_SEGMENT, SEGMENT, Got, HandClock, MaacClient, uid, uid_csv

ROW = {"line_uid": uid(1)}


@pytest.fixture
def client(quick: MaacEmulator) -> Iterator[MaacClient]:
    with MaacClient(quick) as client:
        yield client


def test_a_call_may_be_rate_limited_without_doing_anything(quick: MaacEmulator, client: MaacClient) -> None:
    quick.faults.add(Fault(FaultKind.RATE_LIMITED, on=Operation.MEMBER_IMPORT))
    got = client.start([ROW])
    assert (got.status, "retry-after" in got.headers, list(got.json)) == (429, False, ["detail"])
    assert quick.account().imports == []
    assert quick.violations == []
    assert client.start([ROW]).status == 200


@pytest.mark.parametrize(
    ("retry_after", "header"), [(2, "2"), (0.5, "0.5"), ("soon", "soon"), ("", "")], ids=["2", "0.5", "text", "empty"]
)
def test_retry_after_is_sent_as_asked(
    quick: MaacEmulator, client: MaacClient, retry_after: float | str, header: str
) -> None:
    quick.faults.add(Fault(FaultKind.RATE_LIMITED, retry_after=retry_after))
    assert client.get(SEGMENT).headers["retry-after"] == header


def test_retry_after_may_be_a_date(still: MaacEmulator, caller: MaacClient, clock: HandClock) -> None:
    still.faults.add(Fault(FaultKind.RATE_LIMITED, retry_after="date+90"))
    wished = parsedate_to_datetime(caller.get(SEGMENT).headers["retry-after"])
    assert wished == datetime.fromtimestamp(clock.at + 90, UTC)


@pytest.mark.parametrize(
    ("fault", "status", "content_type"),
    [
        (Fault(FaultKind.SERVER_ERROR), 500, "text/plain"),
        (Fault(FaultKind.SERVER_ERROR, status=503), 503, "text/plain"),
        (Fault(FaultKind.SERVER_ERROR, status=599), 599, "text/plain"),
        (Fault(FaultKind.HTML), 502, "text/html; charset=utf-8"),
        (Fault(FaultKind.HTML, status=200), 200, "text/html; charset=utf-8"),
        (Fault(FaultKind.GARBAGE), 200, "application/json"),
        (Fault(FaultKind.REDIRECT), 302, "application/json"),
        (Fault(FaultKind.REDIRECT, status=307), 307, "application/json"),
    ],
    ids=lambda value: f"{value.kind} {value.status}" if isinstance(value, Fault) else None,
)
@pytest.mark.parametrize("acts", [False, True], ids=["idle", "acting"])
def test_an_answer_may_be_anything_whether_or_not_the_call_took_effect(
    quick: MaacEmulator, client: MaacClient, fault: Fault, status: int, content_type: str, *, acts: bool
) -> None:
    quick.faults.add(Fault(fault.kind, Operation.MEMBER_IMPORT, status=fault.status, acts=acts))
    got = client.start([ROW])
    assert (got.status, got.headers["content-type"]) == (status, content_type)
    with pytest.raises((JSONDecodeError, UnicodeDecodeError)):
        _ = got.json
    assert len(quick.account().members) == acts


def test_a_redirect_leads_to_nothing_and_following_it_shows(quick: MaacEmulator, client: MaacClient) -> None:
    quick.faults.add(Fault(FaultKind.REDIRECT))
    assert client.get(client.get(SEGMENT).headers["location"]).status == 404
    assert [(call.path, call.operation) for call in quick.calls] == [(SEGMENT, "segment_list"), ("/elsewhere/", None)]


@pytest.mark.parametrize(
    ("kind", "error", "members"),
    [
        (FaultKind.CUT_BEFORE, RemoteDisconnected, 0),
        (FaultKind.CUT_AFTER, RemoteDisconnected, 1),
        (FaultKind.CUT_MIDWAY, IncompleteRead, 1),
    ],
)
def test_the_line_may_be_cut_before_after_and_midway(
    quick: MaacEmulator, client: MaacClient, kind: FaultKind, error: type[Exception], members: int
) -> None:
    quick.faults.add(Fault(kind, Operation.MEMBER_IMPORT))
    with pytest.raises(error):
        client.start([ROW])
    assert len(quick.account().members) == members
    assert [(call.status, call.fault) for call in quick.calls] == [(None, kind)]
    assert client.start([ROW]).status == 200


def test_a_segment_made_by_a_call_that_was_cut_is_there(quick: MaacEmulator, client: MaacClient) -> None:
    quick.faults.add(Fault(FaultKind.CUT_AFTER, Operation.SEGMENT_CREATE))
    with pytest.raises(RemoteDisconnected):
        client.upload("POST", CUSTOM_SEGMENT, uid_csv([1]), name="a")
    assert [segment["name"] for segment in client.get(SEGMENT).json["results"]] == ["a"]


def test_a_slow_answer_comes_whole(quick: MaacEmulator, client: MaacClient) -> None:
    quick.faults.add(Fault(FaultKind.SLOW, seconds=0.01))
    assert client.start([ROW]).status == 200
    assert [call.fault for call in quick.calls] == [FaultKind.SLOW]


def test_a_slow_import_once_answered_is_one_its_caller_knows(still: MaacEmulator, caller: MaacClient) -> None:
    still.faults.add(Fault(FaultKind.SLOW, seconds=0.01))
    caller.start([ROW])
    assert caller.start([ROW]).status == 429
    assert [found.rule for found in still.violations] == ["in_flight"]


def test_a_caller_may_give_up_on_a_slow_answer_and_the_emulator_stops_all_the_same() -> None:
    before = set(threading.enumerate())
    with (
        MaacEmulator(faults=[Fault(FaultKind.SLOW, seconds=3600)]) as maac,
        MaacClient(maac, timeout=0.05) as hasty,
        pytest.raises(TimeoutError),
    ):
        hasty.start([ROW])
    assert set(threading.enumerate()) <= before
    assert [(task.rows, task.announced) for task in maac.account().imports] == [(1, False)]


@pytest.mark.parametrize("kind", [FaultKind.CUT_AFTER, FaultKind.CUT_MIDWAY, FaultKind.GARBAGE, FaultKind.SLOW])
def test_an_import_whose_answer_was_lost_is_not_held_against_its_caller(
    still: MaacEmulator, clock: HandClock, kind: FaultKind
) -> None:
    slow = kind is FaultKind.SLOW
    still.faults.add(Fault(kind, acts=kind is FaultKind.GARBAGE, seconds=3600 if slow else None))
    with MaacClient(still, timeout=0.05 if slow else 10) as client:
        try:
            client.start([ROW])
        except (HTTPException, TimeoutError):
            client.connection.close()
        assert client.start([ROW]).status == 429
        clock.advance(2)
        assert client.start([ROW]).status == 200
    assert (still.violations, still.imports_in_flight_max) == ([], 1)


@pytest.mark.parametrize(("off_by", "created"), [(-1, 1), (3, 5), (-9, 0)])
def test_counts_may_not_add_up(quick: MaacEmulator, client: MaacClient, off_by: int, created: int) -> None:
    quick.faults.add(Fault(FaultKind.WRONG_COUNTS, off_by=off_by))
    result = client.result(ROW, {"line_uid": uid(2)})
    assert (result["total_num"], result["created_num"]) == (2, created)
    assert client.result(ROW)["updated_num"] == 1


def test_a_stuck_import_is_never_done_and_lets_no_other_start(
    still: MaacEmulator, caller: MaacClient, clock: HandClock
) -> None:
    still.faults.add(Fault(FaultKind.STUCK))
    number = caller.start([ROW]).json["id"]
    clock.advance(86_400 * 365)
    assert caller.task(number)["status"] == "pending"
    assert caller.start([ROW]).status == 429


def test_a_stuck_import_may_come_free(still: MaacEmulator, caller: MaacClient, clock: HandClock) -> None:
    still.faults.add(Fault(FaultKind.STUCK, seconds=3600))
    number = caller.start([ROW]).json["id"]
    clock.advance(3599)
    assert caller.task(number)["status"] == "processing"
    clock.advance(1)
    assert caller.task(number)["status"] == "done"


def test_a_fault_befalls_its_own_operation_only(quick: MaacEmulator, client: MaacClient) -> None:
    quick.faults.add(Fault(FaultKind.SERVER_ERROR, "member_task"))
    number = client.start([ROW]).json["id"]
    assert client.get(SEGMENT).status == 200
    assert client.get(f"/openapi/v1/member/import/{number}/").status == 500
    assert client.get(f"/openapi/v1/member/import/{number}/").status == 200


def _kinds(plan: FaultPlan, calls: int, operation: Operation = Operation.SEGMENT_LIST) -> list[str]:
    taken = [plan.take(operation) for _ in range(calls)]
    return [fault.kind if fault else "-" for fault in taken]


def test_a_fault_waits_for_after_and_ends_with_times() -> None:
    assert _kinds(FaultPlan([Fault(FaultKind.SLOW, after=1, times=2)]), 4) == ["-", "slow", "slow", "-"]


def test_a_fault_may_befall_every_call() -> None:
    assert _kinds(FaultPlan([Fault(FaultKind.SLOW, times=None, after=1)]), 9) == ["-", *["slow"] * 8]


def test_the_lines_of_a_script_follow_each_other() -> None:
    script = [Fault(FaultKind.HTML, times=2), Fault(FaultKind.SLOW), Fault(FaultKind.GARBAGE, after=1)]
    assert _kinds(FaultPlan(script), 6) == ["html", "html", "slow", "-", "garbage", "-"]


def test_import_faults_befall_imports_only() -> None:
    plan = FaultPlan([Fault(FaultKind.STUCK)])
    assert _kinds(plan, 1) == ["-"]
    assert _kinds(plan, 1, Operation.MEMBER_IMPORT) == ["stuck"]


def test_a_random_plan_repeats_itself_and_differs_by_seed() -> None:
    first, again, other = (_kinds(FaultPlan.random(seed, 0.5), 200) for seed in (7, 7, 8))
    assert first == again != other


def test_a_random_plans_rate_is_a_probability() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        FaultPlan.random(1, 1.5)


def test_a_random_plan_leaves_a_call_alone_after_three_faults() -> None:
    assert _kinds(FaultPlan.random(1, 1.0, kinds=[FaultKind.HTML]), 8) == [*["html"] * 3, "-", *["html"] * 3, "-"]
    assert _kinds(FaultPlan.random(1, 0.0), 50) == ["-"] * 50


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("cut_after", Fault(FaultKind.CUT_AFTER)),
        ("slow:segment_list:seconds=0.5", Fault(FaultKind.SLOW, "segment_list", seconds=0.5)),
        (
            "rate_limited:member_import:times=2:retry_after=1",
            Fault(FaultKind.RATE_LIMITED, "member_import", times=2, retry_after=1),
        ),
        ("rate_limited:retry_after=date+5", Fault(FaultKind.RATE_LIMITED, retry_after="date+5")),
        (
            "server_error:any:times=all:after=3:status=503:acts=true",
            Fault(FaultKind.SERVER_ERROR, times=None, after=3, status=503, acts=True),
        ),
        ("wrong_counts:off_by=-2", Fault(FaultKind.WRONG_COUNTS, off_by=-2)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_is_read_from_text(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not a kind of fault; known: rate_limited"),
        ("explode", "'explode' is not a kind of fault"),
        ("slow:member_imports", "'member_imports' is not an operation; known: member_import"),
        ("slow:colour=red", "'colour' is nothing a fault has; it has times"),
        ("slow:times=two", "times: 'two' cannot be read"),
        ("slow:times=0", "times must be 1 or more"),
        ("html:acts=yes", "acts: 'yes' cannot be read"),
        ("cut_before:acts=true", "cut_before never takes effect"),
        ("stuck:segment_list", "stuck is a fault of member_import"),
        ("rate_limited:retry_after=date+soon", "retry_after: date\\+N with N in seconds"),
        ("redirect:status=99", "status: 100 to 599"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_what_could(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_fault(text)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), rate=st.sampled_from([0.2, 0.5, 0.9]))
def test_a_caller_who_repeats_imports_gets_them_all_there_whatever_fails(seed: int, rate: float) -> None:
    plan = FaultPlan.random(seed, rate)
    rows = [[{"line_uid": uid(10 * part + number), "tags": ["a"]} for number in range(3)] for part in range(4)]
    with MaacEmulator(faults=plan, task_seconds=0, time_scale=60_000) as maac, MaacClient(maac) as client:
        for part in rows:
            _repeat(client, part)
        assert [member["line_uid"] for member in maac.account().members] == [row["line_uid"] for row in chain(*rows)]
        assert all(member["tags"] == ["a", "t"] for member in maac.account().members)


def _repeat(client: MaacClient, part: list[dict[str, Any]]) -> Got:
    while True:
        try:
            got = client.start(part, tags=["t"])
            if got.status == 200 and "id" in got.json:
                return got
        except (HTTPException, ValueError):
            client.connection.close()
