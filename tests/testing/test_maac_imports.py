"""When an import may start, and what its task tells."""

import json
from threading import Barrier, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from td_line_connectors.testing import MaacEmulator
from td_line_connectors.testing.maac.tasks import ImportBusyError, ImportDesk
from tests.testing.maac_client import IMPORT, HandClock, MaacClient, uid

ROW = {"line_uid": uid(1)}


def test_a_post_answers_with_the_number_of_a_task(caller: MaacClient) -> None:
    got = caller.start([ROW])
    assert (got.status, got.headers["content-type"]) == (200, "application/json")
    assert got.json["result"] == "start importing"
    assert isinstance(got.json["id"], int)


def test_a_task_is_pending_then_processing_then_done(caller: MaacClient, clock: HandClock) -> None:
    number = caller.start([ROW], tags=["t"]).json["id"]
    assert caller.task(number) == {
        "category": "import_member",
        "status": "pending",
        "created_at": "2023-11-15T06:13:20.000000+08:00",
        "updated_at": "2023-11-15T06:13:20.000000+08:00",
    }
    clock.advance(1)
    assert caller.task(number)["status"] == "processing"
    assert "result" not in caller.task(number)
    clock.advance(1)
    done = caller.task(number)
    assert (done["status"], done["updated_at"]) == ("done", "2023-11-15T06:13:22.000000+08:00")
    link = done["result"].pop("mismatch_export_link")
    assert link.endswith(f"{IMPORT}{number}/mismatch/")
    assert done["result"] == {
        "success": True,
        "tags": ["t"],
        "total_num": 1,
        "created_num": 1,
        "updated_num": 0,
        "mismatch_num": 0,
        "start_time": "2023-11-15T06:13:20.000000+08:00",
        "end_time": "2023-11-15T06:13:22.000000+08:00",
    }


def test_a_second_import_is_refused_until_the_first_is_done(
    still: MaacEmulator, caller: MaacClient, clock: HandClock
) -> None:
    caller.start([ROW])
    assert caller.start([ROW]).status == 429
    clock.advance(2)
    assert caller.start([ROW]).status == 200
    assert [found.rule for found in still.violations] == ["in_flight"]
    assert still.imports_in_flight_max == 2


def test_a_caller_who_waits_has_one_import_in_flight(still: MaacEmulator, caller: MaacClient, clock: HandClock) -> None:
    for _ in range(3):
        caller.start([ROW])
        clock.advance(2)
    assert (still.violations, still.imports_in_flight_max) == ([], 1)


