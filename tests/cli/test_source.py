"""Sources: ids shown once, names that are unique, tables that are there."""

import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from td_line_connectors.cli.drawing import drawn_line
from td_line_connectors.cli.preview import cells
from td_line_connectors.testing import EventFactory, send_calls, signed_call
from tests.cli.conftest import TdLine
from tests.cli.receiver import CREATE, SECRET, make_source, serving, write_project
from tests.cli.terminal import ROOT

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture(autouse=True)
def project(folder: Path) -> Path:
    write_project(folder)
    return folder


def test_a_new_source_tells_its_id_and_the_webhooks_url(td_line: TdLine) -> None:
    out = td_line(*CREATE).out

    [found] = set(UUID4.findall(out))
    assert f"https://line.example.com/v1/task/{found}" in out


def test_json_gives_id_name_and_path(td_line: TdLine) -> None:
    made = td_line(*CREATE, "--json").json

    assert list(made) == ["id", "name", "path"]
    assert UUID4.fullmatch(made["id"])
    assert (made["name"], made["path"]) == ("shop", f"/v1/task/{made['id']}")


def test_later_the_id_is_masked_unless_asked_for(td_line: TdLine) -> None:
    path = make_source(td_line)
    whole = path.removeprefix("/v1/task/")

    for shown in (td_line("source", "list"), td_line("source", "show", "shop"), td_line("source", "list", "--json")):
        assert shown.code == 0
        assert "shop" in shown.out
        assert whole not in shown.out
    assert whole not in td_line("source", "show", "shop", "--json").out
    assert f"https://line.example.com{path}" in td_line("source", "show", "shop", "--show-id").out
    assert td_line("source", "show", "shop", "--show-id", "--json").json["id"] == whole


def test_the_file_of_sources_is_for_this_user_alone(td_line: TdLine, project: Path) -> None:
    make_source(td_line)

    assert stat.S_IMODE((project / ".td-line" / "sources.sqlite").stat().st_mode) == 0o600


def test_tables_that_are_missing_are_named_all_at_once(td_line: TdLine) -> None:
    assert td_line("db", "create", "line").code == 0

    ended = td_line(*CREATE[:-1])

    assert ended.code == 2
    assert "there is no table raw in line; make it, or say --create-tables" in ended.err
    assert "there is no table events in line; make it, or say --create-tables" in ended.err
    assert td_line("source", "list", "--json").json == []


def test_asked_to_it_makes_the_database_and_the_tables(td_line: TdLine) -> None:
    make_source(td_line)

    assert [each["table"] for each in td_line("table", "list", "line", "--json").json] == ["events", "raw"]


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--connection", "lineoa", "line_oa"),
        ("--connection", "maac", "line_via_crescendo"),
        ("--events-table", "raw", "must be another table than raw_table"),
        ("--database", "No", "3 to 128"),
        ("--datastore", "plasma", "plazma"),
    ],
    ids=["unknown connection", "an output", "one table for both", "a bad name", "an unknown datastore"],
)
def test_what_cannot_be_is_a_configuration_error(td_line: TdLine, option: str, value: str, told: str) -> None:
    ended = td_line(*CREATE, option, value)

    assert ended.code == 2
    assert told in ended.err
    assert td_line("source", "list", "--json").json == []


def test_a_name_is_given_once(td_line: TdLine) -> None:
    make_source(td_line)

    ended = td_line(*CREATE)

    assert ended.code == 2
    assert "another source has this name" in ended.err


def test_sources_are_found_by_a_tag(td_line: TdLine) -> None:
    make_source(td_line, "--tags", "taipei, retail")
    make_source(td_line, "--name", "other", "--tags", "tokyo")

    def names(*options: str) -> list[str]:
        return [each["name"] for each in td_line("source", "list", *options, "--json").json]

    assert names() == ["other", "shop"]
    assert names("--tag", "retail") == ["shop"]
    assert names("--tag", "osaka") == []
    assert "tags\ttaipei, retail\n" in td_line("source", "show", "shop").out


