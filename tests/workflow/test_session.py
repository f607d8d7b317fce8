"""The built-in variables are digdag's, in the workflow's zone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from td_line_connectors.issues import InvalidValueError
from td_line_connectors.workflow.session import Session, built_in_variables, find_zone, read_session_time, session_at

SESSION = Session(datetime(2026, 11, 21, 17, 30, 5, 999, tzinfo=UTC), UUID(int=5))


def test_every_variable_speaks_of_the_session_in_its_zone() -> None:
    zone = find_zone("Asia/Taipei")
    assert zone is not None
    assert built_in_variables(SESSION, "Asia/Taipei", zone) == {
        "timezone": "Asia/Taipei",
        "session_uuid": "00000000-0000-0000-0000-000000000005",
        "session_time": "2026-11-22T01:30:05+08:00",
        "session_date": "2026-11-22",
        "session_date_compact": "20261122",
        "session_local_time": "2026-11-22 01:30:05",
        "session_tz_offset": "+0800",
        "session_unixtime": "1795282205",
    }


def test_utc_is_written_as_an_offset() -> None:
    variables = built_in_variables(SESSION, "UTC", UTC)
    assert (variables["session_time"], variables["session_tz_offset"]) == ("2026-11-21T17:30:05+00:00", "+0000")


@pytest.mark.parametrize("name", ["PST", "Asia", "Asia/Taipeh", "/etc/passwd", "../UTC", "", "a\0b", "x" * 300, "台北"])
def test_what_is_no_zone_is_none(name: str) -> None:
    assert find_zone(name) is None


@pytest.mark.parametrize("text", ["2026-11-21T00:00:00+08:00", "2026-11-20T16:00:00Z", "2026-11-20T16:00:00+00:00"])
def test_a_sessions_time_is_read_as_it_is_written(text: str) -> None:
    assert read_session_time(text) == datetime(2026, 11, 20, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-11-21T00:00:00", "2026-11-21", "yesterday", "", "0001-01-01T00:00:00+14:00", "2026-02-30T00:00:00Z"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match="day, time and offset"):
        read_session_time(text)


def test_a_session_that_is_run_again_keeps_its_id() -> None:
    time = SESSION.time
    assert session_at(time, Path("a.dig")) == session_at(time.astimezone(find_zone("Asia/Taipei")), Path("a.dig"))


def test_two_sessions_have_two_ids() -> None:
    time = SESSION.time
    others = [session_at(time, Path("b.dig")), session_at(time + timedelta(seconds=1), Path("a.dig"))]
    assert len({each.uuid for each in (session_at(time, Path("a.dig")), *others)}) == 3
