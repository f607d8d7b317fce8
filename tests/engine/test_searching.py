"""A refusal that blames some rows is searched by halves, so that it costs no good row."""

import pytest

from td_line_connectors.engine.export import export
from td_line_connectors.errors import RunFailedError
from td_line_connectors.report import RunReport
from td_line_connectors.spi import Limits
from tests.engine.ledger import Clock, LedgerOutput, runtime


@pytest.fixture
def ledger() -> LedgerOutput:
    return LedgerOutput(limits=Limits(rows=1000, bytes=10_000_000))


def run(ledger: LedgerOutput, rows: int) -> RunReport:
    report = export([{"id": f"{number:04}"} for number in range(rows)], ledger, runtime(Clock()))
    assert report.rows.unaccounted == 0
    return report


def failed(ledger: LedgerOutput, rows: int) -> RunReport:
    with pytest.raises(RunFailedError) as caught:
        run(ledger, rows)
    assert caught.value.report.rows.unaccounted == 0
    return caught.value.report


def test_the_one_bad_row_of_a_thousand_is_found_and_costs_no_other(ledger: LedgerOutput) -> None:
    ledger.refuse = {"0417"}

    report = run(ledger, 1000)

    assert (report.rows.written, report.rows.rejected) == (999, 1)
    assert [(issue.row, issue.code) for issue in report.tasks[0].issues] == [(418, "size_error")]


def test_the_search_is_breadth_first(ledger: LedgerOutput) -> None:
    ledger.refuse = {"0000"}

    run(ledger, 4)

    ids = ["0000", "0001", "0002", "0003"]
    assert ledger.bodies == [ids, ids[:2], ids[2:], ids[:1], ids[1:2]]


def test_a_part_in_which_every_row_is_blamed_is_searched_no_further(ledger: LedgerOutput) -> None:
    ledger.refuse = {"0000", "0001"}

    report = run(ledger, 4)

    assert (report.rows.written, report.rows.rejected) == (2, 2)
    assert len(ledger.bodies) == 3


def test_at_most_forty_further_requests_are_spent_and_the_rest_is_not_isolated(ledger: LedgerOutput) -> None:
    ledger.refuse = {f"{number:04}" for number in range(0, 1000, 10)}

    report = run(ledger, 1000)

    assert len(ledger.bodies) <= 41
    assert report.rows.rejected > 100
    assert {issue.code for issue in report.tasks[0].issues} == {"not_isolated"}


def test_the_forty_are_for_the_whole_run(ledger: LedgerOutput) -> None:
    ledger.limits = Limits(rows=100, bytes=10_000_000)
    ledger.refuse = {f"{number:04}" for number in range(0, 1000, 50)}

    run(ledger, 1000)

    assert len(ledger.bodies) <= 10 + 40


def test_a_refusal_of_every_row_is_not_searched_and_ends_the_run(ledger: LedgerOutput) -> None:
    ledger.limits = Limits(rows=100, bytes=10_000_000)
    ledger.blame_all = True

    report = failed(ledger, 250)

    assert report.exit_code == 5
    assert (report.rows.rejected, report.rows.unsettled) == (100, 150)
    assert len(ledger.bodies) == 1


def test_with_skipping_off_the_first_refusal_ends_the_run(ledger: LedgerOutput) -> None:
    ledger.limits = Limits(rows=100, bytes=10_000_000)
    ledger.skip_invalid = False
    ledger.refuse = {"0150"}

    report = failed(ledger, 250)

    assert report.exit_code == 3
    assert (report.rows.written, report.rows.rejected, report.rows.unsettled) == (100, 100, 50)
