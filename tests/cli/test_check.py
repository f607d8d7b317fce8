"""Everything that is wrong is reported at once, each with its place."""

from pathlib import Path

import pytest

from td_line_connectors.testing import MaacEmulator
from tests.cli.conftest import TdLine
from tests.cli.rehearsal import MEMBERS, write_project


@pytest.fixture
def rehearsal(folder: Path, maac: MaacEmulator, td_line: TdLine) -> Path:
    write_project(folder, maac)
    assert td_line("db", "create", "shop").code == 0
    return folder


def test_a_right_project_is_told_so(rehearsal: Path, td_line: TdLine) -> None:
    ended = td_line("check", "--json")

    assert ended.code == 0
    assert ended.json == {"connections": 1, "workflows": 1, "credentials_tried": 0, "warnings": []}


def test_a_file_that_is_not_there_is_named_once(project: Path, td_line: TdLine) -> None:
    ended = td_line("check", "nope.dig")

    assert (ended.code, ended.err) == (2, "nope.dig: there is no such file\n")


def test_a_slip_in_the_project_file_hides_none_in_connections_and_workflows(rehearsal: Path, td_line: TdLine) -> None:
    file = rehearsal / "td-line.yml"
    file.write_text(f"keep_day: 3\n{file.read_text()}    tokn: x\n  other: no block\n")
    (rehearsal / "campaign.dig").write_text(MEMBERS.replace("import_key", "importkey"))

    err = td_line("check").err

    for slip in ("keep_day", "tokn", "connections.other", "importkey"):
        assert f"{slip}: " in err


def test_every_workflow_of_the_project_is_read(rehearsal: Path, td_line: TdLine) -> None:
    (rehearsal / "more").mkdir()
    for name in ("second.dig", "more/third.dig"):
        (rehearsal / name).write_text(MEMBERS.replace("import_key", "importkey"))

    err = td_line("check").err

    assert "second.dig:" in err
    assert "more/third.dig:" in err


def test_errors_of_several_files_are_told_with_file_line_and_column(rehearsal: Path, td_line: TdLine) -> None:
    (rehearsal / "campaign.dig").write_text(MEMBERS.replace("tags", "tagz").replace("shop", "nowhere"))
    (rehearsal / "td-line.yml").write_text("connections:\n  maac:\n    type: line_via_crescendo\n    regoin: jp\n")

    ended = td_line("check", "--json")

    assert ended.code == 2
    places = {issue["where"] for issue in ended.json["error"]["issues"]}
    assert "td-line.yml:4:5" in places
    assert any(place.startswith("campaign.dig:") for place in places)


def test_an_unknown_database_is_seen_before_the_run(rehearsal: Path, td_line: TdLine) -> None:
    (rehearsal / "campaign.dig").write_text(MEMBERS.replace("shop", "shopp"))

    assert "Did you mean «shop»?" in td_line("check").err


def test_a_parameter_without_effect_is_a_warning(rehearsal: Path, td_line: TdLine) -> None:
    (rehearsal / "campaign.dig").write_text(MEMBERS + "    segment_name: VIP\n")

    ended = td_line("check")

    assert ended.code == 0
    assert "segment_name" in ended.out


def test_credentials_are_tried_without_writing(rehearsal: Path, maac: MaacEmulator, td_line: TdLine) -> None:
    ended = td_line("check", "--live", "--json")

    assert (ended.code, ended.json["credentials_tried"]) == (0, 1)
    assert {call.method for call in maac.calls} == {"GET"}


def test_credentials_that_are_refused_end_with_5(
    rehearsal: Path, td_line: TdLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TD_LINE_SECRET_MAAC_API_TOKEN", "wrong")

    ended = td_line("check", "--live")

    assert ended.code == 5
    assert "check the token" in ended.err
    assert "while trying the connection maac" in ended.err
