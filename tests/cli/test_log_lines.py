"""With --log-format json standard error is one object a line, whatever happens."""

import json
from pathlib import Path
from typing import Any

import pytest

from td_line_connectors.testing import MaacEmulator
from tests.cli.batches import BATCHES, write_batches
from tests.cli.conftest import TdLine
from tests.cli.rehearsal import uid

LOGGED = ("--log-format", "json")


@pytest.fixture
def batches(folder: Path, maac: MaacEmulator) -> Path:
    write_batches(folder, maac)
    return folder


def log(err: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in err.splitlines()]


def test_each_request_is_told_with_its_run_task_and_outcome(batches: Path, td_line: TdLine) -> None:
    ended = td_line(*LOGGED, "run", "campaign.dig", "--json")
    settled = [line for line in log(ended.err) if line["event"] == "request_settled"]

    assert [(line["task"], line["request"], line["outcome"]) for line in settled] == [
        *(("+members", number, "accepted") for number in range(1, BATCHES + 1)),
        ("+segment", 1, "accepted"),
    ]
    assert {line["run_id"] for line in log(ended.err)} == {ended.json["run_id"]}
    assert settled[0]["ticket"].keys() == {"task"}
    assert (settled[0]["rows"], settled[0]["written"], settled[0]["attempts"]) == (5, 5, 1)


def test_every_line_of_a_task_names_it_and_those_of_the_run_name_none(batches: Path, td_line: TdLine) -> None:
    lines = log(td_line(*LOGGED, "run", "campaign.dig").err)
    of_the_run = [line["event"] for line in lines if "task" not in line]

    assert of_the_run == ["run_began", "run_ended"]
    assert [line["task"] for line in lines if line["event"] == "task_ended"] == ["+members", "+segment"]


def test_a_resumption_is_told_under_the_same_run(
    batches: Path, td_line: TdLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TD_LINE_SECRET_MAAC_API_TOKEN", "wr0ng")
    failed = log(td_line(*LOGGED, "run", "campaign.dig").err)
    monkeypatch.delenv("TD_LINE_SECRET_MAAC_API_TOKEN")
    resumed = log(td_line(*LOGGED, "resume", "latest").err)

    assert {line["run_id"] for line in [*failed, *resumed]} == {failed[0]["run_id"]}
    assert [line["status"] for line in (failed[-1], resumed[-1])] == ["error", "success"]
    assert failed[-2]["error"]["kind"] == "refused"


def test_how_a_command_ends_early_is_a_line_too(batches: Path, td_line: TdLine) -> None:
    for arguments in (["run", "nowhere.dig"], ["run"], ["db", "create", "Shop!"], ["--nonsense"]):
        ended = td_line(*LOGGED, *arguments)
        [line] = log(ended.err)

        assert (ended.code, line["event"], line["kind"], line["exit_code"]) == (2, "error", "config", 2)
        assert line["message"]
    assert log(td_line("--log-format=json", "run", "nowhere.dig").err)[0]["event"] == "error"


def test_an_outcome_of_the_far_side_is_told(batches: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    maac.account().refuse_mobiles = {"+886912345678"}
    (batches / "people.csv").write_text(f"line_uid,mobile\n{uid(1)},0912345678\n{uid(2)},0912000002\n")
    settings = ["-s", "data_object=members", "-s", "import_key=line_uid", "-s", "tags=a"]
    ended = td_line(*LOGGED, "export", "--connection", "maac", *settings, "people.csv")

    assert [line["outcome"] for line in log(ended.err) if line["event"] == "request_settled"] == [
        "split",
        "rejected",
        "accepted",
    ]
    assert uid(1) not in ended.err
