"""Laws: no fault loses a row or counts one twice, and what was begun can be finished."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as some

from td_line_connectors.engine.export import Ended, ExportTask
from td_line_connectors.errors import RefusedError, TransientError, UncertainError
from td_line_connectors.report import RowCounts
from td_line_connectors.runs.folder import RunFolder
from td_line_connectors.spi import Limits
from tests.engine.ledger import AfterTheEffectError, Clock, LedgerOutput, runtime

IDS = [*"abcdefgh", "", None]
ROWS = some.lists(
    some.fixed_dictionaries(
        {"id": some.sampled_from(IDS), "note": some.sampled_from([None, "1", "2", True]), "size": some.text(max_size=2)}
    ),
    max_size=25,
)

UNCLEAR = [UncertainError("cut"), KeyboardInterrupt(), ValueError("a bug")]
CLEAR = [TransientError("busy"), RefusedError("no", 403)]
FAULTS = some.lists(
    some.sampled_from([None, None, None, *UNCLEAR, *CLEAR, *map(AfterTheEffectError, UNCLEAR)]), max_size=12
)
"""Errors before and after the effect; a connector that certainly did not act may not have acted."""

MEMORY = Path("/dev/shm")  # noqa: S108 - many small runs: a disk that is none makes them quick
WORK = MEMORY if MEMORY.is_dir() else None


def task(ledger: LedgerOutput, folder: Path) -> ExportTask:
    return ExportTask(name="law", connector=ledger, folder=RunFolder(folder), runtime=runtime(Clock(), folder))


def conserved(counts: RowCounts, rows: int) -> bool:
    return counts.read == rows and counts.unaccounted == 0 and min(counts.to_json().values()) >= 0


def finished(ledger: LedgerOutput, folder: Path, ended: Ended, rows: int) -> Ended:
    """Resume until nothing is left, as an operator would."""
    for _ in range(30):
        if not RunFolder(folder).snapshot.exists():
            break
        ended = task(ledger, folder).resume()
        assert conserved(ended.report.rows, rows)
    return ended


@settings(max_examples=40, deadline=None)
@given(
    rows=ROWS,
    faults=FAULTS,
    settle_faults=FAULTS,
    repeatable=some.booleans(),
    refuse=some.sets(some.sampled_from("abc")),
)
def test_whatever_fails_every_row_ends_in_exactly_one_place(
    rows: Sequence[dict[str, object]],
    faults: Sequence[BaseException | None],
    settle_faults: Sequence[BaseException | None],
    repeatable: bool,  # noqa: FBT001 - drawn
    refuse: set[str],
) -> None:
    ledger = LedgerOutput(repeatable=repeatable, limits=Limits(rows=3, bytes=9999))
    ledger.faults, ledger.refuse = iter(faults), refuse
    ledger.settle_faults = iter([None if isinstance(each, AfterTheEffectError) else each for each in settle_faults])
    with tempfile.TemporaryDirectory(dir=WORK) as name:
        folder = Path(name)

        ended = task(ledger, folder).run(rows)

        assert conserved(ended.report.rows, len(rows))
        finished(ledger, folder, ended, len(rows))


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, faults=FAULTS, repeatable=some.booleans())
def test_an_interrupted_run_resumed_leaves_what_importing_the_rows_one_by_one_would(
    rows: Sequence[dict[str, object]],
    faults: Sequence[BaseException | None],
    repeatable: bool,  # noqa: FBT001 - drawn
) -> None:
    ledger, alone = LedgerOutput(repeatable=repeatable), LedgerOutput()
    ledger.faults = iter(faults)
    with tempfile.TemporaryDirectory(dir=WORK) as name:
        ended = finished(ledger, Path(name), task(ledger, Path(name)).run(rows), len(rows))
    for row in rows:
        record = alone.rows.parse(row, 1)
        if not isinstance(record, list):
            alone.submit(alone.encode([record]))

    assert ledger.kept == alone.kept
    assert ended.report.rows.unsettled == 0


@settings(max_examples=30, deadline=None)
@given(rows=ROWS, faults=FAULTS)
def test_what_may_not_be_repeated_takes_effect_once(
    rows: Sequence[dict[str, object]], faults: Sequence[BaseException | None]
) -> None:
    ledger = LedgerOutput(repeatable=False, limits=Limits(rows=100, bytes=99999))
    ledger.faults = iter(faults)
    with tempfile.TemporaryDirectory(dir=WORK) as name:
        finished(ledger, Path(name), task(ledger, Path(name)).run(rows), len(rows))

    assert len(ledger.bodies) <= 1
