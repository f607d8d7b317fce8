"""Every row read ends in exactly one place, and the report says in which."""

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from td_line_connectors.engine.export import ExportTask, export
from td_line_connectors.errors import (
    ConfigError,
    DataError,
    RefusedError,
    RunFailedError,
    TaskTimeoutError,
    TransientError,
    UncertainError,
)
from td_line_connectors.report import RunReport, RunStatus
from td_line_connectors.rows import Result
from td_line_connectors.runs.folder import RunFolder
from td_line_connectors.spi import Limits
from tests.engine.ledger import AfterTheEffectError, Clock, LedgerOutput, runtime

Rows = list[dict[str, Any]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger() -> LedgerOutput:
    return LedgerOutput()


def entries(*ids: str, **values: str) -> Rows:
    return [{"id": each, **values} for each in ids]


def itself() -> list[object]:
    """Give a list that holds itself."""
    endless: list[object] = []
    endless.append(endless)
    return endless


def task(ledger: LedgerOutput, clock: Clock, folder: Path) -> ExportTask:
    return ExportTask(name="test", connector=ledger, folder=RunFolder(folder), runtime=runtime(clock, folder))


def run(rows: Any, ledger: LedgerOutput, clock: Clock, folder: Path | None = None) -> RunReport:
    return export(rows, ledger, runtime(clock, folder))


def failed(rows: Any, ledger: LedgerOutput, clock: Clock, folder: Path | None = None) -> RunFailedError:
    with pytest.raises(RunFailedError) as caught:
        run(rows, ledger, clock, folder)
    assert caught.value.report.rows.unaccounted == 0
    return caught.value


def counts(report: RunReport) -> dict[str, int]:
    assert report.rows.unaccounted == 0
    return {name: number for name, number in report.rows.to_json().items() if number}


def rejects(report: RunReport) -> list[dict[str, Any]]:
    path = report.tasks[0].rejects
    assert path is not None
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_valid_rows_are_written(ledger: LedgerOutput, clock: Clock) -> None:
    report = run(entries("a", "b"), ledger, clock)

    assert report.status is RunStatus.SUCCESS
    assert counts(report) == {"read": 2, "written": 2}
    assert set(ledger.kept) == {"a", "b"}


def test_rows_are_cut_into_requests_of_the_far_sides_size(ledger: LedgerOutput, clock: Clock) -> None:
    report = run(entries(*"abcdefg"), ledger, clock)

    assert ledger.bodies == [["a", "b", "c"], ["d", "e", "f"], ["g"]]
    assert report.tasks[0].requests == 3


def test_a_request_that_would_be_too_heavy_is_cut_further(clock: Clock) -> None:
    ledger = LedgerOutput(limits=Limits(rows=10, bytes=500))

    report = run(entries(*"abcd", note="x" * 180), ledger, clock)

    assert [len(ids) for ids in ledger.bodies] == [2, 2]
    assert counts(report) == {"read": 4, "written": 4}


def test_a_row_too_heavy_for_any_request_is_invalid_and_costs_no_neighbour(clock: Clock) -> None:
    ledger = LedgerOutput(limits=Limits(rows=10, bytes=500))

    report = run([*entries("a"), *entries("b", note="x" * 600), *entries("c")], ledger, clock)

    assert counts(report) == {"read": 3, "written": 2, "invalid": 1}
    assert [(each.row, each.code) for each in report.tasks[0].issues] == [(2, "too_large")]


def test_rows_of_one_key_are_merged_the_last_value_given_wins(ledger: LedgerOutput, clock: Clock) -> None:
    rows = [{"id": "a", "note": "1", "size": "S"}, {"id": "b"}, {"id": "a", "note": "2", "size": None}]

    report = run(rows, ledger, clock)

    assert counts(report) == {"read": 3, "written": 2, "merged": 1}
    assert ledger.kept["a"] == {"id": "a", "note": "2", "size": "S"}


def test_rows_that_cannot_be_merged_go_into_requests_of_their_own_in_their_order(clock: Clock) -> None:
    ledger = LedgerOutput(merges=False)

    report = run([{"id": "a", "note": "1"}, {"id": "b"}, {"id": "a", "note": "2"}], ledger, clock)

    assert ledger.bodies == [["a", "b"], ["a"]]
    assert counts(report) == {"read": 3, "written": 3}


def test_an_invalid_row_is_set_aside_with_every_reason(ledger: LedgerOutput, clock: Clock, tmp_path: Path) -> None:
    rows = [*entries("a"), {"id": "", "note": "x" * 2001, "size": 7}]

    report = run(rows, ledger, clock, tmp_path)

    assert counts(report) == {"read": 2, "written": 1, "invalid": 1}
    [line] = rejects(report)
    assert line["rows"] == [2]
    assert line["outcome"] == "invalid"
    assert {issue["field"] for issue in line["issues"]} == {"id", "note"}
    assert line["record"] == rows[1]


def test_an_invalid_row_gives_nothing_to_a_merge(ledger: LedgerOutput, clock: Clock) -> None:
    run([{"id": "a", "note": "1"}, {"id": "a", "note": True, "size": "L"}], ledger, clock)

    assert ledger.kept == {"a": {"id": "a", "note": "1"}}


def test_with_skipping_off_one_bad_row_ends_the_run_before_anything_is_sent(clock: Clock) -> None:
    ledger = LedgerOutput(skip_invalid=False)

    error = failed([*entries(*"abcd"), {"id": ""}], ledger, clock)

    assert isinstance(error.__cause__, DataError)
    assert error.report.exit_code == 3
    assert counts(error.report) == {"read": 5, "invalid": 1, "unsettled": 4}
    assert ledger.bodies == []


def test_a_result_without_a_single_valid_row_is_a_data_error_whatever_the_setting(
    ledger: LedgerOutput, clock: Clock
) -> None:
    error = failed([{"id": ""}, {"id": None}], ledger, clock)

    assert error.report.exit_code == 3
    assert counts(error.report) == {"read": 2, "invalid": 2}


def test_a_result_without_rows_is_fine(ledger: LedgerOutput, clock: Clock) -> None:
    report = run([], ledger, clock)

    assert (report.status, counts(report), ledger.bodies) == (RunStatus.SUCCESS, {}, [])


def test_a_result_without_rows_is_a_data_error_where_an_empty_list_is_refused(clock: Clock) -> None:
    ledger = LedgerOutput(limits=Limits(rows=3, bytes=999, minimum=1))

    assert failed([], ledger, clock).report.exit_code == 3


def test_a_result_too_large_for_one_request_that_may_not_be_cut_is_a_data_error(clock: Clock) -> None:
    ledger = LedgerOutput(limits=Limits(rows=3, bytes=9999, overflow="refuse"))

    error = failed(entries(*"abcd"), ledger, clock)

    assert error.report.exit_code == 3
    assert "more than 3 different keys" in str(error)
    assert ledger.bodies == []


def test_a_missing_key_column_is_a_configuration_error_before_any_request(ledger: LedgerOutput, clock: Clock) -> None:
    error = failed([{"note": "1"}, {"note": "2"}], ledger, clock)

    assert isinstance(error.__cause__, ConfigError)
    assert error.report.exit_code == 2
    assert "id: the result lacks this column" in str(error)
    assert ledger.bodies == []


def test_a_missing_key_column_is_seen_even_in_a_result_without_rows(ledger: LedgerOutput, clock: Clock) -> None:
    assert failed(Result(columns=("note",), rows=[]), ledger, clock).report.exit_code == 2


def test_unknown_columns_are_ignored_with_one_warning_that_names_them(ledger: LedgerOutput, clock: Clock) -> None:
    report = run([{"id": "a", "height": 1, "Weight": 2}, {"id": "b", "height": 3}], ledger, clock)

    [warning] = report.tasks[0].warnings
    assert "height, Weight" in warning


@pytest.mark.parametrize(
    "result",
    [
        Result(columns=("zoe@example.com", "Zoe"), rows=[("b", "c")]),
        Result(columns=("id", "zoe@example.com", "Zoe"), rows=[("a", "b", "c")]),
    ],
    ids=["a required column lacks", "columns are ignored"],
)
def test_a_row_that_was_taken_for_a_header_is_not_repeated(ledger: LedgerOutput, clock: Clock, result: Result) -> None:
    try:
        [task] = run(result, ledger, clock).tasks
    except RunFailedError as error:
        [task] = error.report.tasks
    told = f"{task.warnings} {task.error}"

    assert "is the first line a header?" in told
    assert "zoe" not in told.lower()


def test_the_source_is_closed_before_the_first_request(clock: Clock) -> None:
    order: list[str] = []

    class Watching(LedgerOutput):
        def submit(self, body: bytes) -> str:
            order.append("sent")
            return super().submit(body)

    run(Result(columns=("id",), rows=[["a"]], close=lambda: order.append("closed")), Watching(), clock)

    assert order == ["closed", "sent"]


def test_a_source_that_fails_half_way_has_sent_nothing(ledger: LedgerOutput, clock: Clock) -> None:
    def rows() -> Iterator[dict[str, str]]:
        yield from entries(*"abcdef")
        raise ValueError("secret@example.com")

    error = failed(rows(), ledger, clock)

    assert ledger.bodies == []
    assert counts(error.report) == {"read": 6, "unsettled": 6}
    assert "secret" not in str(error)


def test_an_outage_that_outlasts_the_retries_leaves_the_rest_unsettled(ledger: LedgerOutput, clock: Clock) -> None:
    ledger.faults = iter([None, *[TransientError("POST: the line broke")] * 6])

    error = failed(entries(*"abcdefg"), ledger, clock)

    assert error.report.exit_code == 4
    assert counts(error.report) == {"read": 7, "written": 3, "unsettled": 4}


def test_a_failure_that_passes_is_tried_again(ledger: LedgerOutput, clock: Clock) -> None:
    ledger.faults = iter([TransientError("busy"), TransientError("busy")])

    assert counts(run(entries("a"), ledger, clock)) == {"read": 1, "written": 1}


def test_what_may_be_repeated_is_sent_again_after_an_unclear_failure(ledger: LedgerOutput, clock: Clock) -> None:
    ledger.faults = iter([AfterTheEffectError(TransientError("cut"))])

    assert counts(run(entries("a"), ledger, clock)) == {"read": 1, "written": 1}
    assert ledger.bodies == [["a"], ["a"]]


def test_what_may_not_be_repeated_is_looked_for_after_an_unclear_failure(clock: Clock) -> None:
    ledger = LedgerOutput(repeatable=False)
    ledger.faults = iter([AfterTheEffectError(UncertainError("cut"))])

    assert counts(run(entries("a"), ledger, clock)) == {"read": 1, "written": 1}
    assert ledger.bodies == [["a"]]


def test_what_may_not_be_repeated_and_is_not_found_is_sent_again(clock: Clock) -> None:
    ledger = LedgerOutput(repeatable=False)
    ledger.faults = iter([UncertainError("cut before the effect")])

    assert counts(run(entries("a"), ledger, clock)) == {"read": 1, "written": 1}
    assert ledger.bodies == [["a"]]


def test_a_refusal_of_the_call_ends_the_run_and_leaves_its_rows_unsettled(ledger: LedgerOutput, clock: Clock) -> None:
    ledger.faults = iter([None, RefusedError("401, check the token", 401)])

    error = failed(entries(*"abcd"), ledger, clock)

    assert error.report.exit_code == 5
    assert counts(error.report) == {"read": 4, "written": 3, "unsettled": 1}


def test_counts_that_do_not_add_up_leave_the_difference_unsettled_with_a_warning(
    ledger: LedgerOutput, clock: Clock
) -> None:
    ledger.miscount = 1

    report = run(entries("a", "b"), ledger, clock)

    assert counts(report) == {"read": 2, "written": 1, "unsettled": 1}
    assert "do not add up" in report.tasks[0].warnings[0]


def test_counts_above_what_was_sent_are_not_believed(ledger: LedgerOutput, clock: Clock) -> None:
    ledger.miscount = -5

    assert counts(run(entries("a", "b"), ledger, clock)) == {"read": 2, "written": 2}


def test_counts_below_nothing_are_not_believed(ledger: LedgerOutput, clock: Clock) -> None:
    ledger.miscount = 5

    assert counts(run(entries("a", "b"), ledger, clock)) == {"read": 2, "unsettled": 2}


def test_a_ticket_that_the_far_side_has_forgotten_is_replaced_by_sending_again(clock: Clock, tmp_path: Path) -> None:
    ledger = LedgerOutput()
    ledger.settle_faults = iter([TaskTimeoutError("not done"), RefusedError("404, nothing there", 404)])
    first = task(ledger, clock, tmp_path).run(entries("a"))

    resumed = task(ledger, clock, tmp_path).resume()

    assert (first.report.rows.unsettled, resumed.report.rows.written) == (1, 1)
    assert ledger.bodies == [["a"], ["a"]]


@pytest.mark.parametrize(("repeatable", "status"), [(True, 403), (False, 404)])
def test_a_ticket_that_may_not_be_replaced_is_kept(
    clock: Clock,
    tmp_path: Path,
    repeatable: bool,  # noqa: FBT001 - the table's
    status: int,
) -> None:
    ledger = LedgerOutput(repeatable=repeatable)
    ledger.settle_faults = iter([TaskTimeoutError("not done"), RefusedError("no", status)])
    task(ledger, clock, tmp_path).run(entries("a"))

    assert task(ledger, clock, tmp_path).resume().report.rows.unsettled == 1
    assert task(ledger, clock, tmp_path).resume().report.rows.written == 1
    assert ledger.bodies == [["a"]]


def test_a_later_refusal_does_not_make_an_unclear_try_a_clear_one(clock: Clock, tmp_path: Path) -> None:
    class LateToShow(LedgerOutput):
        """Acts at once, and shows it only after a while."""

        def find(self, body: bytes) -> str | None:
            return super().find(body) if clock.seconds > 3600 else None

    ledger = LateToShow(repeatable=False)
    ledger.faults = iter([AfterTheEffectError(UncertainError("cut")), RefusedError("busy with something", 409)])
    task(ledger, clock, tmp_path).run(entries("a"))
    clock.sleep(3600)

    assert task(ledger, clock, tmp_path).resume().report.rows.written == 1
    assert ledger.bodies == [["a"]]


def test_looking_for_an_earlier_try_is_not_begun_anew_for_each_try(clock: Clock) -> None:
    looks: list[bytes] = []

    class Blind(LedgerOutput):
        def find(self, body: bytes) -> str | None:
            looks.append(body)
            raise TransientError("GET: 503, in spite of six tries")

    ledger = Blind(repeatable=False)
    ledger.faults = iter([UncertainError("cut")])

    error = failed(entries("a"), ledger, clock)

    assert (len(looks), error.report.exit_code) == (1, 4)
    assert "503" in str(error)


@pytest.mark.parametrize(
    "value", [10**5000, [[10**5000]], itself(), {1: {"a": object()}}], ids=["long", "longer", "endless", "odd"]
)
def test_a_value_that_json_cannot_hold_costs_no_other_row(ledger: LedgerOutput, clock: Clock, value: object) -> None:
    report = run([{"id": "", "odd": value}, {"id": "a", "odd": None}], ledger, clock)

    assert counts(report) == {"read": 2, "written": 1, "invalid": 1}


def test_a_column_whose_name_is_no_text_is_a_data_error(ledger: LedgerOutput, clock: Clock) -> None:
    error = failed([{"id": "a", None: ["beyond the header"]}], ledger, clock)

    assert error.report.exit_code == 3
    assert "column name of type NoneType" in str(error)


def test_millions_of_rows_of_one_key_do_not_fill_the_memory(clock: Clock) -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        try:
            report = run(Result(columns=("id",), rows=(["a"] for _ in range(rows))), LedgerOutput(), clock)
            assert counts(report) == {"read": rows, "written": 1, "merged": rows - 1}
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(40_000) < peak(12_000) + 500_000


def test_no_more_requests_begin_than_the_quota_allows(clock: Clock) -> None:
    ledger = LedgerOutput(limits=Limits(rows=1, bytes=999, per_minute=2))

    run(entries(*"abcde"), ledger, clock)

    assert clock.seconds == pytest.approx(120)  # two at once, two after a minute, one after two


def test_a_bug_in_a_connector_ends_in_a_report_without_its_text(clock: Clock) -> None:
    class Buggy(LedgerOutput):
        def settle(self, ticket: str) -> Any:
            raise KeyError("someone@example.com")

    error = failed(entries("a"), Buggy(), clock)

    assert error.report.exit_code == 1
    assert "KeyError" in str(error)
    assert "someone" not in json.dumps(error.report.to_json())


def test_ctrl_c_comes_through_as_it_is(ledger: LedgerOutput, clock: Clock) -> None:
    ledger.faults = iter([KeyboardInterrupt()])

    with pytest.raises(KeyboardInterrupt):
        run(entries("a"), ledger, clock)


def test_the_files_of_a_run_are_private_whatever_the_umask(ledger: LedgerOutput, clock: Clock, tmp_path: Path) -> None:
    ledger.faults = iter([RefusedError("no", 403)])

    error = failed([*entries("a"), {"id": ""}], ledger, clock, tmp_path)

    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert {each.name for each in files} >= {"snapshot.sqlite", "rejects.jsonl"}
    assert {oct(each.stat().st_mode & 0o777) for each in files} == {"0o600"}
    assert {oct(each.parent.stat().st_mode & 0o777) for each in files} == {"0o700"}
    assert error.report.exit_code == 5


def test_the_snapshot_is_gone_once_every_row_is_settled(ledger: LedgerOutput, clock: Clock, tmp_path: Path) -> None:
    run([*entries("a"), {"id": ""}], ledger, clock, tmp_path)

    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == ["rejects.jsonl"]
