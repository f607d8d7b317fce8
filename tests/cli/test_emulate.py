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
def emulator(*arguments: str) -> Iterator[tuple["subprocess.Popen[bytes]", IO[bytes]]]:
    command = [sys.executable, "-m", "td_line_connectors", "emulate", "maac", "--port", "0", *arguments]
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
