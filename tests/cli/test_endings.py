"""Every end has its exit code and its words; with --json, one document whatever the end."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from td_line_connectors.cli import main
from td_line_connectors.cli.endings import carry_out, ending_of
from td_line_connectors.cli.output import Output
from td_line_connectors.errors import (
    ConfigError,
    DataError,
    RefusedError,
    RunFailedError,
    StoreError,
    TerminatedError,
    TransientError,
    UncertainError,
)
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report import ReportedError, RunReport, RunStatus, TaskReport
from tests.cli.conftest import TdLine

TD_LINE = [sys.executable, "-m", "td_line_connectors"]

BAD = [
    [],
    ["nonsense"],
    ["--nonsense"],
    ["--log-format", "xml", "connectors"],
    ["--project"],
    ["--project", "nowhere", "db", "list"],
    ["describe"],
    ["describe", "nothing"],
    ["describe", "line_via_crescendo", "--markdown"],
    ["connectors", "surplus"],
    ["secrets"],
    ["secrets", "nonsense"],
    ["secrets", "set"],
    ["secrets", "set", "a b"],
    ["secrets", "set", "key"],
    ["secrets", "delete", "key"],
    ["db"],
    ["db", "create"],
    ["db", "create", "Shop!"],
    ["db", "create", "shop"],
    ["table", "create", "nowhere", "people"],
    ["table", "create", "shop", "people"],
    ["table", "list", "nowhere"],
    ["table", "import", "shop", "people", "nowhere.csv"],
    ["table", "import", "shop", "people", "people.csv", "--format", "xls"],
    ["table", "import", "shop", "people", "people.csv", "--encoding", "nonsense"],
    ["query", "shop"],
    ["query", "shop", "SELEKT"],
    ["query", "shop", "DELETE FROM people"],
    ["query", "shop", "SELECT * FROM nothing"],
    ["query", "shop", "SELECT 1 AS a, 2 AS a"],
    ["query", "shop", "SELECT json(value) FROM (SELECT '1' AS value UNION ALL SELECT '{')"],
    ["query", "shop", "SELECT 1", "--limit", "-1"],
    ["query", "shop", "SELECT 1", "--limit"],
    ["emulate", "maac", "--port", "99999"],
    ["emulate", "maac", "--fault", "nonsense"],
    ["emulate", "maac", "--time-scale", "0"],
    ["emulate", "maac", "--host", "192.0.2.1"],
    ["emulate", "maac", "--blocked", "nowhere.txt"],
    ["init"],
]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("arguments", BAD, ids=lambda each: " ".join(each) or "nothing")
@pytest.mark.parametrize("before", [True, False], ids=["json before", "json after"])
def test_a_bad_invocation_with_json_prints_one_error_document_and_ends_with_2(
    td_line: TdLine,
    arguments: list[str],
    before: bool,  # noqa: FBT001 - a table
) -> None:
    ended = td_line("--json", *arguments) if before else td_line(*arguments, "--json")

    assert ended.code == 2
    error = ended.json["error"]
    assert list(ended.json) == ["error"]
    assert list(error) == ["kind", "message", "issues"]
    assert error["kind"] == "config"
    assert error["message"]
    assert all(list(issue) == ["where", "field", "code", "message"] for issue in error["issues"])
    assert ended.err == ""


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "arguments", [each for each in BAD if "AS a" not in str(each)], ids=lambda each: " ".join(each) or "nothing"
)
def test_a_bad_invocation_says_so_on_standard_error(td_line: TdLine, arguments: list[str]) -> None:
    if arguments[-1:] == ["--markdown"]:
        return  # right without --json
    ended = td_line(*arguments)

    assert ended.code == 2
    assert ended.err.strip()
    assert "Traceback" not in ended.err


def test_issues_are_printed_one_a_line_with_file_line_and_column(td_line: TdLine, folder: Path) -> None:
    (folder / "td-line.yml").write_text("stat: x\nbase_url: ftp://x\n")

    ended = td_line("db", "list")

    assert ended.code == 2
    lines = ended.err.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [["td-line.yml:1:1", "stat"], ["td-line.yml:2:11", "base_url"]]
    places = [issue["where"] for issue in td_line("db", "list", "--json").json["error"]["issues"]]
    assert places == ["td-line.yml:1:1", "td-line.yml:2:11"]


REPORT = RunReport("r1", RunStatus.ERROR, [TaskReport(task="+a", error=ReportedError("refused", "no", 5))])


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (ConfigError.of("f", "c", "m"), 2, "config"),
        (DataError.of("f", "c", "m"), 3, "data"),
        (TransientError("busy"), 4, "unreachable"),
        (UncertainError("unclear"), 4, "unreachable"),
        (RefusedError("no"), 5, "refused"),
        (StoreError("full"), 1, "internal"),
        (RunFailedError(REPORT), 5, "refused"),
        (click.UsageError("what?"), 2, "config"),
        (KeyboardInterrupt(), 130, "signal"),
        (click.Abort(), 130, "signal"),
        (TerminatedError(), 143, "signal"),
        (OSError(28, "No space left on device"), 1, "internal"),
        (ValueError("U0123 is wrong"), 1, "internal"),
        (MemoryError(), 1, "internal"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, BaseException) else str(each),
)
def test_every_kind_of_error_has_its_exit_code(error: BaseException, code: int, kind: str) -> None:
    ending = ending_of(error)

    assert (ending.code, ending.kind) == (code, kind)


def test_a_failed_runs_document_is_its_report() -> None:
    assert ending_of(RunFailedError(REPORT)).to_json() == REPORT.to_json()


def test_a_row_is_the_place_of_an_issue_without_a_file() -> None:
    ending = ending_of(DataError([ValidationIssue("email", "email", "must be one", row=17)]))

    assert ending.to_json() == {
        "error": {
            "kind": "data",
            "message": "row 17: email: must be one",
            "issues": [{"where": "row 17", "field": "email", "code": "email", "message": "must be one"}],
        }
    }


def test_an_unexpected_error_tells_its_type_and_place_and_no_data() -> None:
    try:
        int("U0123456789")
    except ValueError as error:
        message = ending_of(error).message

    assert "ValueError at test_endings.py:" in message
    assert "U0123456789" not in message


def test_a_second_sigterm_handler_of_the_host_is_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)

    main(["--version"])

    assert signal.getsignal(signal.SIGTERM) is before


def test_the_debug_variable_shows_the_traceback(td_line: TdLine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Traceback" not in td_line("describe", "nothing").err

    monkeypatch.setenv("TD_LINE_DEBUG", "1")

    assert "Traceback" in td_line("describe", "nothing").err


def test_a_document_that_was_begun_gets_no_second_one(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=True, begun=True)

    assert carry_out(["nonsense", "--json"], output) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "There is no command" in printed.err


def test_a_reader_that_has_had_enough_ends_the_command_quietly(shop: Path) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT i FROM n"
    with subprocess.Popen(
        [*TD_LINE, "query", "shop", numbers],
        cwd=shop,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()

        assert process.stderr.read() == b""
        assert process.wait() == 0


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full disk to try")
def test_a_full_disk_behind_standard_output_is_an_error(form: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*TD_LINE, "connectors", *form],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=environment(),
        )

    assert done.returncode == 1
    assert done.stderr == "writing the result: No space left on device\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_ends_a_command_with_its_code_and_one_document(shop: Path, number: signal.Signals, code: int) -> None:
    process = subprocess.Popen(
        [*TD_LINE, "--json", "--log-format", "json", "table", "import", "shop", "people", "-", "--format", "csv"],
        cwd=shop,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    with process:
        assert process.stdin is not None
        process.stdin.write(
            b"name\n" + b"Ann\n" * 400_000
        )  # more than a pipe holds: it is being read when this returns
        process.stdin.flush()
        process.send_signal(number)
        out = process.stdout.read() if process.stdout else b""

        assert process.wait() == code
    assert json.loads(out)["error"]["kind"] == "signal"


def test_closed_standard_streams_are_no_crash() -> None:
    command = " ".join([*TD_LINE, "connectors"])

    done = subprocess.run(["/bin/sh", "-c", f"{command} >&- 2>&- <&-"], check=False, env=environment())

    assert done.returncode == 0


def test_an_encoding_that_lacks_a_letter_shows_its_escape(shop: Path) -> None:
    command = [*TD_LINE, "query", "shop", "SELECT 'é日' AS text"]
    latin = {**environment(), "PYTHONIOENCODING": "ascii"}

    text = subprocess.run(command, cwd=shop, capture_output=True, check=True, env=latin).stdout
    document = subprocess.run([*command, "--json"], cwd=shop, capture_output=True, check=True, env=latin).stdout

    assert text == b"text\n\\xe9\\u65e5\n"
    assert json.loads(document) == [{"text": "é日"}]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
