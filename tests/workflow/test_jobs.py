"""A task on Treasure Data gets its rows: issued once, waited for with patience, stopped with the run."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import NoReturn

import pytest

from td_line_connectors.engine.events import Event, JobSeen
from td_line_connectors.errors import ConfigError, RefusedError, TerminatedError, TransientError
from td_line_connectors.project.connections import QueryConnection, ResolvedConnection
from td_line_connectors.report import TaskReport
from td_line_connectors.spi import JobStatus
from td_line_connectors.workflow.jobs import JobRows, Known
from td_line_connectors.workflow.model import Engine, QueryTask, ResultExportTask
from tests.engine.ledger import Clock, runtime
from tests.workflow.far_queries import FarQueries

QUEUED, RUNNING, ERROR, KILLED = JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.ERROR, JobStatus.KILLED


class Watched:
    """One run's jobs, its clock, and what was told of them."""

    def __init__(self, far: FarQueries, run_id: str = "run-1") -> None:
        self.far = far
        self.clock = Clock()
        self.events: list[Event] = []
        self.known = Known(TaskReport(task="+a"))
        self._rows = JobRows(run_id=run_id, runtime=runtime(self.clock), observer=self.events.append)
        self._connection = QueryConnection(name="td", plugin=far.plugin(), values={"api_key": "1/k"})

    def query(self, **changes: object) -> list[object]:
        task = QueryTask(name="+a", sql="SELECT 1", database="db1", engine=Engine.TRINO, connection=self._connection)
        return self._read(replace(task, **changes))  # type: ignore[arg-type]  # the tests' own

    def result(self, job_id: int | None, last_job: str | None = None) -> list[object]:
        nowhere = ResolvedConnection(name=None, plugin=None, values={}, blocks=())  # type: ignore[arg-type]  # unused
        task = ResultExportTask(name="+b", job_id=job_id, connection=self._connection, target=nowhere, where="x:1:1")
        return self._read(task, last_job)

    def _read(self, task: QueryTask | ResultExportTask, last_job: str | None = None) -> list[object]:
        with closing(self._rows.of(task, last_job, self.known)) as result:
            assert self.far.closed == 0, "the connector lives as long as its rows"
            return [value for (value,) in result.rows]

    @property
    def told(self) -> list[tuple[str, str, float, bool]]:
        seen = [each for each in self.events if isinstance(each, JobSeen)]
        return [(each.job_id, each.status, each.seconds, each.is_news) for each in seen]


@pytest.fixture
def far() -> FarQueries:
    return FarQueries()


@pytest.fixture
def run(far: FarQueries) -> Watched:
    return Watched(far)


def test_the_rows_are_those_of_the_job_that_was_issued(far: FarQueries, run: Watched) -> None:
    assert run.query() == ["1"]
    assert [(each.engine, each.database, each.sql) for each in far.asked] == [("trino", "db1", "SELECT 1")]
    assert run.known.report == TaskReport(task="+a", job_id="1")
    assert (far.let_go, far.closed) == (1, 1)


def test_a_job_is_looked_at_ever_less_often_and_every_look_is_told(far: FarQueries, run: Watched) -> None:
    far.statuses = iter([QUEUED] * 3 + [RUNNING] * 7)
    run.query()

    assert run.clock.slept == [1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375, 10.0, 10.0, 10.0, 10.0]
    assert [status for _, status, _, is_news in run.told if is_news] == ["queued", "queued", "running", "success"]
    assert [seconds for _, _, seconds, _ in run.told][:4] == [0.0, 0.0, 1.0, 2.5]


def test_the_number_of_a_new_job_is_told_before_it_is_looked_at(far: FarQueries, run: Watched) -> None:
    far.statuses = iter([TransientError("the line broke")])
    with pytest.raises(TransientError):
        run.query()

    assert run.told == [("1", "queued", 0.0, True)]


def test_a_run_that_asks_the_same_again_finds_its_job(far: FarQueries) -> None:
    Watched(far).query()
    far.closed = 0

    assert Watched(far).query() == ["1"]
    assert len(far.jobs) == 1


@pytest.mark.parametrize(
    "change",
    [{"name": "+other"}, {"sql": "SELECT 2"}, {"database": "db2"}, {"engine": Engine.HIVE}],
    ids=["the task", "the SQL", "the database", "the engine"],
)
def test_another_question_of_the_run_is_another_job(far: FarQueries, change: dict[str, object]) -> None:
    Watched(far).query()
    far.closed = 0

    assert Watched(far).query(**change) == ["2"]


