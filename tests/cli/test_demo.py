"""The demonstration shows every outcome, and leaves nothing behind."""

import tempfile
from pathlib import Path

from td_line_connectors.demo.line import FOLLOWERS, LEAVERS
from tests.cli.conftest import TdLine


def test_the_demonstration_ends_well_and_has_every_outcome_but_unsettled(td_line: TdLine) -> None:
    ended = td_line("demo", "--json")

    assert ended.code == 0
    rows = ended.json["tasks"][0]["rows"]
    assert min(rows[name] for name in ("written", "mismatched", "invalid", "merged", "rejected")) > 0
    assert rows["unsettled"] == 0
    assert len(ended.json["rejects"]) == 3


def test_what_line_sent_is_stored_once_and_leaves_as_members_and_a_segment(td_line: TdLine) -> None:
    told = td_line("demo", "--json").json

    line = told["line"]
    assert line["calls"] == line["accepted"] == line["raw"]
    assert line["repeats"] > 0
    assert line["forgotten"] > 0
    written = {task["task"]: task["rows"]["written"] for task in told["tasks"]}
    assert written["+friends"] == FOLLOWERS - LEAVERS
    assert 0 < written["+asked"] < FOLLOWERS
    assert told["maac"]["members"] == written["+members"] + written["+friends"]
    assert told["maac"]["segments"] == ["Big spenders", "Asked about the sale"]


def test_by_way_of_treasure_data_the_same_people_arrive(td_line: TdLine) -> None:
    told = td_line("demo", "--store", "plazma", "--json").json

    line = told["line"]
    assert line["handed_over"] == line["raw"] + line["events"]
    here = td_line("demo", "--json").json
    assert here["line"]["handed_over"] is None
    written = [{task["task"]: task["rows"]["written"] for task in each["tasks"]} for each in (told, here)]
    assert written[0] == written[1]
    assert [task["task"] for task in told["tasks"] if task.get("job_id")] == ["+friends", "+asked"]


def test_a_person_sees_table_rejects_and_what_maac_holds(td_line: TdLine) -> None:
    out = td_line("demo").out

    for words in (
        "calls sent",
        "The latest events",
        "Where every row ended",
        "rows set aside",
        "What MAAC holds now",
        "«Big spenders»",
    ):
        assert words in out
    assert "td-line-demo-" not in out, "a path that is gone with the folder"


def test_nothing_is_left_behind(td_line: TdLine) -> None:
    td_line("demo")

    assert not list(Path(tempfile.gettempdir()).glob("td-line-demo-*"))
