"""Every source has its workers, as the project says at this moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from uuid import uuid4

import pytest

from td_line_connectors.drain.crew import Crew
from td_line_connectors.drain.lock import only_drain
from td_line_connectors.errors import ConfigError
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import Project, read_project
from td_line_connectors.sources.places import Places, local_database
from td_line_connectors.sources.plazma import make_queue
from td_line_connectors.sources.source import Source
from td_line_connectors.sources.store import SourceStore
from td_line_connectors.spi import Runtime
from td_line_connectors.storage.events import EventTables
from td_line_connectors.testing import FaultKind, TreasureDataEmulator, TreasureDataFault
from tests.drain.queues import DATABASE, EVENTS, RAW, event, make_project, source_of, store

SECONDS = 20.0


@pytest.fixture
def project(tmp_path: Path, far_side: TreasureDataEmulator) -> Project:
    return make_project(tmp_path, far_side, "ingest")


def receive(project: Project, source: Source, *numbers: int) -> None:
    tables = EventTables(Places(project.state))
    store(tables, source, map(event, numbers))
    tables.close()


@contextmanager
def at_work(project: Project, runtime: Runtime | None = None) -> Iterator[Callable[[Callable[[], bool]], None]]:
    """Let a crew work until the block ends; give what waits until something is true, or the crew has failed."""
    ended, failures = Event(), list[BaseException]()

    def work() -> None:
        try:
            Crew(project, default_registry(), runtime or Runtime()).run(lambda _: ended.wait(0.05))
        except BaseException as error:  # noqa: BLE001 - told at the end
            failures.append(error)

    def until(holds: Callable[[], bool]) -> None:
        patience = monotonic() + SECONDS
        while not (holds() or failures):
            assert monotonic() < patience
            ended.wait(0.02)

    thread = Thread(target=work)
    thread.start()
    try:
        yield until
    finally:
        ended.set()
        thread.join(SECONDS)
    if failures:
        raise failures[0]


def test_what_waits_and_what_comes_is_handed_over(project: Project, far_side: TreasureDataEmulator) -> None:
    source = source_of("ingest")
    receive(project, source, 1, 2)
    with at_work(project) as until:
        until(lambda: len(far_side.rows(DATABASE, EVENTS)) == 2)
        receive(project, source, 3)
        until(lambda: len(far_side.rows(DATABASE, EVENTS)) == 3)
        until(lambda: len(far_side.rows(DATABASE, RAW)) == 2)
    assert far_side.taken(DATABASE, EVENTS) == {"r1": 1, "r2": 1, "r3": 1}


def test_a_wrong_key_stops_the_drain_loudly_and_a_mended_one_lets_it_go_on(
    project: Project, far_side: TreasureDataEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    receive(project, source_of("ingest"), 1)
    file = project.folder / "td-line.yml"
    right = file.read_text()
    file.write_text(right.replace(far_side.write_key, "1/wrong"))
    with at_work(read_project(project.folder, {})) as until:
        until(lambda: "line.events: nothing is handed over, and nothing is lost" in caplog.text)
        assert far_side.rows(DATABASE, EVENTS) == []
        file.write_text(right)
        until(lambda: bool(far_side.rows(DATABASE, EVENTS)))
    assert "401, check td_api_key" in caplog.text
    assert "1/wrong" not in caplog.text
    assert far_side.write_key not in caplog.text


def test_a_connection_without_its_key_is_told_and_stops_no_other(
    project: Project, far_side: TreasureDataEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    file = project.folder / "td-line.yml"
    file.write_text(f"{file.read_text()}  other: {{type: line_oa_streaming, channel_secret: x}}\n")
    lame = Source(
        id=uuid4(),
        name="Lame",
        connection="other",
        datastore="plazma",
        writer="ingest",
        database=DATABASE,
        raw_table=RAW,
        events_table=EVENTS,
        created_at=datetime(2026, 11, 21, tzinfo=UTC),
    )
    make_queue(Places(project.state), lame)
    SourceStore(project.state / "sources.sqlite").create(lame)
    receive(project, source_of("ingest"), 1)
    with at_work(read_project(project.folder, {})) as until:
        until(lambda: bool(far_side.rows(DATABASE, EVENTS)))
    assert "source Lame: nothing is handed over, and nothing is lost: connection: «other»: td_api_key" in caplog.text


def test_a_source_that_is_made_meanwhile_is_handed_over(project: Project, far_side: TreasureDataEmulator) -> None:
    far_side.add_tables("second", "calls", "events")
    made = Source(
        id=uuid4(),
        name="Second",
        connection="line_oa",
        datastore="plazma",
        writer="import",
        database="second",
        raw_table="calls",
        events_table="events",
        created_at=datetime(2026, 11, 21, tzinfo=UTC),
    )
    with at_work(project) as until:
        make_queue(Places(project.state), made)
        SourceStore(project.state / "sources.sqlite").create(made)
        receive(project, made, 7)
        until(lambda: bool(far_side.rows("second", "events")))
    assert far_side.taken("second", "events") == {"r7": 1}


def test_an_outage_is_told_once_and_its_end_too(
    project: Project, far_side: TreasureDataEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    far_side.faults.add(TreasureDataFault(FaultKind.SERVER_ERROR, times=4))
    receive(project, source_of("ingest"), 1)
    with at_work(project, Runtime(random=lambda: 0.01)) as until:
        until(lambda: len(far_side.rows(DATABASE, EVENTS)) + len(far_side.rows(DATABASE, RAW)) == 2)
        until(lambda: "takes rows again" in caplog.text)
    told = [line for record in caplog.records if "wait for" not in (line := record.getMessage())]
    troubled = [line.partition(":")[0] for line in told if "trying again until it goes" in line]
    over = [line.partition(":")[0] for line in told if "takes rows again" in line]
    assert len(told) == len(troubled) + len(over)
    assert set(over) <= set(troubled)
    assert len(set(troubled)) == len(troubled)


def test_a_fault_of_a_worker_ends_the_crew(project: Project, far_side: TreasureDataEmulator) -> None:
    far_side.faults.add(TreasureDataFault(FaultKind.SERVER_ERROR, times=None))
    receive(project, source_of("ingest"), 1)

    def broken() -> float:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), at_work(project, Runtime(random=broken)) as until:
        until(lambda: False)


def test_there_is_one_drain_at_a_time(project: Project) -> None:
    with only_drain(project.state), pytest.raises(ConfigError, match="at work already"), only_drain(project.state):
        pass
    with only_drain(project.state):
        pass


def test_a_file_that_is_put_back_is_handed_over(
    project: Project, far_side: TreasureDataEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    source = source_of("ingest")
    receive(project, source, 1)
    path = Places(project.state).path(local_database(source))
    away = path.rename(path.with_name("away"))
    with at_work(project) as until:
        until(lambda: "nothing is handed over" in caplog.text)
        away.rename(path)
        until(lambda: bool(far_side.rows(DATABASE, EVENTS)))
    assert len(far_side.rows(DATABASE, EVENTS)) == 1


def test_a_project_that_cannot_be_read_is_told_once(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    looks = iter(range(20))

    def wait(_: float) -> bool:
        (project.folder / "td-line.yml").write_text("connections: [")
        return next(looks, None) is None

    Crew(project, default_registry(), Runtime()).run(wait)
    assert caplog.text.count("the sources stay as they were") == 1