def test_another_run_has_jobs_of_its_own(far: FarQueries) -> None:
    Watched(far, "run-1").query()
    far.closed = 0

    assert Watched(far, "run-2").query() == ["2"]


def test_a_job_of_an_earlier_try_that_came_to_nothing_is_run_anew(far: FarQueries) -> None:
    Watched(far).query()
    far.dead, far.closed = {"1"}, 0
    second = Watched(far).query()
    far.dead, far.closed = {"1", "2"}, 0

    assert (second, Watched(far).query()) == (["2"], ["3"])


@pytest.mark.parametrize(
    ("status", "words"), [(ERROR, "job 1 failed: no such column in 1"), (KILLED, "job 1 was killed")]
)
def test_a_job_that_comes_to_nothing_is_a_refusal_in_its_own_words(
    far: FarQueries, run: Watched, status: JobStatus, words: str
) -> None:
    far.statuses = iter([RUNNING, status])
    with pytest.raises(RefusedError, match=words) as caught:
        run.query()

    assert caught.value.exit_code == 5
    assert (run.known.report.job_id, far.closed) == ("1", 1)


def test_a_failed_job_whose_words_cannot_be_read_has_failed_all_the_same(far: FarQueries, run: Watched) -> None:
    far.statuses, far.words = iter([ERROR]), TransientError("the line broke")
    with pytest.raises(RefusedError, match="job 1 failed: its own words could not be read"):
        run.query()


@pytest.mark.parametrize("stop", [KeyboardInterrupt, TerminatedError])
def test_whoever_stops_the_run_stops_its_job(far: FarQueries, run: Watched, stop: type[KeyboardInterrupt]) -> None:
    far.statuses = iter([RUNNING, stop()])
    with pytest.raises(stop):
        run.query()

    assert (far.killed, far.closed) == (["1"], 1)
    assert run.known.report.warnings == ["job 1 was stopped"]


@pytest.mark.parametrize("trouble", [TransientError("gone"), RefusedError("no", 403), KeyboardInterrupt()], ids=repr)
def test_a_job_that_cannot_be_stopped_is_named(far: FarQueries, run: Watched, trouble: BaseException) -> None:
    def fail() -> NoReturn:
        raise trouble

    far.statuses, far.on_kill = iter([KeyboardInterrupt()]), fail
    with pytest.raises(KeyboardInterrupt):
        run.query()

    [warning] = run.known.report.warnings
    assert warning.startswith("job 1 may go on")


def test_where_the_far_side_is_gone_the_job_is_left_for_the_resumption(far: FarQueries, run: Watched) -> None:
    far.statuses = iter([RUNNING, TransientError("gone")])
    with pytest.raises(TransientError):
        run.query()
    far.closed = 0

    assert run.known.report.warnings == ["job 1 may go on by itself: resume the run, which takes up its result"]
    assert far.killed == []
    assert Watched(far).query() == ["1"]


@pytest.mark.parametrize(("job_id", "last_job"), [(1, None), (1, "9"), (None, "1")])
def test_a_result_is_exported_by_its_number_or_as_the_last(
    far: FarQueries, run: Watched, job_id: int | None, last_job: str | None
) -> None:
    far.jobs["somebody's"] = "1"

    assert run.result(job_id, last_job) == ["1"]
    assert (far.asked, run.known.report.job_id) == ([], "1")


def test_a_result_that_is_not_there_yet_is_waited_for_and_never_stopped(far: FarQueries, run: Watched) -> None:
    far.jobs["somebody's"] = "1"
    far.statuses = iter([RUNNING, KeyboardInterrupt()])
    with pytest.raises(KeyboardInterrupt):
        run.result(1)

    assert run.clock.slept == [1.0]
    assert (far.killed, run.known.report.warnings) == ([], ())


Ask = Callable[[Watched], object]


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda run: run.result(4711), "no job 4711"),
        (lambda run: run.result(None), "has a job: run the whole workflow"),
    ],
    ids=["unknown", "no last one"],
)
def test_a_job_that_is_not_there_is_a_fault_of_the_settings(run: Watched, ask: Ask, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        ask(run)

    assert run.far.closed == 1