def test_a_deleted_source_is_gone_and_its_tables_stay(td_line: TdLine) -> None:
    make_source(td_line)

    assert td_line("source", "delete", "shop").code == 0
    assert td_line("source", "list", "--json").json == []
    assert len(td_line("table", "list", "line", "--json").json) == 2
    assert td_line("source", "delete", "shop").code == 2


@pytest.mark.parametrize("command", ["show", "preview", "unsend", "delete"])
def test_an_unknown_source_is_told_with_the_known_ones(td_line: TdLine, command: str) -> None:
    make_source(td_line)

    ended = td_line("source", command, "shopp")

    assert ended.code == 2
    assert "Did you mean «shop»? Known: shop." in ended.err


def test_a_preview_shows_the_latest_events_at_the_end(td_line: TdLine, project: Path) -> None:
    path = make_source(td_line)
    assert td_line("source", "preview", "shop", "--json").json == []
    with serving(project) as receiver:
        simulated = td_line(
            "simulate",
            "line",
            *("--url", receiver.url + path, "--connections", "1"),
            *("--secret-stdin", "--types", "follow,message,botSuspended", "--count", "3"),
            stdin=SECRET.encode(),
        )
    assert simulated.code == 0

    rows = td_line("source", "preview", "shop", "--json").json
    lines = td_line("source", "preview", "shop").out.splitlines()

    assert [row["event_type"] for row in rows] == ["follow", "message", "botSuspended"]
    assert [line.split("\t")[1] for line in lines] == ["type", "follow", "message", "botSuspended"]
    assert len(td_line("source", "preview", "shop", "--rows", "2", "--json").json) == 2


def test_watching_shows_the_latest_events_and_then_each_one_as_it_comes(td_line: TdLine, project: Path) -> None:
    path = make_source(td_line)
    command = [sys.executable, "-m", "td_line_connectors", "source", "preview", "shop", "--watch"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}

    def receive(text: str) -> None:
        event = EventFactory(Random(text)).text(text)  # noqa: S311 - made-up
        assert send_calls(receiver.url + path, [signed_call([event], SECRET)]).accepted == 1

    with serving(project) as receiver:
        receive("before")
        with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, env=environ, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "received\ttype\tfrom\twhat\n"
            assert process.stdout.readline().endswith("\tbefore\n")
            receive("after \x1b[2J")
            assert process.stdout.readline().endswith("\tafter \\x1b[2J\n")
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0


def test_on_a_terminal_a_watched_line_is_as_wide_as_the_terminal() -> None:
    text = "很長的訊息" * 100
    line = drawn_line(("2026-01-31 12:00:00", "message", "U" + "1" * 32, text), (19, 17, 33))

    assert line.startswith(f"2026-01-31 12:00:00  message            U{'1' * 32}  很長")
    assert line.endswith("…\n")


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({"event_type": "unsend", "event_unsend": '{"messageId":"1"}'}, ("unsend", "", '{"messageId":"1"}')),
        ({"event_type": "message", "event_message": '{"type":"image"}'}, ("message", "", '{"type":"image"}')),
        ({"event_source": '{"type":"group","groupId":"C1"}'}, ("", "C1", "")),
        ({"event_source": "[", "event_message": "5", "time": 10**30}, ("", "", "5")),
        ({"other": "x"}, ("", "", "")),
    ],
    ids=["own payload", "no text", "a group", "no JSON", "other columns"],
)
def test_a_preview_says_what_happened(row: dict[str, object], shown: tuple[str, ...]) -> None:
    assert cells(row)[1:] == shown


def test_watching_and_one_document_exclude_each_other(td_line: TdLine) -> None:
    make_source(td_line)

    ended = td_line("source", "preview", "shop", "--watch", "--json")

    assert (ended.code, ended.json["error"]["kind"]) == (2, "config")
