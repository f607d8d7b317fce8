"""What is recorded can be read, whenever its process died."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.report import ReportedError, RowCounts, RunStatus, TaskReport
from td_line_connectors.runs.history import RequestRecord
from td_line_connectors.runs.history_store import LATEST, History
from td_line_connectors.runs.holding import hold, is_held
from td_line_connectors.runs.recording import Recording
from td_line_connectors.storage.sqlite import open_writer

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORDER = {"plan": False}
BLANK = TaskReport(task="+members", connector="line_via_crescendo")
HALF = TaskReport(task="+members", rows=RowCounts(read=9, written=4, invalid=1, unsettled=4), requests=1)


def request(number: int, outcome: str = "accepted") -> RequestRecord:
    return RequestRecord(
        number=number,
        rows=4,
        ticket='{"task": 7}',
        outcome=outcome,
        written=4,
        mismatched=0,
        seconds=1.5,
        attempts=2,
    )


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path)


def begin(history: History, run_id: str = "20261121T120000-000001", at: datetime = NOON) -> None:
    """Record a run's beginning, and die."""
    history.folder(run_id).mkdir(parents=True)
    with Recording.open(history.path, run_id) as recording:
        recording.run_began(at, "campaign.dig", ORDER, None)


def test_a_run_reads_as_it_was_recorded(history: History) -> None:
    with Recording.open(history.path, "a") as recording:
        recording.run_began(NOON, "campaign.dig", ORDER, "b")
        recording.task_began(1, "01-members", {"plugin": "x"}, BLANK)
        recording.task_goes_on(1, HALF, request(1))
        recording.task_ended(1, HALF, [request(1), request(2, "open")])
        recording.run_ended(NOON + timedelta(minutes=1), RunStatus.ERROR)

    run = history.find("a")
    assert (run.status, run.what, run.retry_of, run.order) == (RunStatus.ERROR, "campaign.dig", "b", ORDER)
    assert (run.started_at, run.ended_at) == (NOON, NOON + timedelta(minutes=1))
    [task] = run.tasks
    assert (task.number, task.folder, task.target, task.ended) == (1, "01-members", {"plugin": "x"}, True)
    assert task.report == HALF
    assert task.requests == (request(1), request(2, "open"))
    assert run.report().rows.unaccounted == 0


def test_a_run_whose_process_died_on_the_way_is_interrupted_and_shows_what_it_had_done(history: History) -> None:
    begin(history, "a")
    with Recording.open(history.path, "a") as recording:
        recording.task_began(1, "01-members", None, BLANK)
        recording.task_goes_on(1, HALF, request(1))

    run = history.find("a")
    assert (run.status, run.ended_at) == (RunStatus.INTERRUPTED, None)
    assert (run.tasks[0].ended, run.tasks[0].report, run.tasks[0].requests) == (False, HALF, (request(1),))


def test_a_run_that_somebody_is_at_is_running(history: History) -> None:
    begin(history, "a")

    with hold(history.folder("a")):
        assert history.find("a").status is RunStatus.RUNNING
    assert history.find("a").status is RunStatus.INTERRUPTED


def test_a_run_taken_up_again_has_not_ended(history: History) -> None:
    begin(history, "a")
    with Recording.open(history.path, "a") as recording:
        recording.run_ended(NOON, RunStatus.ERROR)
        recording.run_goes_on()

    assert history.find("a").ended_at is None


def test_runs_come_newest_first(history: History) -> None:
    for number in (2, 1, 3):
        begin(history, f"run-{number}", NOON + timedelta(hours=number))

    assert [run.run_id for run in history.recent()] == ["run-3", "run-2", "run-1"]
    assert [run.run_id for run in history.recent(1)] == ["run-3"]
    assert history.find(LATEST).run_id == "run-3"


def test_a_run_is_found_by_as_much_of_its_id_as_tells_it_from_the_others(history: History) -> None:
    begin(history, "20261121T120000-aaaaaa")
    begin(history, "20261121T130000-bbbbbb")

    assert history.find("20261121T13").run_id == "20261121T130000-bbbbbb"
    with pytest.raises(ConfigError, match=r"the ids of 2 runs begin with «2026»: 2\S+, 2\S+ Write"):
        history.find("2026")


def test_of_many_runs_that_begin_alike_the_newest_are_told(history: History) -> None:
    for number in range(7):
        begin(history, f"2026112{number}T120000-aaaaaa", NOON + timedelta(days=number))

    with pytest.raises(ConfigError, match=r"«2026»: 20261126T\d+-a+, (2026112[2-5]T\d+-a+, ){4}…\. Write more"):
        history.find("2026")


@pytest.mark.parametrize(
    "name", ["", "%", "_", "20261121T12000", "../x", "30001121T120000-\udcff", "latest"], ids=ascii
)
def test_what_is_no_run_is_said_to_be_none(history: History, name: str) -> None:
    if name != "latest":
        begin(history, "30001121T120000-aaaaaa")

    with pytest.raises(ConfigError, match="is no run that is remembered"):
        history.find(name)