def test_two_imports_at_the_same_moment_are_seen_as_two(quick: MaacEmulator) -> None:
    together = Barrier(2)
    big = [{"line_uid": uid(number)} for number in range(5_000)]
    statuses: list[int] = []

    def post() -> None:
        with MaacClient(quick) as client:
            together.wait()
            statuses.append(client.start(big).status)

    threads = [Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert quick.imports_in_flight_max == 1 + statuses.count(429)
    assert len(quick.violations) == statuses.count(429)


def test_the_sixteenth_import_within_a_minute_is_refused(
    still: MaacEmulator, caller: MaacClient, clock: HandClock
) -> None:
    for _ in range(15):
        assert caller.start([ROW]).status == 200
        clock.advance(2)
    assert caller.start([ROW]).status == 429
    clock.advance(29)
    assert caller.start([ROW]).status == 429
    clock.advance(1)
    assert caller.start([ROW]).status == 200
    assert caller.start([ROW]).status == 429
    assert [found.rule for found in still.violations] == ["quota", "quota", "in_flight"]


def test_the_minute_slides(caller: MaacClient, clock: HandClock) -> None:
    begin = clock.at
    for second in [*range(0, 28, 2), 55, *range(60, 88, 2)]:
        clock.at = begin + second
        assert caller.start([ROW]).status == 200
    clock.at = begin + 88
    assert caller.start([ROW]).status == 429  # a minute on the wall has seen 14
    clock.at = begin + 115
    assert caller.start([ROW]).status == 200


def test_an_unreadable_import_counts_against_the_quota(caller: MaacClient) -> None:
    for _ in range(15):
        assert caller.start([]).status == 400
    assert caller.start([ROW]).status == 429


def test_time_scale_makes_the_minute_and_the_imports_shorter(clock: HandClock) -> None:
    with MaacEmulator(now=clock, time_scale=60, task_seconds=6) as maac, MaacClient(maac) as client:
        for _ in range(9):
            assert client.start([ROW]).status == 200
            clock.advance(0.1)
        number = client.start([ROW]).json["id"]
        clock.advance(0.09)
        assert client.task(number)["status"] == "processing"
        clock.advance(0.01)
        assert client.task(number)["status"] == "done"


@settings(max_examples=60)
@given(st.lists(st.floats(min_value=0, max_value=20, allow_nan=False), max_size=60))
def test_no_minute_ever_has_more_than_fifteen_imports(pauses: list[float]) -> None:
    desk, now, starts = ImportDesk(60.0), 0.0, list[float]()
    for pause in pauses:
        now += pause
        try:
            with desk.turn(now):
                starts.append(now)
        except ImportBusyError:
            assert sum(now - start < 60 for start in starts) == 15
    assert all(late - early >= 60 for early, late in zip(starts, starts[15:], strict=False))


def test_ten_thousand_rows_are_taken_and_one_more_is_not(
    still: MaacEmulator, caller: MaacClient, clock: HandClock
) -> None:
    rows = [{"line_uid": uid(number)} for number in range(10_001)]
    assert caller.start(rows).status == 400
    assert still.account().members == []
    assert caller.start(rows[:-1]).status == 200
    clock.advance(2)
    assert len(still.account().members) == 10_000
    assert [found.rule for found in still.violations] == ["rows"]


def test_ten_megabytes_are_taken_and_one_byte_more_is_not(still: MaacEmulator, caller: MaacClient) -> None:
    body = json.dumps({"import_key": "line_uid", "data": [ROW]}).encode().ljust(10_000_000)
    assert caller.call("POST", IMPORT, body + b" ", Content_Type="application/json").status == 400
    assert caller.call("POST", IMPORT, body, Content_Type="application/json").status == 200
    assert [found.rule for found in still.violations] == ["bytes"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"data": [{}]}',
        b'{"import_key": "name", "data": [{}]}',
        b'{"import_key": "line_uid"}',
        b'{"import_key": "line_uid", "data": []}',
        b'{"import_key": "line_uid", "data": [1]}',
        b'{"import_key": "line_uid", "data": [{}], "tags": "a"}',
        b'{"import_key": "line_uid", "data": [{"tags": [1]}]}',
        b'{"import_key": "line_uid", "data": [{"email": 1}]}',
        b'{"import_key": "line_uid", "data": [{"email": NaN}]}',
        json.dumps({"import_key": "line_uid", "data": [{"line_display_name": "x" * 256}]}).encode(),
    ],
    ids=lambda body: body[:48].decode("latin-1"),
)
def test_an_import_that_is_not_one_is_a_bad_request(still: MaacEmulator, caller: MaacClient, body: bytes) -> None:
    got = caller.call("POST", IMPORT, body, Content_Type="application/json")
    assert (got.status, list(got.json)) == (400, ["detail"])
    assert still.account().imports == []


def test_an_import_must_call_itself_json(caller: MaacClient) -> None:
    assert caller.call("POST", IMPORT, b'{"import_key": "line_uid", "data": [{}]}').status == 400


def test_a_task_of_another_account_is_not_found(still: MaacEmulator, caller: MaacClient) -> None:
    still.add_account("other-token")
    number = caller.start([ROW]).json["id"]
    with MaacClient(still, token="other-token") as stranger:
        assert stranger.get(f"{IMPORT}{number}/").status == 404
    assert caller.get(f"{IMPORT}{number + 1}/").status == 404


def test_accounts_have_members_and_quotas_of_their_own(still: MaacEmulator, caller: MaacClient) -> None:
    still.add_account("other-token", region="jp")
    caller.start([ROW])
    with MaacClient(still, token="other-token") as other:
        assert other.start([{"mobile": "09012345678"}], "mobile").status == 200
    assert [len(still.account(token).members) for token in (None, "other-token")] == [1, 1]
    assert still.imports_in_flight_max == 1
