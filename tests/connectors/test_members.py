"""Rows become members in MAAC, over a real socket, within every published limit."""

import json
import logging
from contextlib import closing
from typing import Any

import pytest
import responses

from td_line_connectors.errors import ConfigError, RefusedError, TaskTimeoutError, TransientError
from td_line_connectors.plugins import default_registry
from td_line_connectors.testing import Fault, FaultKind, MaacEmulator
from tests.connectors.crescendo import Exporter, SharedClock, counts, uid

PERSON: dict[str, Any] = {
    "line_uid": uid(1),
    "line_display_name": "王小明 🎉",
    "email": "Ann.Lee@Example.COM",
    "mobile": "0912-345-678",
    "customer_id": 4711.0,
    "gender": "FEMALE",
    "birthday": "1985-04-06",
    "tags": "vip, spring ,vip,",
}


def imports(maac: MaacEmulator) -> int:
    return sum(call.method == "POST" for call in maac.calls)


def test_each_column_arrives_as_the_table_says(exporter: Exporter, maac: MaacEmulator) -> None:
    ended = exporter.members([PERSON], tags="import210707, apple product interested")

    assert counts(ended) == {"read": 1, "written": 1}
    assert maac.account().member(line_uid=uid(1)) == {
        "line_uid": uid(1),
        "line_display_name": "王小明 🎉",
        "email": "Ann.Lee@example.com",
        "mobile": "+886912345678",
        "customer_id": "4711",
        "gender": "female",
        "birthday": "1985-04-06",
        "tags": ["vip", "spring", "import210707", "apple product interested"],
    }


def test_what_is_not_given_is_not_sent_and_stays(exporter: Exporter, maac: MaacEmulator) -> None:
    exporter.members([PERSON])
    exporter.members([{"line_uid": uid(1), "email": " ", "gender": None, "mobile": "+886987654321"}])

    member = maac.account().member(line_uid=uid(1))
    assert member is not None
    assert (member["email"], member["gender"], member["mobile"]) == ("Ann.Lee@example.com", "female", "+886987654321")


@pytest.mark.parametrize("key", ["line_uid", "customer_id", "email", "mobile"])
def test_any_of_the_four_keys_can_be_the_import_key(exporter: Exporter, maac: MaacEmulator, key: str) -> None:
    ended = exporter.members([{key: PERSON[key]}, {key: PERSON[key], "gender": "male"}], import_key=key)

    assert counts(ended) == {"read": 2, "written": 1, "merged": 1}
    assert len(maac.account().members) == 1


def test_people_who_are_no_friends_are_mismatched(exporter: Exporter, maac: MaacEmulator) -> None:
    maac.account().blocked = {uid(2)}

    assert counts(exporter.members([{"line_uid": uid(n)} for n in (1, 2, 3)])) == {
        "read": 3,
        "written": 2,
        "mismatched": 1,
    }


def test_ten_thousand_rows_make_one_request_and_one_more_row_two(exporter: Exporter, maac: MaacEmulator) -> None:
    ended = exporter.members({"line_uid": uid(number)} for number in range(10_001))

    assert counts(ended) == {"read": 10_001, "written": 10_001}
    assert (ended.report.requests, imports(maac)) == (2, 2)


def test_a_request_is_never_above_ten_megabytes(exporter: Exporter, maac: MaacEmulator) -> None:
    rows = ({"line_uid": uid(number), "customer_id": f"{number:01500}"} for number in range(10_000))

    ended = exporter.members(rows)

    assert counts(ended) == {"read": 10_000, "written": 10_000}
    assert maac.violations == []
    assert {call.status for call in maac.calls} == {200}


def test_more_tags_than_one_row_may_carry_go_into_a_further_request(exporter: Exporter, maac: MaacEmulator) -> None:
    halves = [",".join(f"{half}{number}" for number in range(60)) for half in "ab"]

    ended = exporter.members([{"line_uid": uid(1), "tags": tags} for tags in halves])

    member = maac.account().member(line_uid=uid(1))
    assert member is not None
    assert (counts(ended), len(member["tags"])) == ({"read": 2, "written": 2}, 121)


def test_the_sixteenth_import_waits_until_the_first_has_left_the_window(
    exporter: Exporter, maac: MaacEmulator, clock: SharedClock
) -> None:
    began = clock.time

    exporter.members({"line_uid": uid(number)} for number in range(160_000))

    assert (imports(maac), maac.violations, maac.imports_in_flight_max) == (16, [], 1)
    assert 60 <= clock.time - began < 70


def test_fewer_imports_a_minute_can_be_asked_for(exporter: Exporter, maac: MaacEmulator, clock: SharedClock) -> None:
    began = clock.time

    exporter.members(({"line_uid": uid(number)} for number in range(30_000)), imports_per_minute=1)

    assert clock.time - began >= 120


def test_a_row_that_maac_alone_refuses_is_found_and_costs_no_other(exporter: Exporter, maac: MaacEmulator) -> None:
    maac.account().refuse_mobiles = {"+886912000007"}

    ended = exporter.members({"line_uid": uid(n), "mobile": f"+8869120000{n:02}"} for n in range(20))

    assert counts(ended) == {"read": 20, "written": 19, "rejected": 1}
    assert [(issue.row, issue.code) for issue in ended.report.issues] == [(8, "mobile_error")]
    assert ended.report.error is None


def test_a_wrong_token_is_refused_at_once_and_nothing_is_lost(exporter: Exporter, maac: MaacEmulator) -> None:
    ended = exporter.members([PERSON], api_token="wrong")

    assert isinstance(ended.cause, RefusedError)
    assert ended.report.error is not None
    assert "check the token" in ended.report.error.message
    assert counts(ended) == {"read": 1, "unsettled": 1}
    assert len(maac.calls) == 1


