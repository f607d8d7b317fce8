"""What this export does beyond what every output promises."""

from contextlib import closing
from typing import Any

import pytest
from line_audience.testing import LineAudienceEmulator

from td_line_connectors import ConfigError, RemoteError, RunFailedError, default_registry
from td_line_connectors.errors import RefusedError, TaskTimeoutError
from td_line_connectors.spi import Checkable, OutputConnector
from td_line_connectors.testing import FaultKind, StillClock, WireFault


def uid(number: int) -> str:
    return f"U{number:032x}"


def test_the_installed_package_is_listed(shop: Any) -> None:
    registry = default_registry()

    assert "line_audience" in [plugin.name for plugin in registry]
    assert registry.broken == ()


def test_a_new_audience_is_made_and_waited_for(shop: Any, line: LineAudienceEmulator, clock: StillClock) -> None:
    report = shop.people(1, 2, 2)

    [audience] = line.held
    assert line.user_ids(audience) == [uid(1), uid(2)]
    assert report.rows.to_json() | {"read": 3, "written": 2, "merged": 1} == report.rows.to_json()
    assert report.tasks[0].segment.to_json() == {"id": audience.id, "name": "Spring sale", "member_count": 2}
    assert sum(clock.slept) >= 5


def test_an_audience_that_exists_is_left_alone(shop: Any, line: LineAudienceEmulator) -> None:
    line.add("SPRING SALE")

    with pytest.raises(RunFailedError) as caught:
        shop.people(1)

    assert isinstance(caught.value.__cause__, ConfigError)
    assert [each.code for each in caught.value.__cause__.issues] == ["audience_exists"]
    assert [each.jobs for each in line.held] == [[]]


def test_people_are_added_to_an_audience_that_exists(shop: Any, line: LineAudienceEmulator) -> None:
    shop.people(1)
    shop.export([{"line_uid": uid(2)}], add_to_existing=True, audience_name="spring SALE")

    [audience] = line.held
    assert line.user_ids(audience) == [uid(1), uid(2)]


def test_a_name_that_is_a_part_of_another_is_another(shop: Any, line: LineAudienceEmulator) -> None:
    line.add("Spring sale, late")
    shop.people(1)

    assert [each.name for each in line.held] == ["Spring sale, late", "Spring sale"]


CLOSED = {
    "clicks": {"type": "CLICK"},
    "another channel's": {"permission": "READ"},
    "advertising ids": {"is_ifa": True},
}


@pytest.mark.parametrize("known", CLOSED.values(), ids=CLOSED)
def test_an_audience_that_takes_nobody_is_refused_before_anything_is_sent(
    shop: Any, line: LineAudienceEmulator, known: dict[str, object]
) -> None:
    line.add("Spring sale", **known)

    with pytest.raises(RunFailedError) as caught:
        shop.export([{"line_uid": uid(1)}], add_to_existing=True)

    assert isinstance(caught.value.__cause__, ConfigError)
    assert caught.value.__cause__.issues[0].code == "closed_audience"
    assert {call.method for call in line.calls} == {"GET"}


def test_two_audiences_of_one_name_are_refused(shop: Any, line: LineAudienceEmulator) -> None:
    line.add("Spring sale")
    line.add("spring sale")

    with pytest.raises(RunFailedError, match="2 audiences have this name"):
        shop.export([{"line_uid": uid(1)}], add_to_existing=True)


def test_the_audience_is_found_on_a_later_page(shop: Any, line: LineAudienceEmulator) -> None:
    for number in range(40):
        line.add(f"Spring sale {number}")
    line.add("Spring sale")

    with pytest.raises(RunFailedError, match="the audience exists already"):
        shop.people(1)


def test_a_plan_sends_nothing(shop: Any, line: LineAudienceEmulator) -> None:
    report = shop.export([{"line_uid": uid(1)}], plan=True)

    assert report.tasks[0].requests == 1
    assert line.held == []


def test_a_file_is_a_user_id_a_line(shop: Any) -> None:
    with closing(shop.connect()) as connector:
        output: OutputConnector[Any] = connector
        records = [output.rows.parse({"line_uid": uid(each)}, each) for each in (1, 2)]

        assert output.encode(records) == f"{uid(1)}\n{uid(2)}\n".encode()


