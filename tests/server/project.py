"""A project with a source, and its receiver in this process or in one of its own."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import Project, read_project
from td_line_connectors.server.call_log import CallLog
from td_line_connectors.server.hosting import hosting
from td_line_connectors.sources.creating import SourceFields, create_source
from td_line_connectors.sources.source import Source
from td_line_connectors.sources.store import SourceStore
from td_line_connectors.storage.databases import Databases
from tests.server.conftest import SECRET, signed

ROOT = Path(__file__).parents[2]
PROJECT_FILE = """\
connections:
  line_oa:
    type: line_oa_streaming
    channel_secret: ${secret:line.channel_secret}
"""


def make_project(folder: Path) -> Project:
    """Write a project with a connection and its secret."""
    (folder / "td-line.yml").write_text(PROJECT_FILE)
    (folder / ".td-line").mkdir(mode=0o700)
    write_secret(folder, SECRET)
    return read_project(folder, {})


def write_secret(folder: Path, secret: str, key: str = "line.channel_secret") -> None:
    with (folder / ".td-line" / "secrets.yml").open("a") as file:
        file.write(f"{key}: {secret}\n")


def make_source(project: Project, name: str = "shop", database: str = "line") -> Source:
    """Make a source, and the tables it writes to."""
    return create_source(
        SourceFields(name=name, connection="line_oa", database=database, raw_table="calls", events_table="events"),
        project,
        default_registry(),
        store=store(project),
        databases=databases(project),
        now=datetime.now(UTC),
        create_tables=True,
    )


def store(project: Project) -> SourceStore:
    return SourceStore(project.state / "sources.sqlite")


def databases(project: Project) -> Databases:
    return Databases(project.state / "databases")


def path_of(source: Source) -> str:
    return f"/v1/task/{source.id}"


@dataclass(frozen=True)
class Receiver:
    """A receiver that runs.

    Attributes:
        netloc: its host and port.
        log: the lines it has written; complete when it has ended.
    """

    netloc: str
    log: list[str] = field(default_factory=list)

    def call(self, path: str, body: bytes, secret: str = SECRET) -> int:
        """Make a signed call on a connection of its own."""
        return self.request("POST", path, body, signed(body, secret))[0]

    def get(self, path: str) -> tuple[int, str]:
        return self.request("GET", path)

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        with closing(http.client.HTTPConnection(self.netloc, timeout=30)) as connection:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode()


@contextmanager
def receiving(project: Project, form: str = "text") -> Iterator[Receiver]:
    """Run the project's receiver in this process, until the block ends."""
    lines: list[str] = []
    log = CallLog(lines.append, form)  # type: ignore[arg-type]  # one of the two
    with hosting(project, default_registry(), log, port=0) as server:
        thread = Thread(target=server.run)
        thread.start()
        try:
            yield Receiver(urlsplit(server.url).netloc, lines)
        finally:
            server.stop()
            thread.join()


@dataclass(frozen=True)
class Process:
    """A receiver in a process of its own."""

    process: "subprocess.Popen[bytes]"
    receiver: Receiver


@contextmanager
def serving(project: Project, *before: str) -> Iterator[Process]:
    """Run `td-line serve` until the block ends; `before` stands before the command line."""
    command = [*before, sys.executable, "-m", "td_line_connectors", "--json", "serve", "--port", "0"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (
        (project.folder / "serve.log").open("wb") as log,
        subprocess.Popen(
            command, cwd=project.folder, env=environ, stdout=subprocess.PIPE, stderr=log, start_new_session=True
        ) as process,
    ):
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, (project.folder / "serve.log").read_text()
            yield Process(process, Receiver(urlsplit(json.loads(line)["url"]).netloc))
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with what `before` has started
