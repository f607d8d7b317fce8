"""A rehearsal's far side: it says where it is, and ends well."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.cli.conftest import TdLine
from tests.cli.terminal import ROOT


@contextmanager
def emulator(*arguments: str, of: str = "maac") -> Iterator[tuple["subprocess.Popen[bytes]", IO[bytes]]]:
    command = [sys.executable, "-m", "td_line_connectors", "emulate", of, "--port", "0", *arguments]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            process.kill()


def status(url: str, token: str) -> int:
    request = Request(f"{url}/openapi/v1/segment/", headers={"Authorization": f"Bearer {token}"})
    try:
        with urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_the_emulator_serves_until_a_signal_and_ends_with_0(number: signal.Signals) -> None:
    with emulator("--json", "--token", "made-up") as (process, out):
        printed = json.loads(out.readline())

        assert printed["token"] == "made-up"
        assert status(printed["url"], "made-up") == 200
        assert status(printed["url"], "another") == 401
        process.send_signal(number)
        _, err = process.communicate(timeout=20)

    assert process.returncode == 0
    assert b"Ended after 2 calls; limits not kept: 0." in err


def test_url_and_token_are_printed_as_the_settings_take_them() -> None:
    with emulator() as (_, out):
        lines = [out.readline().decode().strip() for _ in range(3)]

    url = lines[0].removeprefix("MAAC is emulated at ")
    assert lines[1:] == [f"endpoint: {url}", "api_token: emulated-token"]


def test_a_fault_befalls_the_call_that_it_names() -> None:
    with emulator("--json", "--fault", "server_error:segment_list:status=503") as (_, out):
        printed = json.loads(out.readline())

        assert [status(printed["url"], printed["token"]) for _ in range(2)] == [503, 200]


def test_people_who_blocked_the_account_are_read_from_a_file(tmp_path: Path) -> None:
    uid = "U" + "1" * 32
    (tmp_path / "blocked.txt").write_text(f"{uid}\n\n")
    with emulator("--json", "--blocked", str(tmp_path / "blocked.txt"), "--task-seconds", "0") as (_, out):
        printed = json.loads(out.readline())
        headers = {"Authorization": f"Bearer {printed['token']}", "Content-Type": "application/json"}
        people = [{"line_uid": uid}, {"line_uid": "U" + "2" * 32}]
        body = json.dumps({"import_key": "line_uid", "data": people, "tags": []}).encode()
        with urlopen(Request(f"{printed['url']}/openapi/v1/member/import/", body, headers), timeout=10) as answer:
            task = json.load(answer)["id"]
        with urlopen(
            Request(f"{printed['url']}/openapi/v1/member/import/{task}/", headers=headers), timeout=10
        ) as answer:
            result = json.load(answer)["result"]

    assert (result["created_num"], result["mismatch_num"]) == (1, 1)


def test_a_port_that_is_taken_is_told(td_line: TdLine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        ended = td_line("emulate", "maac", "--port", str(taken.getsockname()[1]))

    assert ended.code == 2
    assert "choose others with --host and --port" in ended.err


def test_a_fault_that_cannot_be_is_told_with_those_that_can(td_line: TdLine) -> None:
    ended = td_line("emulate", "maac", "--fault", "explode")

    assert ended.code == 2
    assert "rate_limited" in ended.err


def ingest(url: str, key: str, *records: dict[str, object]) -> tuple[int, list[bool]]:
    """Give the status and the receipts of a batch for the table line_oa.events."""
    headers = {"Authorization": f"TD1 {key}", "Content-Type": "application/vnd.treasuredata.v1+json"}
    body = json.dumps({"events": records}).encode()
    try:
        with urlopen(Request(f"{url}/line_oa/events", body, headers), timeout=10) as answer:
            return answer.status, [receipt["success"] for receipt in json.load(answer)["receipts"]]
    except HTTPError as error:
        with error:
            return error.code, []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_treasure_data_is_played_until_a_signal_and_ends_with_0(number: signal.Signals) -> None:
    with emulator("--json", "--write-key", "1/made-up", "--table", "line_oa.events", of="treasure-data") as played:
        process, out = played
        printed = json.loads(out.readline())

        assert printed["write_key"] == "1/made-up"
        assert ingest(printed["url"], "1/made-up", {"a": 1}, {"a": 2}) == (200, [True, True])
        assert ingest(printed["url"], "1/another", {"a": 1}) == (401, [])
        process.send_signal(number)
        _, err = process.communicate(timeout=20)

    assert process.returncode == 0
    assert b"Ended after 2 calls; records taken: 2; limits not kept: 0." in err


def test_every_endpoint_and_key_of_treasure_data_is_printed_as_the_settings_take_them() -> None:
    with emulator("--api-key", "1/a", "--write-key", "1/b", of="treasure-data") as (_, out):
        lines = [out.readline().decode().strip() for _ in range(6)]

    url = lines[0].removeprefix("Treasure Data is emulated at ")
    endpoints = [f"{name}: {url}" for name in ("endpoint", "ingest_endpoint", "import_endpoint")]
    assert lines[1:] == [*endpoints, "api_key: 1/a", "td_api_key: 1/b"]


def test_a_fault_of_treasure_data_befalls_the_records_that_it_names() -> None:
    fault = "record_errors:ingest:records=1"
    with emulator("--json", "--table", "line_oa.events", "--fault", fault, of="treasure-data") as (_, out):
        printed = json.loads(out.readline())

        batches = [ingest(printed["url"], printed["write_key"], {"a": 1}, {"a": 2}) for _ in range(2)]

    assert batches == [(206, [True, False]), (200, [True, True])]


@pytest.mark.parametrize("table", ["events", "line_oa.", "Line.events"])
def test_a_table_that_cannot_be_is_told(td_line: TdLine, table: str) -> None:
    ended = td_line("emulate", "treasure-data", "--table", table)

    assert ended.code == 2
    assert f"«{table}» is not DATABASE.TABLE" in ended.err


def test_a_fault_of_maac_is_none_of_treasure_data(td_line: TdLine) -> None:
    ended = td_line("emulate", "treasure-data", "--fault", "slow:member_import")

    assert ended.code == 2
    assert "'member_import' is not an operation; known: ingest" in ended.err


def test_a_missing_extra_is_named() -> None:
    code = """
import sys
sys.modules["msgpack"] = None
from td_line_connectors.cli import main
sys.exit(main(["emulate", "treasure-data", "--port", "0"]))
"""

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)

    assert (ended.returncode, ended.stderr.strip()) == (
        2,
        "msgpack: msgpack is not installed; install td-line-connectors[td]",
    )
