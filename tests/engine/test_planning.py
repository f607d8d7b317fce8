"""A plan says what a run would do, and does nothing of it."""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from td_line_connectors.engine.export import Ended, ExportTask, export
from td_line_connectors.engine.planning import top_reasons
from td_line_connectors.errors import RunFailedError, StoreError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report import RowCounts, RunStatus, TaskPlan
from td_line_connectors.runs.folder import RunFolder
from td_line_connectors.runs.snapshot import SetAside, Snapshot
from td_line_connectors.spi import Limits
from tests.engine.ledger import Clock, LedgerOutput, runtime

Rows = list[dict[str, Any]]
MEMORY = Path("/dev/shm")  # noqa: S108 - many small runs: a disk that is none makes them quick
WORK = MEMORY if MEMORY.is_dir() else None

MIXED: Rows = [
    {"id": "a", "note": "Ann Lee"},
    {"id": " ", "note": "Bo"},
    {"id": "a"},
    {"id": "b", "note": "x" * 2001},
    {"id": "c", "note": True},
    {"id": "a"},
    {"id": "d"},
    {"ID": "e", "note": 7, " Size ": True},
]
"""Eight rows: four are valid, of which two merge into another."""


def task(ledger: LedgerOutput, folder: Path, clock: Clock | None = None) -> ExportTask:
    return ExportTask(
        name="test", connector=ledger, folder=RunFolder(folder), runtime=runtime(clock or Clock(), folder)
    )


def plan_in(ended: Ended) -> TaskPlan:
    assert ended.report.plan is not None
    return ended.report.plan


def counts(rows: RowCounts) -> dict[str, int]:
    assert rows.unaccounted == 0
    return {name: number for name, number in rows.to_json().items() if number}


def rejects(ended: Ended) -> list[dict[str, Any]]:
    assert ended.report.rejects is not None
    text = ended.report.rejects.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n")[:-1]]  # splitlines() knows more ends of lines than JSONL


def test_a_plan_sends_nothing_and_its_valid_rows_are_unsettled(tmp_path: Path) -> None:
    ledger = LedgerOutput()

    ended = task(ledger, tmp_path).plan(MIXED)

    assert (ledger.bodies, ended.cause) == ([], None)
    assert counts(ended.report.rows) == {"read": 8, "invalid": 4, "unsettled": 4}


def test_a_plan_counts_the_requests_the_merges_and_the_minutes(tmp_path: Path) -> None:
    ledger = LedgerOutput(limits=Limits(rows=1, bytes=9999, per_minute=2))

    ended = task(ledger, tmp_path).plan([*MIXED, *({"id": f"n{number}"} for number in range(5))])

    plan = plan_in(ended)
    assert ended.report.requests == 7
    assert (plan.repeated_keys, plan.merging_rows) == (1, 2)
    assert (plan.per_minute, plan.minutes) == (2, 3)


def test_a_plan_shows_why_rows_are_invalid_and_a_masked_example(tmp_path: Path) -> None:
    ended = task(LedgerOutput(), tmp_path).plan(MIXED)

    shown = [(each.field, each.rows, each.row, each.example) for each in plan_in(ended).reasons]
    assert shown == [
        ("id", 1, 2, None),
        ("note", 1, 4, "a" * 40 + "… (2,001 characters)"),
        ("note", 1, 5, "aaaa"),
        ("size", 1, 8, "aaaa"),
    ]


def test_a_plans_rejects_are_the_invalid_rows_alone(tmp_path: Path) -> None:
    ended = task(LedgerOutput(), tmp_path).plan(MIXED)

    assert [(line["rows"], line["outcome"]) for line in rejects(ended)] == [
        ([each], "invalid") for each in (2, 4, 5, 8)
    ]


def test_a_plan_leaves_nothing_that_could_be_sent(tmp_path: Path) -> None:
    planned = task(LedgerOutput(), tmp_path)

    planned.plan(MIXED)

    assert [each.name for each in tmp_path.iterdir()] == ["rejects.jsonl"]
    with pytest.raises(StoreError, match="no snapshot"):
        planned.resume()


def test_the_snapshot_of_a_plan_that_was_killed_cannot_be_sent(tmp_path: Path) -> None:
    class Killed(LedgerOutput):
        def prepare(self) -> None:
            shutil.copy(tmp_path / "snapshot.sqlite", tmp_path / "left.sqlite")

    task(Killed(), tmp_path).plan(MIXED)

    with pytest.raises(StoreError, match="may not be sent"):
        Snapshot.open(tmp_path / "left.sqlite")