def test_a_run_is_recorded_once(history: History) -> None:
    begin(history, "a")

    with pytest.raises(ConfigError, match="there is a run a already"), Recording.open(history.path, "a") as recording:
        recording.run_began(NOON, "campaign.dig", ORDER, None)


def test_runs_are_forgotten_with_their_tasks_and_requests_but_for_those_that_go_on(history: History) -> None:
    for run_id in ("old", "going", "young"):
        begin(history, run_id, NOON if run_id == "young" else NOON - timedelta(days=1))
        with Recording.open(history.path, run_id) as recording:
            recording.task_began(1, "01", None, BLANK)
            recording.task_ended(1, HALF, [request(1)])

    with hold(history.folder("going")):
        history.forget(NOON)

    assert [run.run_id for run in history.recent()] == ["young", "going"]
    with closing(open_writer(history.path)) as connection:
        assert {name for (name,) in connection.execute("SELECT run_id FROM request").fetchall()} == {"going", "young"}


def test_rejects_that_are_gone_are_not_pointed_at(history: History) -> None:
    begin(history, "a")
    rejects = history.folder("a") / "01" / "rejects.jsonl"
    with Recording.open(history.path, "a") as recording:
        recording.task_began(1, "01", None, BLANK)
        recording.task_ended(1, TaskReport(task="+members", rejects=rejects), [])

    assert history.find("a").tasks[0].report.rejects is None
    rejects.parent.mkdir()
    rejects.touch()
    assert history.find("a").tasks[0].report.rejects == rejects


def test_how_a_task_failed_is_remembered(history: History) -> None:
    begin(history, "a")
    with Recording.open(history.path, "a") as recording:
        recording.task_began(1, "01", None, BLANK)
        recording.task_ended(1, TaskReport(task="+members", error=ReportedError("unreachable", "busy", 4)), None)

    assert history.find("a").report().exit_code == 4


@pytest.mark.parametrize(
    ("column", "value"), [("status", "'lost'"), ("run_order", "'{'"), ("started_at", "'noon'")], ids=lambda each: each
)
def test_a_run_that_does_not_read_as_it_was_written_is_named(history: History, column: str, value: str) -> None:
    begin(history, "a")
    with closing(open_writer(history.path)) as connection:
        connection.execute(f"UPDATE run SET {column} = {value}")  # noqa: S608 - the table's

    with pytest.raises(StoreError, match="run a is not as it was written: `td-line runs delete a`"):
        history.recent()


def test_a_history_of_a_newer_version_is_left_alone(history: History) -> None:
    begin(history, "a")
    with closing(open_writer(history.path)) as connection:
        connection.execute("UPDATE format SET version = 2")

    with pytest.raises(StoreError, match="a newer version"):
        history.recent()
    with pytest.raises(StoreError, match="a newer version"):
        begin(history, "b")


def test_a_folder_is_held_as_long_as_somebody_holds_it(tmp_path: Path) -> None:
    with hold(tmp_path):
        assert is_held(tmp_path)
    assert not is_held(tmp_path)
    assert not is_held(tmp_path / "none")


def test_whoever_only_asks_is_waited_for(tmp_path: Path) -> None:
    with hold(tmp_path) as _:
        waits: list[float] = []
        with pytest.raises(StoreError, match="another process is at it"):
            hold(tmp_path, sleep=waits.append).__enter__()

    assert 0 < sum(waits) < 1


def test_a_run_that_does_not_read_can_be_deleted(history: History) -> None:
    begin(history, "a")
    with closing(open_writer(history.path)) as connection:
        connection.execute("UPDATE run SET status = 'lost'")

    history.delete(history.id_of(LATEST))

    assert history.recent() == []


def test_after_a_power_cut_at_any_moment_the_history_tells_what_it_knows_and_no_half_of_it(
    history: History, tmp_path: Path
) -> None:
    with Recording.open(history.path, "a") as recording:
        recording.run_began(NOON, "campaign.dig", ORDER, None)
        recording.task_began(1, "01", None, BLANK)
        for number in range(1, 6):
            rows = RowCounts(read=20, written=4 * number, unsettled=20 - 4 * number)
            recording.task_goes_on(1, TaskReport(task="+members", rows=rows, requests=number), request(number))
        written, log = history.path.read_bytes(), Path(f"{history.path}-wal").read_bytes()
    cut = History(tmp_path / "cut")
    cut.state.mkdir()
    seen = set()
    for end in [*range(0, len(log), 997), len(log)]:
        cut.path.write_bytes(written)
        Path(f"{cut.path}-wal").write_bytes(log[:end])
        Path(f"{cut.path}-shm").unlink(missing_ok=True)
        for run in cut.recent():
            for task in run.tasks:
                assert task.report.rows.written == 4 * len(task.requests)
                seen.add(task.report.requests)

    assert seen == {0, 1, 2, 3, 4, 5}
