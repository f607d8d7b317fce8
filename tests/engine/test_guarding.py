"""A guard stops a run before its first request."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from td_line_connectors.engine.export import Ended, ExportTask, export
from td_line_connectors.errors import DataError, RunFailedError, StoreError, TransientError
from td_line_connectors.guards import UNGUARDED, Guards, Percent
from td_line_connectors.report import RunStatus, SegmentSummary
from td_line_connectors.runs.folder import RunFolder
from td_line_connectors.spi import Limits
from tests.engine.ledger import Clock, LedgerOutput, runtime

Rows = list[dict[str, Any]]

NEW = SegmentSummary(None, "VIP")
THERE = SegmentSummary(7, "VIP", 10)
UNCOUNTED = SegmentSummary(7, "VIP", None)

ONE_OF_TEN: Rows = [*({"id": each} for each in "abcdefghi"), {"id": ""}]


class ListOutput(LedgerOutput):
    """A ledger that looks first.

    Attributes:
        there: what it finds each time; an error is raised.
        looks: how often it has looked.
    """

    def __init__(self, *there: SegmentSummary | BaseException, **facts: Any) -> None:
        super().__init__(**facts)
        self.there = iter(there)
        self.looks = 0

    def prepare(self) -> SegmentSummary:
        self.looks += 1
        found = next(self.there)
        if isinstance(found, BaseException):
            raise found
        return found


def ids(number: int) -> Rows:
    return [{"id": f"{each:03}"} for each in range(number)]


def task(ledger: LedgerOutput, folder: Path, guards: Guards = UNGUARDED) -> ExportTask:
    run = runtime(Clock(), folder)
    return ExportTask(name="test", connector=ledger, folder=RunFolder(folder), runtime=run, guards=guards)


def told(ended: Ended) -> tuple[int, str]:
    assert ended.report.rows.unaccounted == 0
    error = ended.report.error
    return (error.exit_code, error.message) if error else (0, "")


SHRINK_30 = Guards(max_shrink=Percent(30))


@pytest.mark.parametrize("plan", [False, True], ids=["run", "plan"])
@pytest.mark.parametrize(
    ("guard", "words"),
    [(0, "at most 0 may be"), (Percent(9.9), "at most 9.9% may be"), (Percent(0), "at most 0% may be")],
    ids=str,
)
def test_too_many_invalid_rows_stop_a_run_before_it_has_sent_anything(
    tmp_path: Path,
    guard: int | Percent,
    words: str,
    plan: bool,  # noqa: FBT001 - the table's
) -> None:
    ledger = ListOutput(THERE)
    guarded = task(ledger, tmp_path, Guards(max_invalid=guard))

    ended = guarded.plan(ONE_OF_TEN) if plan else guarded.run(ONE_OF_TEN)

    code, message = told(ended)
    assert (code, ledger.bodies, ledger.looks) == (3, [], 0)
    assert message == (
        f"max_invalid: 1 row of 10 is invalid (10.0 %), and {words}: nothing was sent; "
        "mend the query; or allow more, or lift this guard with `--max-invalid none`"
    )


@pytest.mark.parametrize("guard", [None, 1, Percent(10)], ids=str)
def test_just_as_many_invalid_rows_as_are_allowed_are_set_aside(tmp_path: Path, guard: int | Percent | None) -> None:
    ledger = LedgerOutput()

    ended = task(ledger, tmp_path, Guards(max_invalid=guard)).run(ONE_OF_TEN)

    assert (told(ended)[0], ended.report.rows.written) == (0, 9)


@pytest.mark.parametrize("plan", [False, True], ids=["run", "plan"])
def test_a_list_that_would_lose_too_many_stops_a_run_before_it_has_sent_anything(
    tmp_path: Path,
    plan: bool,  # noqa: FBT001 - the table's
) -> None:
    ledger = ListOutput(THERE)
    guarded = task(ledger, tmp_path, SHRINK_30)

    ended = guarded.plan(ids(6)) if plan else guarded.run(ids(6))

    code, message = told(ended)
    assert (code, ledger.bodies, ended.report.rows.unsettled) == (3, [], 6)
    assert message.startswith(
        "max_shrink: segment «VIP» (id 7) would shrink from 10 to 6 members, by 40.0 %, and at most 30% is allowed"
    )
    assert "`--max-shrink none`" in message


@pytest.mark.parametrize(
    ("there", "members"),
    [(THERE, 7), (THERE, 20), (NEW, 1), (SegmentSummary(7, "VIP", 0), 1)],
    ids=["just as many", "more", "a new one", "an empty one"],
)
def test_a_list_that_loses_no_more_is_sent(tmp_path: Path, there: SegmentSummary, members: int) -> None:
    ledger = ListOutput(there)

    ended = task(ledger, tmp_path, SHRINK_30).run(ids(members))

    assert (told(ended)[0], ended.report.rows.written) == (0, members)


def test_people_are_counted_after_merging(tmp_path: Path) -> None:
    ledger = ListOutput(THERE, limits=Limits(rows=100, bytes=99999))

    ended = task(ledger, tmp_path, SHRINK_30).run(ids(6) * 2)

    assert "from 10 to 6 members" in told(ended)[1]


def test_a_guard_that_cannot_be_judged_stops_the_run_and_says_why(tmp_path: Path) -> None:
    ended = task(ListOutput(UNCOUNTED), tmp_path, SHRINK_30).run(ids(6))

    code, message = told(ended)
    assert code == 3
    assert "is not counted yet" in message
    assert "nothing was sent" in message


def test_without_the_guard_nobody_asks_how_many_there_are(tmp_path: Path) -> None:
    ended = task(ListOutput(UNCOUNTED), tmp_path).run(ids(6))

    assert ended.report.rows.written == 6


def test_a_run_looks_once_at_what_is_there(tmp_path: Path) -> None:
    ledger = ListOutput(THERE, THERE)

    task(ledger, tmp_path, SHRINK_30).run(ids(20))

    assert ledger.looks == 1


def test_what_a_guard_has_stopped_cannot_be_resumed(tmp_path: Path) -> None:
    stopped = task(ListOutput(THERE), tmp_path, SHRINK_30)
    stopped.run(ids(6))

    with pytest.raises(StoreError):
        stopped.resume()
    assert [each.name for each in tmp_path.iterdir()] == ["rejects.jsonl"]


@pytest.mark.parametrize(("members", "code"), [(6, 3), (7, 0)])
def test_a_run_that_could_not_look_is_judged_when_it_is_resumed_by_the_guards_it_began_with(
    tmp_path: Path, members: int, code: int
) -> None:
    ledger = ListOutput(TransientError("busy"), THERE)
    begun = task(ledger, tmp_path, SHRINK_30).run(ids(members))
    assert (told(begun)[0], ledger.bodies) == (4, [])

    ended = task(ledger, tmp_path).resume()

    assert told(ended)[0] == code
    assert bool(ledger.bodies) is (code == 0)


def test_a_run_that_has_sent_something_is_not_judged_again(tmp_path: Path) -> None:
    ledger = ListOutput(THERE, SegmentSummary(7, "VIP", 1000))
    ledger.faults = iter([None, TransientError("busy"), *[TransientError("busy")] * 9])
    task(ledger, tmp_path, SHRINK_30).run(ids(7))

    ended = task(ledger, tmp_path).resume()

    assert (told(ended)[0], ended.report.rows.written, ledger.looks) == (0, 7, 1)


def plan_of(ledger: LedgerOutput, folder: Path, rows: Sequence[dict[str, Any]], guards: Guards = UNGUARDED) -> Any:
    plan = task(ledger, folder, guards).plan(rows).report.plan
    assert plan is not None
    return plan.to_json()["segment"]


def test_a_plan_says_what_would_become_of_the_list(tmp_path: Path) -> None:
    replaced = {"action": "replace", "id": 7, "name": "VIP", "member_count": 10, "members": 6}

    assert plan_of(ListOutput(THERE), tmp_path, ids(6)) == replaced
    assert plan_of(ListOutput(THERE), tmp_path, ids(6), SHRINK_30) == replaced
    assert plan_of(ListOutput(UNCOUNTED), tmp_path, ids(6)) == {**replaced, "member_count": None}
    assert plan_of(ListOutput(NEW), tmp_path, ids(6)) == {
        "action": "create",
        "id": None,
        "name": "VIP",
        "member_count": None,
        "members": 6,
    }
    assert plan_of(LedgerOutput(), tmp_path, ids(6)) is None


def test_a_plan_that_cannot_look_says_that_nothing_was_sent_and_tells_the_rest(tmp_path: Path) -> None:
    ended = task(ListOutput(TransientError("asking for segments: busy")), tmp_path).plan(ONE_OF_TEN)

    assert told(ended) == (4, "asking for segments: busy; this was a plan: nothing was sent")
    assert ended.report.plan is not None
    assert (len(ended.report.plan.reasons), ended.report.requests) == (1, 0)
    assert ended.status(plan=True) is RunStatus.PLANNED


def test_the_library_is_guarded_too() -> None:
    ledger = LedgerOutput()

    with pytest.raises(RunFailedError, match="max_invalid") as caught:
        export(ONE_OF_TEN, ledger, runtime(Clock()), guards=Guards(max_invalid=0))

    assert isinstance(caught.value.__cause__, DataError)
    assert ledger.bodies == []
