"""Reasons are counted by rows, the most frequent first."""

import json
from pathlib import Path

import pytest

from td_line_connectors.errors import StoreError
from td_line_connectors.runs.reasons import reasons_in


def line(rows: list[int], *issues: tuple[str, str]) -> str:
    told = [{"field": field, "code": code, "message": f"{field} {code} {rows[0]}"} for field, code in issues]
    return json.dumps({"rows": rows, "outcome": "invalid", "issues": told, "record": {}}) + "\n"


def test_each_reason_counts_the_rows_that_have_it(tmp_path: Path) -> None:
    (tmp_path / "rejects.jsonl").write_text(
        line([3], ("email", "email"))
        + line([4, 9, 11], ("gender", "choice"), ("email", "email"))
        + line([5])
        + line([6], ("mobile", "mobile"))
    )

    found = [(each.field, each.code, each.rows, each.row) for each in reasons_in(tmp_path / "rejects.jsonl")]
    assert found == [("email", "email", 4, 3), ("gender", "choice", 3, 4), ("mobile", "mobile", 1, 6)]
    assert reasons_in(tmp_path / "rejects.jsonl")[0].message == "email email 3"


def test_a_file_that_is_not_as_it_was_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "rejects.jsonl").write_text("{")

    with pytest.raises(StoreError, match=r"^reading rejects\.jsonl: it is not as it was written"):
        reasons_in(tmp_path / "rejects.jsonl")
    with pytest.raises(StoreError, match=r"^reading gone\.jsonl: No such file"):
        reasons_in(tmp_path / "gone.jsonl")
