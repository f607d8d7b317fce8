"""Somebody is told when rows wait for too long, once an hour."""

from pathlib import Path

import pytest

from td_line_connectors.drain.backlog import Backlog
from td_line_connectors.drain.overdue import Overdue

LATE = Backlog(pending=7, lag=3601.0)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_rows_that_wait_for_more_than_an_hour_are_warned_of_once_an_hour(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    overdue = Overdue(tmp_path)
    for minute in range(0, 121, 10):
        overdue.look([("shop", LATE)], minute * 60)
    assert len(warnings(caplog)) == 3
    assert warnings(caplog)[0].startswith("source shop: rows that wait for Treasure Data: 7, the oldest for 3,601 s; ")
    assert "when it is full, calls are answered 503" in warnings(caplog)[0]


@pytest.mark.parametrize("backlog", [Backlog(), Backlog(pending=7, lag=3599.0), Backlog(rejected=7)], ids=str)
def test_a_source_that_is_not_far_behind_is_not_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, backlog: Backlog
) -> None:
    Overdue(tmp_path, least_free=0.0).look([("shop", backlog)], 0)
    assert warnings(caplog) == []


def test_on_a_disk_that_is_nearly_full_every_row_that_waits_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    overdue = Overdue(tmp_path, least_free=1.1)
    overdue.look([("shop", Backlog(pending=1, lag=1.0)), ("other", Backlog())], 0)
    assert [line.partition(":")[0] for line in warnings(caplog)] == ["source shop"]


def test_a_source_that_has_caught_up_is_warned_of_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    overdue = Overdue(tmp_path, least_free=0.0)
    for moment, backlog in enumerate((LATE, Backlog(), LATE)):
        overdue.look([("shop", backlog)], moment)
    assert len(warnings(caplog)) == 2
