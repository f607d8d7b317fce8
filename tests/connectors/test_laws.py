"""Laws of the export to MAAC: merging changes nothing, and no fault loses or doubles a row."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as some

from td_line_connectors.testing import FaultPlan, MaacEmulator
from tests.connectors.crescendo import Exporter, SharedClock, counts, uid

Row = dict[str, object]

MEMORY = Path("/dev/shm")  # noqa: S108 - many small runs: a disk that is none makes them quick
WORK = MEMORY if MEMORY.is_dir() else None

WORDS = some.sampled_from(["", "a", "b", "c", "a,b", "b,c,d"])
ROWS = some.lists(
    some.fixed_dictionaries(
        {"line_uid": some.sampled_from([uid(n) for n in range(4)])},
        optional={
            "email": some.sampled_from([None, "", "a@example.com", "B@Example.com", "not an address"]),
            "mobile": some.sampled_from([None, "0912345678", "+886 987 654 321", "12"]),
            "gender": some.sampled_from([None, "male", "FEMALE", "robot"]),
            "birthday": some.sampled_from([None, "1985-04-06", "2000-02-29", "1985"]),
            "line_display_name": some.sampled_from([None, "王", "Ann"]),
            "tags": WORDS,
        },
    ),
    max_size=15,
)


@contextmanager
def exporting(faults: FaultPlan | None = None) -> Iterator[Exporter]:
    clock = SharedClock()
    with (
        tempfile.TemporaryDirectory(dir=WORK) as folder,
        MaacEmulator(now=clock, task_seconds=2.0, segment_seconds=3.0, faults=faults or FaultPlan()) as maac,
    ):
        yield Exporter(maac, clock, Path(folder))


def members(exporter: Exporter) -> list[Row]:
    """Give what MAAC holds; a member's tags are a set, whose order says nothing."""
    return [{**member, "tags": sorted(member["tags"])} for member in exporter.maac.account().members]


@settings(max_examples=25, deadline=None)
@given(rows=ROWS)
def test_merging_leaves_what_importing_row_after_row_would(rows: Sequence[Row]) -> None:
    with exporting() as merged, exporting() as single:
        merged.members(rows)
        for row in rows:
            single.members([row])

        assert members(merged) == members(single)


@settings(max_examples=15, deadline=None)
@given(rows=ROWS, seed=some.integers(0, 2**32), rate=some.floats(0, 0.7))
def test_under_random_faults_every_row_ends_in_one_place_and_resuming_finishes(
    rows: Sequence[Row], seed: int, rate: float
) -> None:
    with exporting(FaultPlan.random(seed, rate)) as exporter, exporting() as undisturbed:
        ended = exporter.members(rows)
        while (exporter.folder / "snapshot.sqlite").exists():
            counts(ended)
            ended = exporter.members(None)
        expected = undisturbed.members(rows)

        assert counts(ended) == counts(expected)
        assert exporter.maac.account().members == undisturbed.maac.account().members
        assert (exporter.maac.violations, exporter.maac.imports_in_flight_max <= 1) == ([], True)


@settings(max_examples=15, deadline=None)
@given(seed=some.integers(0, 2**32), rate=some.floats(0, 0.7), update=some.booleans())
def test_under_random_faults_a_segment_is_made_once(seed: int, rate: float, update: bool) -> None:  # noqa: FBT001 - drawn
    people = [{"line_uid": uid(number)} for number in range(5)]
    with exporting(FaultPlan.random(seed, rate)) as exporter:
        ended = exporter.segment(people, update_segment=update)
        while (exporter.folder / "snapshot.sqlite").exists():
            counts(ended)
            ended = exporter.segment(None, update_segment=update)

        assert counts(ended) == {"read": 5, "written": 5}
        assert [list(each.uids) for each in exporter.maac.account().segments] == [[uid(n) for n in range(5)]]
