"""Rows go on to Treasure Data: `source create --datastore plazma`, `drain`, `source show`, `source rejects`."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from td_line_connectors.project.project import read_project
from td_line_connectors.sources.places import Places, local_database
from td_line_connectors.sources.store import SourceStore
from td_line_connectors.testing import (
    EventFactory,
    FaultKind,
    TreasureDataEmulator,
    TreasureDataFault,
    send_calls,
    signed_call,
)
from tests.cli.conftest import TdLine
from tests.cli.receiver import CREATE, SECRET
from tests.cli.terminal import ROOT
from tests.server.project import receiving

PLAZMA = (*CREATE[:-1], "--datastore", "plazma")


@pytest.fixture
def far_side() -> Iterator[TreasureDataEmulator]:
    with TreasureDataEmulator() as emulator:
        emulator.add_tables("line", "raw", "events")
        yield emulator


@pytest.fixture(autouse=True)
def project(folder: Path, far_side: TreasureDataEmulator) -> Path:
    (folder / "td-line.yml").write_text(
        "connections:\n  line_oa:\n    type: line_oa_streaming\n    channel_secret: ${secret:line.channel_secret}\n"
        "    td_api_key: ${secret:td.write_key}\n"
        f"    ingest_endpoint: {far_side.url}\n    import_endpoint: {far_side.url}\n"
    )
    (folder / ".td-line").mkdir(mode=0o700)
    secrets = f"line.channel_secret: {SECRET}\ntd.write_key: {far_side.write_key}\n"
    (folder / ".td-line" / "secrets.yml").write_text(secrets)
    return folder


def make_source(td_line: TdLine, *options: str) -> str:
    made = td_line(*PLAZMA, *options, "--json")
    assert made.code == 0, made.out
    return str(made.json["path"])


def receive(td_line: TdLine, project: Path, *texts: str) -> None:
    """Make the source, and let LINE call its receiver, which has no drain beside it."""
    path, factory = make_source(td_line), EventFactory(Random(7))  # noqa: S311 - made-up
    call(project, path, *([factory.text(text)] for text in texts))


def call(project: Path, path: str, *calls: list[Any]) -> None:
    with receiving(read_project(project, {})) as receiver:
        signed = [signed_call(events, SECRET) for events in calls]
        assert send_calls(f"http://{receiver.netloc}{path}", signed).accepted == len(calls)


@contextmanager
def draining(project: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "td_line_connectors", "drain"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=project, stdout=pipe, stderr=pipe, env=environ, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_new_source_is_told_what_cannot_be_checked(td_line: TdLine) -> None:
    made = td_line(*PLAZMA, "--writer", "import")
    assert made.code == 0
    assert "cannot be checked with a write-only key: make sure that" in made.err
    assert td_line("source", "show", "shop", "--json").json["writer"] == "import"


def test_asking_for_tables_at_treasure_data_is_a_configuration_error(td_line: TdLine) -> None:
    ended = td_line(*PLAZMA, "--create-tables")
    assert ended.code == 2
    assert "neither look for nor make a table there" in ended.err


def test_what_waits_is_shown_and_handed_over(td_line: TdLine, project: Path, far_side: TreasureDataEmulator) -> None:
    far_side.stop()
    receive(td_line, project, "hello", "how are you")
    shown = td_line("source", "show", "shop", "--json").json
    assert (shown["datastore"], shown["pending_rows"], shown["rejected_rows"]) == ("plazma", 4, 0)
    assert [row["event_type"] for row in td_line("source", "preview", "shop", "--json").json] == ["message"] * 2
    far_side.start()
    done = td_line("drain", "--once", "--json")
    expected = {"sources": [{"source": "shop", "handed_over": 4, "rejected": 0}], "problems": []}
    assert (done.code, done.json) == (0, expected)
    assert len(far_side.rows("line", "events")) == 2
    assert td_line("source", "show", "shop", "--json").json["pending_rows"] == 0
    assert td_line("drain", "--once").out == "shop: 0 rows handed over, 0 set aside\n"


def test_a_refused_key_ends_it_with_5_and_keeps_the_rows(
    td_line: TdLine, project: Path, far_side: TreasureDataEmulator
) -> None:
    far_side.stop()
    receive(td_line, project, "hello")
    far_side.start()
    far_side.revoke_key(far_side.write_key)
    ended = td_line("drain", "--once")
    assert ended.code == 5
    assert "401, check td_api_key" in ended.err
    assert far_side.write_key not in ended.err + ended.out
    assert td_line("source", "show", "shop", "--json").json["pending_rows"] == 2


def test_rows_that_were_refused_are_listed_and_handed_over_again(
    td_line: TdLine, project: Path, far_side: TreasureDataEmulator
) -> None:
    far_side.stop()
    receive(td_line, project, "hello")
    far_side.start()
    far_side.faults.add(
        TreasureDataFault(FaultKind.RECORD_ERRORS, times=2, records=(0,), error="InvalidPropertyValueError")
    )
    assert td_line("drain", "--once", "--json").json["sources"] == [{"source": "shop", "handed_over": 0, "rejected": 2}]
    listed = td_line("source", "rejects", "shop").out.splitlines()
    assert [line.split("\t")[::2] for line in listed] == [
        ["table", "error"],
        ["raw", "InvalidPropertyValueError"],
        ["events", "InvalidPropertyValueError"],
    ]
    [call, event] = td_line("source", "rejects", "shop", "--json").json
    assert (call["record"]["event_count"], event["record"]["event_type"]) == (1, "message")
    assert td_line("source", "rejects", "shop", "--again", "--json").json == {"name": "shop", "rows": 2}
    assert td_line("drain", "--once", "--json").json["sources"] == [{"source": "shop", "handed_over": 2, "rejected": 0}]
    assert len(far_side.rows("line", "events")) == 1


def test_a_source_stored_here_has_no_rejects(td_line: TdLine) -> None:
    assert td_line(*CREATE).code == 0
    ended = td_line("source", "rejects", "shop")
    assert ended.code == 2
    assert "does not go on to Treasure Data" in ended.err


def test_a_source_whose_rows_wait_is_not_deleted_unless_that_is_meant(
    td_line: TdLine, project: Path, far_side: TreasureDataEmulator
) -> None:
    far_side.stop()
    receive(td_line, project, "hello")
    ended = td_line("source", "delete", "shop")
    assert ended.code == 2
    assert "rows that wait for Treasure Data: 2" in ended.err
    assert td_line("source", "delete", "shop", "--leave-rows").code == 0


def test_messages_that_were_taken_back_do_not_go_on(
    td_line: TdLine, project: Path, far_side: TreasureDataEmulator
) -> None:
    far_side.stop()
    path = make_source(td_line)
    factory = EventFactory(Random(7))  # noqa: S311 - made-up
    said = factory.text("my hidden words")
    message: Any = said["message"]
    call(project, path, [said, {**factory.event("unsend"), "unsend": {"messageId": message["id"]}}])
    assert td_line("source", "unsend", "shop", "--json").json == {"taken_back": 1, "events": 1, "calls": 1}
    far_side.start()
    assert td_line("drain", "--once").code == 0
    assert len(far_side.rows("line", "events")) == 2
    assert "my hidden words" not in str(far_side.rows("line", "events") + far_side.rows("line", "raw"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_drain_runs_until_it_is_stopped_and_there_is_one_at_a_time(
    td_line: TdLine, project: Path, number: signal.Signals
) -> None:
    make_source(td_line)
    with draining(project) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Handing over to Treasure Data; sources: 1\n"
        other = td_line("drain", "--once")
        assert other.code == 2
        assert f"at work already (process {process.pid})" in other.err
        process.send_signal(number)
        assert process.wait(20) == 0
    assert td_line("drain", "--once").code == 0


def test_without_such_a_source_there_is_nothing_to_do(td_line: TdLine) -> None:
    assert td_line("drain", "--once").out == "No source goes on to Treasure Data.\n"


def test_a_file_that_is_damaged_stops_no_other_source(
    td_line: TdLine, project: Path, far_side: TreasureDataEmulator
) -> None:
    far_side.stop()
    make_source(td_line, "--name", "broken")
    receive(td_line, project, "hello")
    [broken] = [each for each in SourceStore(project / ".td-line" / "sources.sqlite").list() if each.name == "broken"]
    Places(project / ".td-line").path(local_database(broken)).write_bytes(b"this is no database" * 100)
    far_side.start()
    ended = td_line("drain", "--once", "--json")
    assert ended.code == 1
    assert [each["handed_over"] for each in ended.json["sources"]] == [0, 2]
    assert "no SQLite database" in td_line("source", "show", "broken", "--json").json["trouble"]
