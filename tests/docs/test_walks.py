"""Whoever types what README and tutorial say gets where they lead."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from td_line_connectors.testing import MaacEmulator
from tests.cli.conftest import TdLine, folder, td_line  # noqa: F401 - fixtures
from tests.cli.receiver import serving
from tests.docs.pages import ROOT, fences, td_line_arguments

UID = "U0123456789abcdef0123456789abcdef"
STARTER_ENDPOINT = "http://127.0.0.1:8080"
ELSEWHERE = {"demo", "emulate", "serve", "--version"}
"""Commands that the tests of their own run, or that run in a second terminal."""

Typed = Callable[[str], int | None]


@pytest.fixture
def maac() -> Iterator[MaacEmulator]:
    """An emulator that answers at once, with the token that the tutorial gives."""
    with MaacEmulator(token="emulated-token", task_seconds=0) as emulator:
        yield emulator


@pytest.fixture
def typed(td_line: TdLine) -> Typed:  # noqa: F811 - the fixture
    """Run a shell's line that calls `td-line`; give its exit code, None where it calls something else."""

    def run(command: str) -> int | None:
        arguments = td_line_arguments(command)
        if arguments is None or arguments[0] in ELSEWHERE:
            return None
        piped = re.match(r"echo (\S+) \|", command)
        return td_line(*arguments, stdin=(piped[1] if piped else "emulated-token").encode()).code

    return run


def commands(page: str) -> list[str]:
    return [command for fence in fences("console", page=page) for command in fence.commands]


def shown_rows(text: str) -> dict[str, list[int]]:
    """Read a report as a page shows it: task → its numbers."""
    lines = [line.split() for line in text.splitlines()]
    return {line[0]: [int(each) for each in line[2:]] for line in lines if line and line[0].startswith("+")}


def test_the_tutorial_leads_from_nothing_to_rows_in_maac(
    folder: Path,  # noqa: F811 - the fixture
    typed: Typed,
    td_line: TdLine,  # noqa: F811 - the fixture
    maac: MaacEmulator,
) -> None:
    codes = []
    for command in commands("tutorial/first_export.md"):
        codes.append(typed(command))
        if command == "td-line init":  # the emulator's port is another in each test
            file = folder / "td-line.yml"
            file.write_text(file.read_text().replace(STARTER_ENDPOINT, maac.url))

    assert set(codes) == {None, 0}
    [fence] = fences("text", page="tutorial/first_export.md")
    [task] = td_line("runs", "show", "latest", "--json").json["tasks"]
    assert shown_rows(fence.text) == {"+members": [*task["rows"].values(), task["requests"]]}
    assert maac.account().members


def test_the_webhook_tutorial_leads_from_nothing_to_events(
    folder: Path,  # noqa: F811 - the fixture
    typed: Typed,
    td_line: TdLine,  # noqa: F811 - the fixture
) -> None:
    page = "tutorial/first_webhook.md"
    (folder / "td-line.yml").write_text(fences("yaml", page=page)[0].text)
    before, after = commands(page)[:2], commands(page)[3:]
    assert [typed(command) for command in before] == [0, 0]

    with serving(folder) as running:
        source = td_line("source", "show", "shop", "--show-id", "--json").json["id"]
        for command in after:
            real = command.replace("http://127.0.0.1:8000", running.url).replace("/ID ", f"/{source} ")
            assert typed(real) == 0, command

    assert sum(
        each["events"] for each in td_line("query", "line", "SELECT count(*) AS events FROM events", "--json").json
    )


def test_the_first_export_of_the_readme_goes_through(
    folder: Path,  # noqa: F811 - the fixture
    typed: Typed,
    maac: MaacEmulator,
) -> None:
    (folder / "members.csv").write_text(f"line_uid,email,phone\n{UID},,0912345678\n")
    connections, workflow, *_ = fences("yaml", page="README.md")
    [sql] = fences("sql", page="README.md")
    begin, go, *_ = (fence.commands for fence in fences("console", page="README.md") if "$ td-line" in fence.text)

    assert [typed(command) for command in begin] == [0] * 5
    (folder / "td-line.yml").write_text(f"{connections.text}    endpoint: {maac.url}\n")  # no test reaches MAAC
    (folder / "queries" / "members.sql").write_text(sql.text)
    (folder / "members.dig").write_text(workflow.text)
    assert [typed(command) for command in go] == [0] * 3

    assert [each["mobile"] for each in maac.account().members] == ["+886912345678"]


def test_the_readme_shows_what_the_demonstration_prints(td_line: TdLine) -> None:  # noqa: F811 - the fixture
    [shown] = [fence.text for fence in fences("text", page="README.md") if "written" in fence.text]
    columns = [re.split(r" {2,}", line.strip()) for line in shown.splitlines() if "─" not in line]

    tasks = td_line("demo", "--json").json["tasks"]

    assert columns[0][1:] == [task["task"] for task in tasks]
    for name, *numbers in columns[2:]:
        assert [int(each) for each in numbers] == [{**task["rows"], **task}[name] for task in tasks], name


@pytest.mark.parametrize("script", sorted((ROOT / "examples").glob("*.py")), ids=lambda each: each.name)
def test_an_example_runs(script: Path, tmp_path: Path) -> None:
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    copied = shutil.copy(script, tmp_path)
    done = subprocess.run([sys.executable, copied], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert "written 1" in done.stdout
