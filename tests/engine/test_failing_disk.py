"""Whatever the disk does, the report says where every row is, and nothing is sent by two at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from td_line_connectors.engine.export import Ended, ExportTask, export
from td_line_connectors.errors import RefusedError, RunFailedError, StoreError
from td_line_connectors.rows import Result
from td_line_connectors.runs.folder import RunFolder
from tests.engine.ledger import Clock, LedgerOutput, runtime


def task(ledger: LedgerOutput, folder: Path) -> ExportTask:
    return ExportTask(name="test", connector=ledger, folder=RunFolder(folder), runtime=runtime(Clock(), folder))


def entries(*ids: str) -> list[dict[str, Any]]:
    return [{"id": each} for each in ids]


def counts(ended: Ended) -> dict[str, int]:
    assert ended.report.rows.unaccounted == 0
    return {name: number for name, number in ended.report.rows.to_json().items() if number}


def message(ended: Ended) -> str:
    assert ended.report.error is not None
    return ended.report.error.message


def block(folder: Path, name: str) -> None:
    """Put something in the way of a file."""
    (folder / name).mkdir()


def test_rejects_that_cannot_be_written_cost_no_count(tmp_path: Path) -> None:
    block(tmp_path, "rejects.unfinished")

    ended = task(LedgerOutput(), tmp_path).run(entries("a", "b", ""))

    assert counts(ended) == {"read": 3, "written": 2, "invalid": 1}
    assert isinstance(ended.cause, StoreError)
    assert "writing the rejects" in message(ended)
    assert ended.report.rejects is None


def test_rejects_that_could_not_be_written_are_written_when_the_run_is_resumed(tmp_path: Path) -> None:
    block(tmp_path, "rejects.unfinished")
    task(LedgerOutput(), tmp_path).run(entries("a", ""))
    (tmp_path / "rejects.unfinished").rmdir()

    ended = task(LedgerOutput(), tmp_path).resume()

    assert counts(ended) == {"read": 2, "written": 1, "invalid": 1}
    assert ended.report.error is None
    assert [path.name for path in tmp_path.iterdir()] == ["rejects.jsonl"]


def test_what_failed_first_is_the_runs_error_and_the_rejects_are_a_warning(tmp_path: Path) -> None:
    block(tmp_path, "rejects.unfinished")
    ledger = LedgerOutput()
    ledger.faults = iter([None, RefusedError("401, check the token", 401)])

    ended = task(ledger, tmp_path).run(entries(*"abcd"))

    assert counts(ended) == {"read": 4, "written": 3, "unsettled": 1}
    assert message(ended) == "401, check the token"
    assert any("writing the rejects" in each for each in ended.report.warnings)


def test_rejects_of_an_earlier_attempt_go_once_their_rows_were_sent(tmp_path: Path) -> None:
    ledger = LedgerOutput()
    ledger.faults = iter([RefusedError("no", 403)])
    assert task(ledger, tmp_path).run(entries("a")).report.rejects

    ended = task(ledger, tmp_path).resume()

    assert counts(ended) == {"read": 1, "written": 1}
    assert list(tmp_path.iterdir()) == []


def test_a_snapshot_that_cannot_be_deleted_costs_no_count_and_is_named(tmp_path: Path) -> None:
    class Blocking(LedgerOutput):
        def settle(self, ticket: str) -> Any:
            block(tmp_path, "snapshot.sqlite-journal")
            return super().settle(ticket)

    ended = task(Blocking(), tmp_path).run(entries("a"))

    assert counts(ended) == {"read": 1, "written": 1}
    assert "delete it by hand" in message(ended)


def test_a_folder_that_cannot_be_made_is_a_failed_run_and_its_source_is_closed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    closed: list[bool] = []
    rows = Result(columns=("id",), rows=[["a"]], close=lambda: closed.append(True))

    with pytest.raises(RunFailedError, match="making the folder"):
        export(rows, LedgerOutput(), runtime(Clock(), tmp_path / "file"))

    assert closed == [True]


@pytest.mark.parametrize("repeatable", [True, False])
def test_of_two_at_one_run_only_one_sends(tmp_path: Path, repeatable: bool) -> None:  # noqa: FBT001 - the table's
    ledger = LedgerOutput(repeatable=repeatable)
    ledger.faults = iter([RefusedError("no", 403)])
    task(ledger, tmp_path).run(entries("a"))
    others: list[BaseException] = []

    class Slow(LedgerOutput):
        def submit(self, body: bytes) -> str:
            with pytest.raises(StoreError) as caught:
                task(ledger, tmp_path).resume()
            others.append(caught.value)
            assert isinstance(task(ledger, tmp_path).run(entries("b")).cause, StoreError)
            return super().submit(body)

    ended = task(Slow(repeatable=repeatable), tmp_path).resume()

    assert counts(ended) == {"read": 1, "written": 1}
    assert (len(others), ledger.bodies) == (1, [])


def test_a_stop_before_the_seal_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    def rows() -> Any:
        yield from entries("a", "b")
        raise KeyboardInterrupt

    ended = task(LedgerOutput(), tmp_path).run(rows())

    assert counts(ended) == {"read": 2, "unsettled": 2}
    assert "nothing to resume" in message(ended)
    assert list(tmp_path.iterdir()) == []


def test_a_stop_while_sending_says_that_the_rest_can_be_resumed(tmp_path: Path) -> None:
    ledger = LedgerOutput()
    ledger.faults = iter([None, KeyboardInterrupt()])

    ended = task(ledger, tmp_path).run(entries(*"abcd"))

    assert counts(ended) == {"read": 4, "written": 3, "unsettled": 1}
    assert "can be resumed" in message(ended)


def test_rows_merged_into_a_refused_one_are_all_in_the_rejects_in_lines_of_bounded_length(tmp_path: Path) -> None:
    ledger = LedgerOutput()
    ledger.blame_all = True

    ended = task(ledger, tmp_path).run(entries(*["a"] * 25_000, "b"))

    lines = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text(encoding="utf-8").splitlines()]
    assert counts(ended) == {"read": 25_001, "rejected": 25_001}
    assert [len(line["rows"]) for line in lines] == [10_000, 10_000, 5_000, 1]
    assert sorted(row for line in lines for row in line["rows"]) == list(range(1, 25_002))
    assert {line["record"]["id"] for line in lines[:3]} == {"a"}