def test_the_largest_file_is_within_the_limit_of_bytes(shop: Any) -> None:
    with closing(shop.connect()) as connector:
        limits = connector.limits
        record = connector.rows.parse({"line_uid": uid(1)}, 1)

        assert limits.rows <= 1_500_000
        assert limits.rows * len(connector.encode([record])) == limits.bytes


def test_parts_of_one_list_come_to_one_audience(shop: Any, line: LineAudienceEmulator) -> None:
    with closing(shop.connect()) as connector:
        connector.prepare()
        for number in (1, 2, 3):
            connector.settle(connector.submit(f"{uid(number)}\n".encode()))

    [audience] = line.held
    assert line.user_ids(audience) == [uid(1), uid(2), uid(3)]


def test_a_later_process_adds_to_the_audience_that_its_run_has_made(shop: Any, line: LineAudienceEmulator) -> None:
    with closing(shop.connect()) as first, closing(shop.connect()) as second:
        first.prepare()
        first.submit(f"{uid(1)}\n".encode())
        second.submit(f"{uid(2)}\n".encode())

    assert [len(each.jobs) for each in line.held] == [2]


def test_a_later_process_adds_nobody_to_a_strangers_audience(shop: Any, line: LineAudienceEmulator) -> None:
    line.add("Spring sale")

    with closing(shop.connect()) as connector, pytest.raises(ConfigError, match="the audience exists already"):
        connector.submit(f"{uid(1)}\n".encode())


def test_after_an_unclear_creation_the_next_part_comes_to_the_same_audience(
    shop: Any, line: LineAudienceEmulator
) -> None:
    body = f"{uid(1)}\n".encode()
    with closing(shop.connect()) as connector:
        connector.prepare()
        line.faults.add(WireFault(FaultKind.CUT_AFTER))
        with pytest.raises(RemoteError):
            connector.submit(body)
        ticket = connector.find(body)
        connector.submit(f"{uid(2)}\n".encode())

        assert ticket is not None
        assert [len(each.jobs) for each in line.held] == [2]
        assert connector.settle(ticket).written == 1


def test_ids_that_line_does_not_count_are_told_of(shop: Any, line: LineAudienceEmulator) -> None:
    line.unreachable = {uid(2)}
    report = shop.people(1, 2)

    assert report.tasks[0].segment.member_count == 1
    assert "LINE counted 1 of 2 ids as added" in report.tasks[0].warnings[0]


def test_an_upload_that_line_cannot_do_is_refused(shop: Any, line: LineAudienceEmulator) -> None:
    line.failing = True

    with pytest.raises(RunFailedError) as caught:
        shop.people(1)

    assert isinstance(caught.value.__cause__, RefusedError)
    assert "INTERNAL_ERROR" in str(caught.value)
    assert caught.value.report.rows.rejected == 1


def test_an_upload_that_takes_too_long_can_be_resumed(clock: StillClock, shop: Any) -> None:
    with pytest.raises(RunFailedError) as caught:
        shop.export([{"line_uid": uid(1)}], task_timeout=3)

    assert isinstance(caught.value.__cause__, TaskTimeoutError)
    assert caught.value.report.rows.unsettled == 1
    assert sum(clock.slept) <= 3


def test_lines_own_code_is_in_the_error(shop: Any, line: LineAudienceEmulator) -> None:
    with closing(shop.connect()) as connector, pytest.raises(RefusedError) as caught:
        connector.submit(b"not an id\n")

    assert "UPLOAD_AUDIENCE_GROUP_INVALID_AUDIENCE_ID_FORMAT" in str(caught.value)


def test_the_token_is_tried_without_changing_anything(shop: Any, line: LineAudienceEmulator) -> None:
    with closing(shop.connect()) as connector, closing(shop.connect(channel_access_token="another")) as wrong:
        assert isinstance(connector, Checkable)
        assert isinstance(wrong, Checkable)
        connector.check()
        with pytest.raises(RefusedError):
            wrong.check()

    assert line.held == []


@pytest.mark.parametrize(("name", "code"), [("x" * 121, "length"), ("", "required"), ("a\nb", "characters")])
def test_a_name_that_line_would_not_take_is_an_error_of_the_settings(shop: Any, name: str, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        shop.connect(audience_name=name)

    assert [(each.field, each.code) for each in caught.value.issues] == [("audience_name", code)]
