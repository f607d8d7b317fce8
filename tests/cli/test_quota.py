"""All runs of one user share the quota of an account, whatever project and process they are."""

import json
import os
from pathlib import Path

from td_line_connectors.cli.outside import outside
from td_line_connectors.project.project import read_project
from td_line_connectors.testing import MaacEmulator
from tests.cli.conftest import Ended, TdLine
from tests.cli.rehearsal import uid, write_project

SETTINGS = ("-s", "data_object=members", "-s", "import_key=line_uid", "-s", "tags=a")


def export(td_line: TdLine, project: Path) -> Ended:
    (project / "one.csv").write_text(f"line_uid\n{uid(1)}\n")
    file = str(project / "one.csv")
    return td_line("--project", str(project), "export", "--connection", "maac", *SETTINGS, file, "--json")


def project_of(folder: Path, maac: MaacEmulator) -> Path:
    folder.mkdir()
    write_project(folder, maac)
    return folder


def test_two_projects_with_one_token_share_a_quota(
    tmp_path: Path, maac: MaacEmulator, td_line: TdLine, state_home: Path
) -> None:
    for name in ("brand", "shop"):
        assert export(td_line, project_of(tmp_path / name, maac)).code == 0

    (file,) = state_home.glob("td-line/quota/*.json")
    assert len(json.loads(file.read_text())["starts"]) == 2
    assert maac.token not in file.read_text()


def test_what_processes_share_is_private(folder: Path, maac: MaacEmulator, td_line: TdLine, state_home: Path) -> None:
    assert export(td_line, project_of(folder / "brand", maac)).code == 0

    assert {path.stat().st_mode & 0o777 for path in (state_home / "td-line").rglob("*.*")} == {0o600}
    assert (state_home / "td-line" / "quota").stat().st_mode & 0o777 == 0o700


def test_a_run_says_which_run_of_which_project_it_is(folder: Path, maac: MaacEmulator) -> None:
    project = read_project(project_of(folder / "brand", maac))

    assert outside(project, "r1").holder == f"run r1 of project brand (process {os.getpid()})"


def test_where_nothing_can_be_shared_nothing_is_sent(
    folder: Path, maac: MaacEmulator, td_line: TdLine, state_home: Path
) -> None:
    project = project_of(folder / "brand", maac)
    state_home.write_text("a file where the folder should be")

    ended = export(td_line, project)

    assert (ended.code, maac.calls) == (2, [])
    message = ended.json["tasks"][0]["error"]["message"]
    assert str(state_home) in message
    assert "XDG_STATE_HOME" in message
    assert ended.json["tasks"][0]["rows"]["unsettled"] == 1


def test_the_demonstration_shares_with_nobody(td_line: TdLine, state_home: Path) -> None:
    assert td_line("demo").code == 0
    assert not state_home.exists()
