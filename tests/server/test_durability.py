"""What was answered with 200 is on disk: after a kill, at a stop, and by the count of fsync calls."""

import http.client
import json
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event
from time import monotonic
from typing import NamedTuple

import pytest

from td_line_connectors.project.project import Project
from td_line_connectors.sources.source import Source
from tests.server.conftest import signed
from tests.server.project import Receiver, databases, make_project, make_source, path_of, serving

CONNECTIONS = 16
SECONDS = 10.0
GONE = (http.client.HTTPException, OSError)


LINE = re.compile(r"(?P<began>\d+\.\d+) (?P<what>.*) <(?P<took>\d+\.\d+)>")
SIGNS = {
    "call": re.compile(r'(?P<socket>\d+), "POST /v1/task/'),
    "flush": re.compile(r"f(data)?sync.*(?P<socket>)= 0$"),
    "200": re.compile(r'(?P<socket>\d+), "HTTP/1.1 200 OK'),
}


class Seen(NamedTuple):
    """A system call that matters here.

    Attributes:
        time: when its effect was there: seconds since 1970.
        name: of its sign in `SIGNS`.
        socket: on which it was.
    """

    time: float
    name: str
    socket: str


Traced = tuple[Receiver, Callable[[int], list[Seen]]]


def _calls(line: str) -> Iterator[Seen]:
    if whole := LINE.fullmatch(line):
        began, took = float(whole["began"]), float(whole["took"])
        for name, sign in SIGNS.items():
            if match := sign.search(whole["what"]):
                yield Seen(began + (0 if name == "200" else took), name, match["socket"])


needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace shows the calls of fsync")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


@pytest.fixture
def source(project: Project) -> Source:
    return make_source(project)


def body(number: int, connection: int = 0) -> bytes:
    event = {"type": "message", "webhookEventId": f"01JD{connection:04}{number:018}", "message": {"type": "text"}}
    return json.dumps({"destination": "U8e742f61d673b39c7fff3cecb7536ef0", "events": [event]}).encode()


class Load:
    """Callers who call until their receiver is gone, each on a connection of its own.

    Attributes:
        answered: the bodies that were answered with 200.
        statuses: every status there was.
    """

    def __init__(self, receiver: Receiver, path: str, enough: int) -> None:
        self.answered: list[bytes] = []
        self.statuses: set[int] = set()
        self.warm = Event()
        self._receiver = receiver
        self._path = path
        self._enough = enough

    def call(self, connection: int) -> None:
        client = http.client.HTTPConnection(self._receiver.netloc, timeout=30)
        try:
            for number in count():
                sent = body(number, connection)
                client.request("POST", self._path, sent, signed(sent))
                response = client.getresponse()
                response.read()
                self.statuses.add(response.status)
                if response.status == 200:
                    self.answered.append(sent)
                if len(self.answered) >= self._enough:
                    self.warm.set()
        except GONE:
            client.close()


@contextmanager
def under_load(receiver: Receiver, source: Source, enough: int) -> Iterator[Load]:
    """Give a load that is under way; it ends with the receiver."""
    load = Load(receiver, path_of(source), enough)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        callers = [pool.submit(load.call, connection) for connection in range(CONNECTIONS)]
        assert load.warm.wait(60)
        yield load
        for caller in callers:
            caller.result()


def stored(project: Project, sql: str) -> list[object]:
    return [value for (value,) in databases(project).query("line", sql).rows]


def check_that_all_is_there(project: Project, load: Load) -> None:
    """Check that every acknowledged call is in both tables, and no event twice."""
    calls = {str(each).encode() for each in stored(project, "SELECT body FROM calls")}
    events = [str(each) for each in stored(project, "SELECT event_webhookeventid FROM events")]
    assert set(load.answered) <= calls
    assert {json.loads(each)["events"][0]["webhookEventId"] for each in load.answered} <= set(events)
    assert len(events) == len(set(events)) == len(calls)


def test_after_kill_9_every_acknowledged_call_is_there_and_no_event_twice(project: Project, source: Source) -> None:
    for round_ in range(2):
        with serving(project) as running, under_load(running.receiver, source, 500 * (round_ + 1)) as load:
            running.process.kill()
        check_that_all_is_there(project, load)

    assert load.statuses == {200}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_stop_under_load_answers_what_was_accepted_and_ends_with_0(
    project: Project, source: Source, number: signal.Signals
) -> None:
    with serving(project) as running, under_load(running.receiver, source, 200) as load:
        running.process.send_signal(number)
        assert running.process.wait(30) == 0

    assert load.statuses == {200}
    check_that_all_is_there(project, load)
    assert len(load.answered) == len(stored(project, "SELECT body FROM calls"))


@pytest.fixture
def traced(project: Project, source: Source) -> Iterator[Traced]:
    """A receiver whose system calls are seen: what it did since its first call."""
    trace = project.folder / "trace"
    kinds = "fsync,fdatasync,read,recvfrom,readv,recvmsg,write,sendto,writev,sendmsg"
    options = ("-ff", "-ttt", "-T", "-s", "24", "-e", f"trace={kinds}", "-o", str(trace))  # a file for each thread
    with serving(project, "strace", *options) as running:
        assert running.receiver.call(path_of(source), body(0)) == 200  # gives the tables their columns

        def seen(answers: int) -> list[Seen]:
            until = monotonic() + SECONDS
            while True:  # strace writes a line after the call has returned
                lines = [line for file in project.folder.glob("trace.*") for line in file.read_text().splitlines()]
                found = sorted(call for line in lines for call in _calls(line))
                names = [call.name for call in found]
                if names.count("200") > answers or monotonic() > until:
                    return found[names.index("200") + 1 :]

        yield running.receiver, seen


@needs_strace
def test_between_a_call_and_its_200_the_disk_is_flushed(traced: Traced, source: Source) -> None:
    receiver, seen = traced
    for number in range(1, 11):
        assert receiver.call(path_of(source), body(number)) == 200

    assert [each.name for each in seen(10)] == ["call", "flush", "200"] * 10


@needs_strace
def test_calls_that_come_together_share_a_flush(traced: Traced, source: Source) -> None:
    receiver, seen = traced
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        statuses = list(pool.map(lambda number: receiver.call(path_of(source), body(number)), range(1, 201)))
    done = seen(200)
    page = receiver.get("/metrics")[1]

    assert statuses == [200] * 200
    commits = re.findall(r"^td_line_commits_total (\S+)$", page, re.MULTILINE)
    names = [each.name for each in done]
    assert [names.count("flush") + 1] == [float(each) for each in commits]
    assert names.count("flush") < names.count("200") == 200
    for end, answered in enumerate(done):
        if answered.name == "200":
            start = max(at for at in range(end) if done[at][1:] == ("call", answered.socket))
            assert "flush" in names[start:end]
