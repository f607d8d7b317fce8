"""What the scheduler wrote down is there after whatever happens, and no session begins twice."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from td_line_connectors.errors import StoreError
from td_line_connectors.scheduling.standing import Off, OffBecause, SessionRecord, Standing
from td_line_connectors.scheduling.store import ScheduleStore

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> ScheduleStore:
    return ScheduleStore(tmp_path / "state" / "schedule.sqlite")


def record(hour: int = 0, workflow: str = "a.dig") -> SessionRecord:
    return SessionRecord(workflow, NOON + hour * HOUR, f"20261121T12000{hour}-4f09c2", NOON + hour * HOUR)


def ended(begun: SessionRecord, exit_code: int | None) -> SessionRecord:
    return SessionRecord(begun.workflow, begun.session, begun.run_id, begun.began_at, begun.began_at + HOUR, exit_code)


def run(store: ScheduleStore, hour: int, exit_code: int | None) -> Standing:
    """Let a session begin and end, and give how the workflow stands then."""
    assert store.begin(record(hour), NOON + hour * HOUR)
    return store.end(ended(record(hour), exit_code))


def test_before_the_first_word_nothing_is_known_and_nothing_is_made(store: ScheduleStore) -> None:
    assert (store.standings(), store.last_sessions(), store.open_sessions()) == ({}, {}, [])
    assert not store.path.exists()


def test_a_session_begins_once_and_never_again(store: ScheduleStore) -> None:
    assert store.begin(record(), NOON)
    assert not ScheduleStore(store.path).begin(record(), NOON + HOUR)


def test_the_same_time_of_another_workflow_is_another_session(store: ScheduleStore) -> None:
    assert store.begin(record(), NOON)
    assert store.begin(record(workflow="b.dig"), NOON)


def test_a_session_stays_open_until_its_end_is_written_down(store: ScheduleStore) -> None:
    store.begin(record(), NOON)
    assert store.open_sessions() == [record()]
    store.end(ended(record(), 0))
    assert store.open_sessions() == []
    assert store.last_sessions() == {"a.dig": ended(record(), 0)}


def test_five_ends_with_exit_code_2_running_switch_a_workflow_off(store: ScheduleStore) -> None:
    standings = [run(store, hour, 2) for hour in range(5)]

    assert [each.off for each in standings] == [None] * 4 + [Off(NOON + 5 * HOUR, OffBecause.REFUSED)]
    assert ScheduleStore(store.path).standings()["a.dig"] == standings[-1]


@pytest.mark.parametrize("other", [0, 1, 3, 4, 5])
def test_another_end_in_between_starts_the_count_anew(store: ScheduleStore, other: int) -> None:
    for hour, code in enumerate([2, 2, 2, 2, other, 2, 2, 2, 2]):
        standing = run(store, hour, code)
    assert (standing.refusals, standing.off) == (4, None)


@pytest.mark.parametrize("other", [130, 143, 137, None], ids=["Ctrl-C", "SIGTERM", "kill -9", "cut off"])
def test_an_end_by_a_signal_says_nothing_of_the_workflow(store: ScheduleStore, other: int | None) -> None:
    for hour, code in enumerate([2, 2, 2, 2, other, 2]):
        standing = run(store, hour, code)
    assert standing.off is not None


def test_switched_on_again_a_workflow_has_five_ends_before_it_and_misses_nothing(store: ScheduleStore) -> None:
    for hour in range(5):
        run(store, hour, 2)
    store.switch("a.dig", NOON + 9 * HOUR, on=True)
    assert store.standings()["a.dig"] == Standing(NOON + 9 * HOUR)


def test_switching_on_what_is_on_changes_nothing_of_what_is_due(store: ScheduleStore) -> None:
    store.settle("a.dig", NOON)
    store.switch("a.dig", NOON + 9 * HOUR, on=True)
    assert store.standings()["a.dig"].through == NOON


def test_a_workflow_can_be_switched_off_before_it_ever_ran(store: ScheduleStore) -> None:
    store.switch("a.dig", NOON, on=False)
    assert store.standings()["a.dig"].off == Off(NOON, OffBecause.ASKED)


def test_what_is_dealt_with_is_remembered(store: ScheduleStore) -> None:
    store.settle("a.dig", NOON)
    store.begin(record(1), NOON + HOUR)
    assert store.standings()["a.dig"].through == NOON + HOUR


def test_old_sessions_are_forgotten_and_the_latest_kept(store: ScheduleStore) -> None:
    for hour in range(3):
        run(store, hour, 0)
    store.begin(record(workflow="b.dig"), NOON)
    store.forget(NOON + 100 * HOUR)

    assert store.last_sessions() == {"a.dig": ended(record(2), 0), "b.dig": record(workflow="b.dig")}
    assert store.begin(record(0), NOON)


def test_the_file_is_private(store: ScheduleStore) -> None:
    store.settle("a.dig", NOON)
    assert (store.path.stat().st_mode & 0o777, store.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_damaged_file_is_told(store: ScheduleStore) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(b"nonsense" * 1000)
    with pytest.raises(StoreError, match=r"schedule\.sqlite"):
        store.standings()