def test_a_plan_whose_rejects_cannot_be_written_fails_and_leaves_no_snapshot(tmp_path: Path) -> None:
    (tmp_path / "rejects.unfinished").mkdir()

    ended = task(LedgerOutput(), tmp_path).plan(MIXED)

    assert isinstance(ended.cause, StoreError)
    assert counts(ended.report.rows) == {"read": 8, "invalid": 4, "unsettled": 4}
    assert [each.name for each in tmp_path.iterdir()] == ["rejects.unfinished"]


def test_a_plan_that_is_stopped_leaves_nothing_to_resume(tmp_path: Path) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield from MIXED
        raise KeyboardInterrupt

    ended = task(LedgerOutput(), tmp_path).plan(rows())

    assert ended.status(plan=True) is RunStatus.INTERRUPTED
    assert counts(ended.report.rows) == {"read": 8, "invalid": 4, "unsettled": 4}
    assert list(tmp_path.iterdir()) == []


def test_the_library_plans_too() -> None:
    ledger = LedgerOutput()

    report = export(MIXED, ledger, runtime(Clock()), plan=True)

    assert (report.status, report.exit_code, ledger.bodies) == (RunStatus.PLANNED, 0, [])
    assert report.tasks[0].plan is not None
    assert report.tasks[0].rejects is None  # gone with the temporary folder


def test_a_plan_of_a_run_that_would_be_stopped_fails_as_the_run_would() -> None:
    with pytest.raises(RunFailedError) as caught:
        export(MIXED, LedgerOutput(skip_invalid=False), runtime(Clock()), plan=True)

    [planned] = caught.value.report.tasks
    assert (caught.value.report.status, caught.value.report.exit_code) == (RunStatus.PLANNED, 3)
    assert (planned.requests, planned.plan is not None) == (0, True)


def reason(number: int, *places: tuple[str, str]) -> SetAside:
    return SetAside(number, [ValidationIssue(field, code, f"must be {code}", number) for field, code in places], {})


def test_the_most_frequent_reasons_come_first_and_ten_are_shown() -> None:
    rare = [reason(number, (f"column {number}", "odd")) for number in range(1, 20)]

    found = top_reasons([*rare, reason(20, ("id", "odd"), ("id", "even")), reason(21, ("id", "even"))])

    assert [(each.field, each.code, each.rows) for each in found[:3]] == [
        ("id", "even", 2),
        ("column 1", "odd", 1),
        ("column 2", "odd", 1),
    ]
    assert len(found) == 10


def test_a_row_counts_once_for_a_reason_however_often_it_has_it() -> None:
    [found] = top_reasons([reason(1, ("tags", "length"), ("tags", "length"))])

    assert (found.rows, found.row) == (1, 1)


IDS = some.sampled_from([*"abcdefgh", "", None])
ROWS = some.lists(
    some.fixed_dictionaries(
        {"id": IDS, "note": some.sampled_from([None, "1", "2", True]), "size": some.text(max_size=2)}
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(
    rows=ROWS,
    size=some.integers(1, 4),
    per_minute=some.integers(1, 3),
    skip_invalid=some.booleans(),
    minimum=some.integers(0, 1),
)
def test_the_run_does_what_its_plan_said(
    rows: Rows,
    size: int,
    per_minute: int,
    skip_invalid: bool,  # noqa: FBT001 - drawn
    minimum: int,
) -> None:
    limits = Limits(rows=size, bytes=9999, per_minute=per_minute, minimum=minimum)
    ledger, clock = LedgerOutput(limits=limits, skip_invalid=skip_invalid), Clock()
    with tempfile.TemporaryDirectory(dir=WORK) as name:
        planned = task(ledger, Path(name, "plan")).plan(rows)
        assert ledger.bodies == []

        ran = task(ledger, Path(name, "run"), clock).run(rows)

    was, said, plan = ran.report, planned.report, plan_in(planned)
    assert (said.rows.read, said.rows.invalid) == (was.rows.read, was.rows.invalid)
    assert said.rows.unsettled == was.rows.written + was.rows.merged + was.rows.unsettled
    assert (said.requests, said.error, said.issues) == (was.requests, was.error, was.issues)
    if not was.error:
        assert plan.merging_rows == was.rows.merged
    assert sum(clock.slept) == pytest.approx(60 * plan.minutes)


@settings(max_examples=40, deadline=None)
@given(rows=ROWS)
def test_the_reasons_add_up_to_those_in_the_rejects(rows: Rows) -> None:
    with tempfile.TemporaryDirectory(dir=WORK) as name:
        planned = task(LedgerOutput(), Path(name)).plan(rows)
        lines = rejects(planned) if planned.report.rejects else []

    found = Counter((issue["field"], issue["code"]) for line in lines for issue in line["issues"])
    assert {(each.field, each.code): each.rows for each in plan_in(planned).reasons} == found
