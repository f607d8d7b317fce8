"""Rows become the list of a custom segment; none is made twice, and none is touched that may not be."""

import pytest

from td_line_connectors.errors import ConfigError, DataError
from td_line_connectors.testing import Fault, FaultKind, FaultPlan, MaacEmulator
from tests.connectors.crescendo import Exporter, counts, uid

LIST = [{"line_uid": uid(1)}, {"line_uid": uid(2)}, {"line_uid": uid(1)}]


def fault(kind: str, operation: str, *, times: int = 1) -> Fault:
    return Fault(FaultKind(kind), on=operation, times=times)


def uploads(maac: MaacEmulator) -> int:
    return sum(call.method in {"POST", "PATCH"} for call in maac.calls)


def test_a_new_segment_has_the_list_and_the_report_its_id_and_count(exporter: Exporter, maac: MaacEmulator) -> None:
    ended = exporter.segment(LIST, segment_description="Our best")

    [segment] = maac.account().segments
    assert (segment.name, segment.description, list(segment.uids)) == ("VIP", "Our best", [uid(1), uid(2)])
    assert counts(ended) == {"read": 3, "written": 2, "merged": 1}
    assert ended.report.segment is not None
    assert ended.report.segment.to_json() == {"id": segment.id, "name": "VIP", "member_count": 2}


def test_a_segment_that_exists_stays_as_it_is_unless_updating_is_on(exporter: Exporter, maac: MaacEmulator) -> None:
    there = maac.account().add_segment("VIP", [uid(9)], segment_type=2)

    ended = exporter.segment(LIST)

    assert isinstance(ended.cause, ConfigError)
    assert f"id {there.id}" in str(ended.cause)
    assert (uploads(maac), list(there.uids)) == (0, [uid(9)])


def test_updating_replaces_the_list_and_leaves_the_description(exporter: Exporter, maac: MaacEmulator) -> None:
    maac.account().add_segment("VIP", [uid(9)], description="Kept", segment_type=2)

    ended = exporter.segment(LIST, update_segment=True)

    [segment] = maac.account().segments
    assert (list(segment.uids), segment.description) == ([uid(1), uid(2)], "Kept")
    assert counts(ended) == {"read": 3, "written": 2, "merged": 1}


def test_updating_makes_a_segment_that_is_not_there(exporter: Exporter, maac: MaacEmulator) -> None:
    exporter.segment(LIST, update_segment=True)

    assert [segment.name for segment in maac.account().segments] == ["VIP"]


def test_names_are_compared_exactly_over_all_pages(exporter: Exporter, maac: MaacEmulator) -> None:
    maac.account().segment_limit = 1000
    for number in range(320):
        maac.account().add_segment(f"VIP {number}", segment_type=2)
    last = maac.account().add_segment("VIP", segment_type=2)

    ended = exporter.segment(LIST)

    assert f"id {last.id}" in str(ended.cause)


def test_a_name_that_another_one_merely_holds_is_free(exporter: Exporter, maac: MaacEmulator) -> None:
    maac.account().add_segment("VIP 2025", segment_type=2)

    assert counts(exporter.segment(LIST)) == {"read": 3, "written": 2, "merged": 1}


def test_an_ordinary_segment_of_that_name_is_a_configuration_error(exporter: Exporter, maac: MaacEmulator) -> None:
    maac.account().add_segment("VIP", segment_type=1)

    ended = exporter.segment(LIST, update_segment=True)

    assert "ordinary segment" in str(ended.cause)
    assert uploads(maac) == 0


def test_two_custom_segments_of_that_name_are_a_configuration_error(exporter: Exporter, maac: MaacEmulator) -> None:
    ids = [maac.account().add_segment("VIP", segment_type=2).id for _ in range(2)]

    ended = exporter.segment(LIST, update_segment=True)

    assert all(str(each) in str(ended.cause) for each in ids)


def test_an_empty_list_is_a_data_error_and_the_segment_stays(exporter: Exporter, maac: MaacEmulator) -> None:
    there = maac.account().add_segment("VIP", [uid(9)], segment_type=2)

    ended = exporter.segment([], update_segment=True)

    assert isinstance(ended.cause, DataError)
    assert (maac.calls, list(there.uids)) == ([], [uid(9)])


def test_more_people_than_a_list_may_have_are_a_data_error_before_any_call(
    exporter: Exporter, maac: MaacEmulator
) -> None:
    ended = exporter.segment({"line_uid": uid(number)} for number in range(300_001))

    assert isinstance(ended.cause, DataError)
    assert "more than 300,000" in str(ended.cause)
    assert maac.calls == []


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "cut_midway", "server_error", "garbage", "html"])
@pytest.mark.parametrize("update", [False, True], ids=["create", "create or replace"])
def test_an_unclear_creation_makes_exactly_one_segment(
    exporter: Exporter,
    maac: MaacEmulator,
    kind: str,
    update: bool,  # noqa: FBT001 - the table's
) -> None:
    maac.faults.add(fault(kind, "segment_create"))

    ended = exporter.segment(LIST, update_segment=update)

    assert counts(ended) == {"read": 3, "written": 2, "merged": 1}
    assert [list(segment.uids) for segment in maac.account().segments] == [[uid(1), uid(2)]]


@pytest.mark.parametrize("update", [False, True], ids=["create", "create or replace"])
def test_a_creation_that_stayed_unclear_is_looked_for_when_the_run_is_resumed(
    exporter: Exporter,
    maac: MaacEmulator,
    update: bool,  # noqa: FBT001 - the table's
) -> None:
    unreachable = Fault(FaultKind.SERVER_ERROR, on="segment_list", after=1, times=None)
    maac.faults.add(fault("cut_after", "segment_create"), unreachable)
    ended = exporter.segment(LIST, update_segment=update)
    assert counts(ended) == {"read": 3, "unsettled": 3}
    maac.faults = FaultPlan()

    resumed = exporter.segment(None, update_segment=update)

    assert counts(resumed) == {"read": 3, "written": 2, "merged": 1}
    assert len(maac.account().segments) == 1


def test_a_segment_that_is_not_counted_in_time_is_written_all_the_same(exporter: Exporter, maac: MaacEmulator) -> None:
    ended = exporter.segment(LIST, task_timeout=1)

    assert counts(ended) == {"read": 3, "written": 2, "merged": 1}
    assert ended.report.segment is not None
    assert ended.report.segment.member_count is None
    assert "had not counted" in ended.report.warnings[0]


def test_a_list_that_was_accepted_is_written_even_where_its_count_is_refused(
    exporter: Exporter, maac: MaacEmulator
) -> None:
    maac.faults.add(Fault(FaultKind.REDIRECT, on="segment_get", times=None))

    ended = exporter.segment(LIST)

    assert counts(ended) == {"read": 3, "written": 2, "merged": 1}
    assert ended.report.error is None
    assert ended.report.segment is not None
    assert ended.report.segment.member_count is None
    assert "redirect" in ended.report.warnings[0]


@pytest.mark.parametrize("update", [False, True], ids=["create", "create or replace"])
def test_the_look_after_an_unclear_creation_is_one_call_tried_six_times(
    exporter: Exporter,
    maac: MaacEmulator,
    update: bool,  # noqa: FBT001 - the table's
) -> None:
    maac.faults.add(
        fault("cut_after", "segment_create"), Fault(FaultKind.SERVER_ERROR, on="segment_list", after=1, times=None)
    )

    ended = exporter.segment(LIST, update_segment=update)

    lists = sum(call.operation == "segment_list" for call in maac.calls)
    assert counts(ended) == {"read": 3, "unsettled": 3}
    assert lists == 1 + 6
