"""Rows go on to Treasure Data while calls come in."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from td_line_connectors.cli.drain import drain_command
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import Project, read_project
from td_line_connectors.server.draining import DrainProcess
from td_line_connectors.sources.creating import SourceFields, create_source
from td_line_connectors.sources.source import Source
from td_line_connectors.testing import TreasureDataEmulator
from tests.server.conftest import BODY, EVENT
from tests.server.project import databases, make_project, path_of, receiving, serving, store

SECONDS = 30.0
RECORD = """\
import os, sys, time
print(os.getpid(), file=open(sys.argv[1], "a"), flush=True)
time.sleep(float(sys.argv[2]))
"""


def soon(holds: Callable[[], object]) -> bool:
    until = monotonic() + SECONDS
    while monotonic() < until:
        if holds():
            return True
        Event().wait(0.05)
    return False


@pytest.fixture
def far_side() -> Iterator[TreasureDataEmulator]:
    with TreasureDataEmulator() as emulator:
        emulator.add_tables("line", "calls", "events")
        yield emulator


@pytest.fixture
def project(tmp_path: Path, far_side: TreasureDataEmulator) -> Project:
    made = make_project(tmp_path)
    with (tmp_path / "td-line.yml").open("a") as file:
        file.write(f"    td_api_key: {far_side.write_key}\n    ingest_endpoint: {far_side.url}\n")
    return read_project(made.folder, {})


@pytest.fixture
def source(project: Project) -> Source:
    fields = SourceFields(
        name="shop", connection="line_oa", database="line", raw_table="calls", events_table="events", datastore="plazma"
    )
    now, made_in = datetime.now(UTC), databases(project)
    return create_source(fields, project, default_registry(), store=store(project), databases=made_in, now=now)


def test_a_call_is_stored_here_before_it_is_answered_and_goes_on_afterwards(
    project: Project, source: Source, far_side: TreasureDataEmulator
) -> None:
    far_side.stop()
    with serving(project) as running:
        assert running.receiver.call(path_of(source), BODY) == 200
        assert soon(lambda: 'td_line_drain_pending_rows{source="shop"} 2.0' in running.receiver.get("/metrics")[1])
        far_side.start()
        assert soon(lambda: far_side.rows("line", "events") and far_side.rows("line", "calls"))
        assert soon(lambda: running.receiver.get("/readyz") == (200, "ready\n"))
    [row] = far_side.rows("line", "events")
    assert (row["event_webhookeventid"], row["event_type"]) == (EVENT["webhookEventId"], "message")
    assert far_side.write_key not in (project.folder / "serve.log").read_text()


def test_while_treasure_data_is_away_the_receiver_is_ready_and_says_what_waits(
    project: Project, source: Source
) -> None:
    with receiving(project) as receiver:
        assert receiver.call(path_of(source), BODY) == 200
        status, detail = receiver.get("/readyz")
        figures = receiver.get("/metrics")[1]
    assert status == 200
    assert detail.startswith("ready\nsource shop: rows that wait for Treasure Data: 2, the oldest for ")
    assert 'td_line_drain_rejected_rows{source="shop"} 0.0' in figures
    assert str(source.id) not in figures + detail


def test_sources_of_both_kinds_are_served_side_by_side(project: Project, source: Source) -> None:
    fields = SourceFields(name="here", connection="line_oa", database="line", raw_table="calls", events_table="events")
    here = create_source(
        fields,
        project,
        default_registry(),
        store=store(project),
        databases=databases(project),
        now=datetime.now(UTC),
        create_tables=True,
    )
    with receiving(project) as receiver:
        assert [receiver.call(path_of(each), BODY) for each in (source, here)] == [200, 200]
    [[stored]] = databases(project).query("line", "SELECT count(*) FROM events").rows
    assert stored == 1


def test_the_drain_ends_with_the_receiver_even_if_that_is_killed(
    project: Project, source: Source, far_side: TreasureDataEmulator
) -> None:
    with serving(project) as running:
        assert running.receiver.call(path_of(source), BODY) == 200
        assert soon(lambda: far_side.rows("line", "events"))
        drain = int((project.state / "plazma" / "drain.lock").read_text().removeprefix("process "))
        os.kill(running.process.pid, signal.SIGKILL)
        assert soon(lambda: not _is_alive(drain))


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def started(tmp_path: Path) -> Path:
    """The file in which each process that was started writes its number."""
    return tmp_path / "started"


def _command(started: Path, seconds: float) -> Sequence[str]:
    return [sys.executable, "-c", RECORD, str(started), str(seconds)]


def _numbers(started: Path) -> list[int]:
    return [int(line) for line in started.read_text().split()] if started.exists() else []


def test_a_drain_that_dies_is_started_again(started: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(DrainProcess(_command(started, 60), lambda: True, monotonic, look=0.01)) as process:
        process.start()
        assert soon(lambda: _numbers(started))
        os.kill(_numbers(started)[0], signal.SIGKILL)
        assert soon(lambda: len(_numbers(started)) == 2)
    assert "the drain was ended by signal 9; nothing is lost, and it is started again in 1 s" in caplog.text
    assert not _is_alive(_numbers(started)[1])


def test_ctrl_c_at_the_terminal_is_the_receivers_alone(started: Path) -> None:
    with closing(DrainProcess(_command(started, 60), lambda: True, monotonic, look=0.01)) as process:
        process.start()
        assert soon(lambda: _numbers(started))
        assert os.getpgid(_numbers(started)[0]) != os.getpgid(0)


def test_without_a_source_for_treasure_data_no_drain_runs(started: Path) -> None:
    looks, sources = list[int](), Event()

    def wanted() -> bool:
        looks.append(1)
        return sources.is_set()

    with closing(DrainProcess(_command(started, 60), wanted, monotonic, look=0.01)) as process:
        process.start()
        assert soon(lambda: len(looks) > 10)
        assert _numbers(started) == []
        sources.set()
        assert soon(lambda: _numbers(started))
        sources.clear()
        assert soon(lambda: not _is_alive(_numbers(started)[0]))


def test_a_drain_that_cannot_be_started_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(DrainProcess([str(tmp_path / "nothing")], lambda: True, monotonic, look=0.01)) as process:
        process.start()
        assert soon(lambda: "starting the drain: No such file" in caplog.text)


def test_the_command_of_a_drain_names_its_project_and_its_parent(project: Project) -> None:
    command = drain_command(project, "json", 17)
    assert command[-5:] == ["--log-format", "json", "drain", "--parent", "17"]
    assert str(project.folder.absolute()) in command
