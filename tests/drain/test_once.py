"""What waits is handed over, for cron or after an outage."""

from pathlib import Path

import pytest

from td_line_connectors.drain.once import hand_over
from td_line_connectors.drain.stream import Tally
from td_line_connectors.errors import RefusedError, TransientError
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import Project
from td_line_connectors.sources.places import Places
from td_line_connectors.storage.events import EventTables
from td_line_connectors.testing import FaultKind, StillClock, TreasureDataEmulator, TreasureDataFault
from tests.drain.queues import DATABASE, EVENTS, RAW, event, make_project, source_of, store


@pytest.fixture
def project(tmp_path: Path, far_side: TreasureDataEmulator) -> Project:
    made = make_project(tmp_path, far_side, "import")
    tables = EventTables(Places(made.state))
    store(tables, source_of("import"), map(event, range(10)))
    tables.close()
    return made


def test_few_rows_do_not_wait_for_others(project: Project, far_side: TreasureDataEmulator, clock: StillClock) -> None:
    done = hand_over(project, default_registry(), clock.runtime())
    assert (done.tallies, done.problems) == ({"Shop": Tally(handed_over=11)}, [])
    assert len(far_side.rows(DATABASE, EVENTS)) == 10
    assert hand_over(project, default_registry(), clock.runtime()).tallies == {"Shop": Tally()}


def test_patience_ends_after_two_minutes(project: Project, far_side: TreasureDataEmulator, clock: StillClock) -> None:
    far_side.stop()
    began = clock()
    done = hand_over(project, default_registry(), clock.runtime())
    assert [type(problem) for problem in done.problems] == [TransientError, TransientError]
    assert clock() - began <= 240
    far_side.start()
    assert hand_over(project, default_registry(), clock.runtime()).tallies["Shop"].handed_over == 11


def test_a_table_that_is_refused_does_not_stop_the_other(
    project: Project, far_side: TreasureDataEmulator, clock: StillClock
) -> None:
    far_side.faults.add(TreasureDataFault(FaultKind.REFUSED, status=404))
    done = hand_over(project, default_registry(), clock.runtime())
    [problem] = done.problems
    assert isinstance(problem, RefusedError)
    assert "there is no such database or table in this region" in str(problem)
    assert (len(far_side.rows(DATABASE, RAW)), len(far_side.rows(DATABASE, EVENTS))) == (0, 10)
