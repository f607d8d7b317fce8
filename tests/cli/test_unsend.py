"""What people took back is forgotten: in Events and Raw, in the file itself, as often as one likes."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from td_line_connectors.testing import EventFactory, redelivered, send_calls, signed_call
from tests.cli.conftest import TdLine
from tests.cli.receiver import SECRET, make_source, serving, write_project

NOON = 1_764_739_548.0


@pytest.fixture(autouse=True)
def project(folder: Path) -> Path:
    write_project(folder)
    return folder


def said(text: str, number: int) -> dict[str, Any]:
    return dict(EventFactory(Random(number), now=lambda: NOON).text(text))  # noqa: S311 - made-up


def taken_back(event: dict[str, Any]) -> dict[str, Any]:
    unsend = dict(EventFactory(Random(event["webhookEventId"]), now=lambda: NOON).event("unsend"))  # noqa: S311 - the same
    return {**unsend, "source": event["source"], "unsend": {"messageId": event["message"]["id"]}}


def receive(project: Path, path: str, *calls: list[dict[str, Any]]) -> None:
    with serving(project) as receiver:
        tally = send_calls(receiver.url + path, [signed_call(call, SECRET) for call in calls], connections=1)
    assert tally.accepted == len(calls)


def rows(td_line: TdLine, sql: str) -> list[list[Any]]:
    return [list(row.values()) for row in td_line("query", "line", sql, "--json").json]


def on_disk(project: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (project / ".td-line" / "databases").iterdir())


def test_a_message_taken_back_is_forgotten_and_its_neighbours_stay(project: Path, td_line: TdLine) -> None:
    path = make_source(td_line)
    secret, other = said("my secret 🤨", 1), said("hello", 2)
    receive(project, path, [secret, other], [redelivered(secret)], [taken_back(secret)])
    bodies = rows(td_line, "SELECT body FROM raw ORDER BY rowid")
    assert b"my secret" in on_disk(project)

    done = td_line("source", "unsend", "shop", "--json")

    assert (done.code, done.json) == (0, {"taken_back": 1, "events": 1, "calls": 2})
    left = {"type": "text", "id": secret["message"]["id"]}
    messages = rows(td_line, "SELECT event_message FROM events WHERE event_message IS NOT NULL ORDER BY rowid")
    assert [json.loads(text) for [text] in messages] == [left, other["message"]]
    after = [json.loads(body) for [body] in rows(td_line, "SELECT body FROM raw ORDER BY rowid")]
    expected = [json.loads(body) for [body] in bodies]
    for call in expected[:2]:
        call["events"][0]["message"] = left
    assert after == expected
    assert b"my secret" not in on_disk(project)
    assert b"hello" in on_disk(project)


def test_a_second_time_changes_nothing_and_a_late_copy_is_forgotten_too(project: Path, td_line: TdLine) -> None:
    path = make_source(td_line)
    secret = said("my secret", 1)
    receive(project, path, [secret], [taken_back(secret)])

    assert td_line("source", "unsend", "shop", "--json").json == {"taken_back": 1, "events": 1, "calls": 1}
    assert td_line("source", "unsend", "shop", "--json").json == {"taken_back": 1, "events": 0, "calls": 0}
    receive(project, path, [redelivered(secret)])
    assert td_line("source", "unsend", "shop", "--json").json == {"taken_back": 1, "events": 0, "calls": 1}


def test_it_works_while_the_receiver_writes(project: Path, td_line: TdLine) -> None:
    path = make_source(td_line)
    secret = said("my secret", 1)
    with serving(project) as receiver:
        send_calls(receiver.url + path, [signed_call([secret, taken_back(secret)], SECRET)])
        done = td_line("source", "unsend", "shop")
        later = send_calls(receiver.url + path, [signed_call([said("later", 3)], SECRET)])

    assert "1 message taken back so far; changed now: 1 row of Events, 1 row of Raw." in done.out
    assert later.statuses == {200: 1}
    assert rows(td_line, "SELECT count(*) FROM events") == [[3]]


def test_what_a_reader_kept_in_the_log_is_gone_the_next_time(project: Path, td_line: TdLine) -> None:
    path = make_source(td_line)
    secret = said("my secret", 1)
    database = project / ".td-line" / "databases" / "line.sqlite"
    with serving(project) as receiver:
        send_calls(receiver.url + path, [signed_call([secret, taken_back(secret)], SECRET)])
        with closing(sqlite3.connect(database, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM events").fetchone() == (2,)
            assert td_line("source", "unsend", "shop", "--json").json == {"taken_back": 1, "events": 1, "calls": 1}
        assert b"my secret" in on_disk(project)

        assert td_line("source", "unsend", "shop", "--json").json == {"taken_back": 1, "events": 0, "calls": 0}
        assert b"my secret" not in on_disk(project)


def test_where_nobody_took_anything_back_nothing_is_done(project: Path, td_line: TdLine) -> None:
    path = make_source(td_line)
    nothing = {"taken_back": 0, "events": 0, "calls": 0}

    assert td_line("source", "unsend", "shop", "--json").json == nothing
    receive(project, path, [said("hello", 1)])
    assert td_line("source", "unsend", "shop", "--json").json == nothing


def test_the_query_of_the_page_leaves_out_what_was_taken_back(project: Path, td_line: TdLine) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "receive.md").read_text(encoding="utf-8")
    sql = page.rpartition("```sql\n")[2].partition("```")[0]
    path = make_source(td_line)
    secret, other = said("my secret", 1), said("hello", 2)
    receive(project, path, [secret, other, taken_back(secret), {"type": "unsend", "unsend": {}}])

    assert rows(td_line, sql) == [[other["source"]["userId"], "hello"]]


def test_messages_without_a_column_are_forgotten_too(project: Path, td_line: TdLine) -> None:
    make_source(td_line)
    other = {"message": {"id": "7", "type": "text", "text": "my secret"}, "level": 3}
    lines = [{"event_other": json.dumps(other)}, {"event_other": json.dumps({"unsend": {"messageId": "7"}})}]
    (project / "rows.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert td_line("table", "import", "line", "events", "rows.jsonl").code == 0

    assert td_line("source", "unsend", "shop", "--json").json == {"taken_back": 1, "events": 1, "calls": 0}
    [[text], _] = rows(td_line, "SELECT event_other FROM events")
    assert json.loads(text) == {"message": {"id": "7", "type": "text"}, "level": 3}


def test_many_rows_are_changed_a_few_hundred_at_a_time(project: Path, td_line: TdLine) -> None:
    make_source(td_line)
    said = [{"event_message": json.dumps({"id": str(number), "text": "my secret"})} for number in range(1_201)]
    back = [{"event_unsend": json.dumps({"messageId": str(number)})} for number in range(1_200)]
    calls = [{"body": json.dumps({"events": [{"message": {"id": "7", "text": "x" * 300_000}}]})} for _ in range(10)]
    for table, lines in (("events", [*said, *back]), ("raw", calls)):
        (project / "rows.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        assert td_line("table", "import", "line", table, "rows.jsonl").code == 0

    done = td_line("source", "unsend", "shop", "--json").json

    assert done == {"taken_back": 1_200, "events": 1_200, "calls": 10}
    [[left]] = rows(td_line, "SELECT event_message FROM events WHERE event_message LIKE '%my secret%'")
    assert json.loads(left)["id"] == "1200"


def test_rows_that_are_no_json_are_left_alone(project: Path, td_line: TdLine) -> None:
    make_source(td_line)
    lines = [{"event_unsend": "{", "event_message": "["}, {"event_unsend": "5", "event_message": '{"id":"5"'}]
    (project / "rows.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert td_line("table", "import", "line", "events", "rows.jsonl").code == 0

    assert td_line("source", "unsend", "shop", "--json").json == {"taken_back": 0, "events": 0, "calls": 0}


def test_a_table_that_is_gone_is_told(project: Path, td_line: TdLine) -> None:
    make_source(td_line)
    (project / ".td-line" / "databases" / "line.sqlite").unlink()

    ended = td_line("source", "unsend", "shop")

    assert ended.code == 2
    assert "line" in ended.err
