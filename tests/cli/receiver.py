"""A project that LINE calls, and its receiver as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cli.conftest import TdLine
from tests.cli.terminal import ROOT

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"

PROJECT = """\
base_url: https://line.example.com/
connections:
  line_oa:
    type: line_oa_streaming
    channel_secret: ${secret:line.channel_secret}
  maac:
    type: line_via_crescendo
    api_token: ${secret:maac.api_token}
"""

CREATE = (
    "source",
    "create",
    "--name",
    "shop",
    "--connection",
    "line_oa",
    "--database",
    "line",
    "--raw-table",
    "raw",
    "--events-table",
    "events",
    "--create-tables",
)


@dataclass(frozen=True)
class Running:
    """A receiver that runs."""

    process: "subprocess.Popen[bytes]"
    url: str


def write_project(folder: Path) -> None:
    """Write a project whose connections have their secrets, without a database."""
    (folder / "td-line.yml").write_text(PROJECT)
    (folder / ".td-line").mkdir(mode=0o700)
    (folder / ".td-line" / "secrets.yml").write_text(f"line.channel_secret: {SECRET}\nmaac.api_token: x\n")


def make_source(td_line: TdLine, *options: str) -> str:
    """Make the source `shop`, and give its path."""
    ended = td_line(*CREATE, *options, "--json")
    assert ended.code == 0, ended.out
    return str(ended.json["path"])


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Running]:
    """Run `td-line serve` on a free port until the block ends; `arguments` stand before the command."""
    command = [sys.executable, "-m", "td_line_connectors", "--json", *arguments, "serve", "--port", "0"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            yield Running(process, json.loads(line)["url"])
        finally:
            process.kill()