def test_a_run_refused_for_its_token_goes_on_with_a_right_one(exporter: Exporter, maac: MaacEmulator) -> None:
    exporter.members([PERSON], api_token="wrong")

    assert counts(exporter.members(None)) == {"read": 1, "written": 1}
    assert len(maac.account().members) == 1


def test_a_forbidden_account_is_told_so(exporter: Exporter, maac: MaacEmulator) -> None:
    maac.account().forbidden = True

    ended = exporter.members([PERSON])

    assert ended.report.error is not None
    assert ("403" in ended.report.error.message, ended.report.error.exit_code) == (True, 5)


@pytest.mark.parametrize(
    "kind", ["server_error", "cut_before", "cut_after", "cut_midway", "garbage", "html", "rate_limited"]
)
@pytest.mark.parametrize("operation", ["member_import", "member_task"])
def test_a_fault_that_passes_costs_nothing(exporter: Exporter, maac: MaacEmulator, kind: str, operation: str) -> None:
    maac.faults.add(Fault(FaultKind(kind), on=operation, times=2))

    ended = exporter.members({"line_uid": uid(number)} for number in range(3))

    assert counts(ended) == {"read": 3, "written": 3}
    assert maac.violations == []


def test_busy_is_waited_out_as_long_as_a_task_may_take(exporter: Exporter, maac: MaacEmulator) -> None:
    maac.faults.add(Fault(FaultKind.RATE_LIMITED, on="member_import", times=20, retry_after=10))

    assert counts(exporter.members([PERSON])) == {"read": 1, "written": 1}


def test_an_outage_ends_the_run_and_resuming_finishes_it(exporter: Exporter, maac: MaacEmulator) -> None:
    maac.faults.add(Fault(FaultKind.SERVER_ERROR, on="member_import", after=1, times=6))

    ended = exporter.members({"line_uid": uid(number)} for number in range(20_001))

    assert isinstance(ended.cause, TransientError)
    assert counts(ended) == {"read": 20_001, "written": 10_000, "unsettled": 10_001}
    assert counts(exporter.members(None)) == {"read": 20_001, "written": 20_001}
    assert len(maac.account().members) == 20_001


def test_a_task_that_is_never_done_ends_the_run_and_is_asked_about_first_when_resumed(
    exporter: Exporter, maac: MaacEmulator
) -> None:
    maac.faults.add(Fault(FaultKind.STUCK, on="member_import", seconds=4000.0))

    ended = exporter.members([PERSON])

    assert isinstance(ended.cause, TaskTimeoutError)
    assert counts(ended) == {"read": 1, "unsettled": 1}
    exporter.clock.sleep(3000)
    assert counts(exporter.members(None)) == {"read": 1, "written": 1}
    assert imports(maac) == 1


def test_counts_that_do_not_add_up_are_told_and_not_rounded_away(exporter: Exporter, maac: MaacEmulator) -> None:
    maac.faults.add(Fault(FaultKind.WRONG_COUNTS, on="member_import"))

    ended = exporter.members({"line_uid": uid(number)} for number in range(3))

    assert counts(ended) == {"read": 3, "written": 2, "unsettled": 1}
    assert any("do not add up" in warning for warning in ended.report.warnings)


def test_a_redirect_is_not_followed(exporter: Exporter, maac: MaacEmulator) -> None:
    maac.faults.add(Fault(FaultKind.REDIRECT, on="member_import"))

    ended = exporter.members([PERSON])

    assert isinstance(ended.cause, RefusedError)
    assert len(maac.calls) == 1


def test_nothing_of_a_person_and_no_token_is_in_a_log_or_report(
    exporter: Exporter, maac: MaacEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    maac.faults.add(Fault(FaultKind.SERVER_ERROR, on="member_import"))
    bad = PERSON | {"email": "nobody@nowhere..example", "line_uid": uid(2).upper(), "mobile": "0912"}

    ended = exporter.members([PERSON, bad])

    told = caplog.text + json.dumps(ended.report.to_json(), ensure_ascii=False) + repr(ended.report)
    for secret in (maac.token, "Ann.Lee", "nobody", "345", "王小明", uid(1), uid(2).upper()):
        assert secret not in told


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"data_object": "member"}, "data_object: "),
        ({"import_key": None}, "import_key: is required where data_object is members"),
        ({"tags": None}, "tags: is required where data_object is members"),
        ({"imports_per_minute": 16}, "imports_per_minute: "),
        ({"endpoint": "http://api.cresclab.com"}, "endpoint: "),
        ({"skip_invalid_records": "yes"}, "skip_invalid_records: "),
        ({"importkey": "email"}, "Did you mean «import_key»?"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_a_configuration_error(exporter: Exporter, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        exporter.members([PERSON], **settings)

    assert words in str(caught.value)


@responses.activate
def test_what_does_not_look_like_a_columns_name_is_not_repeated(exporter: Exporter) -> None:
    result = {"success": False, "useless_fields": ["nick_name", "ann@example.com", "0912345678", {"a": 1}]}
    task = {"category": "import_member", "status": "done", "result": result}
    responses.get("https://api.cresclab.com/openapi/v1/member/import/7/", json=task)
    settings = {"api_token": "t", "data_object": "members", "import_key": "line_uid", "tags": "a"}

    with closing(default_registry().output("line_via_crescendo").connect(settings, exporter.runtime())) as connector:
        refused = connector.settle('{"task": 7}').refused

    assert refused is not None
    assert refused.message == "MAAC refused the import: columns it does not know: nick_name"
