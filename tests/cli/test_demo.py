"""The demonstration shows every outcome, and leaves nothing behind."""

import tempfile
from pathlib import Path

from tests.cli.conftest import TdLine


def test_the_demonstration_ends_well_and_has_every_outcome_but_unsettled(td_line: TdLine) -> None:
    ended = td_line("demo", "--json")

    assert ended.code == 0
    rows = ended.json["tasks"][0]["rows"]
    assert min(rows[name] for name in ("written", "mismatched", "invalid", "merged", "rejected")) > 0
    assert rows["unsettled"] == 0
    assert ended.json["maac"]["members"] == rows["written"]
    assert len(ended.json["rejects"]) == 3


def test_a_person_sees_table_rejects_and_what_maac_holds(td_line: TdLine) -> None:
    out = td_line("demo").out

    for words in ("Where every row ended", "rows set aside", "What MAAC holds now", "«Big spenders»"):
        assert words in out
    assert "td-line-demo-" not in out, "a path that is gone with the folder"


def test_nothing_is_left_behind(td_line: TdLine) -> None:
    td_line("demo")

    assert not list(Path(tempfile.gettempdir()).glob("td-line-demo-*"))
