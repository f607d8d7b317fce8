import logging
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from td_line_connectors.errors import StoreError
from td_line_connectors.spi import Delivery
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.events import Arrival, EventTables


def call(number: int, database: str = "shop", table: str = "events", **properties: object) -> Arrival:
    raw = {"record_uuid": "c32f42c1", "destination": "U1", "body": "x" * 500, "event_count": 1, "time": 17}
    row = {"event_webhookeventid": f"{number:08}", "destination": "U1", "time": 17, **properties}
    return Arrival(database, "raw_calls", table, Delivery(raw, (row,)))


def make(folder: Path) -> Databases:
    databases = Databases(folder)
    for name in ("shop", "other"):
        databases.create(name)
        for table in ("raw_calls", "events"):
            databases.create_table(name, table)
    return databases


@pytest.fixture
def shop(tmp_path: Path) -> Databases:
    return make(tmp_path / "databases")


@pytest.fixture
def tables(shop: Databases) -> Iterator[EventTables]:
    made = EventTables(shop, log_limit=1_000_000)
    yield made
    made.close()


def count(databases: Databases, database: str = "shop", table: str = "events") -> int:
    (found,) = databases.query(database, f"SELECT count(*) FROM {table}").rows  # noqa: S608 - our own tables
    return int(str(found[0]))


def is_refused(tables: EventTables, message: str, number: int = 99) -> None:
    """Say that shop refuses a call, and that the database beside it goes on."""
    with pytest.raises(StoreError, match=message):
        tables.append([call(number), call(number, "other")])
    (outcome,) = tables.store("shop", [call(number)])
    assert isinstance(outcome, StoreError)


def test_a_database_that_fails_does_not_stop_the_others(shop: Databases, tables: EventTables) -> None:
    shop.path("shop").unlink()
    is_refused(tables, r"storing into shop: .*«shop» is no database", number=1)
    assert count(shop, "other") == 1


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_locked_file_is_said_and_taken_up_again(shop: Databases, tables: EventTables) -> None:
    tables.append([call(1)])
    with locked(shop.path("shop")):
        is_refused(tables, r"^storing into shop: another process is writing to it")
    tables.append([call(2)])
    assert (count(shop), count(shop, "other")) == (2, 1)


def test_a_file_that_is_locked_from_the_start_is_taken_up_later(shop: Databases, tables: EventTables) -> None:
    with locked(shop.path("shop")):
        is_refused(tables, r"another process is writing to it")
    tables.append([call(2)])
    assert count(shop) == 1


def test_a_full_disk_is_said_and_what_was_stored_is_safe(shop: Databases, tables: EventTables) -> None:
    tables.append([call(1)])
    file = tables._file("shop")
    assert file._connection is not None
    file._connection.execute("PRAGMA max_page_count = 8")
    with pytest.raises(StoreError, match=r"^storing into shop: the disk is full"):
        tables.append([call(number) for number in range(2, 100)])
    assert count(shop) == 1
    file._connection.execute("PRAGMA max_page_count = 100000")
    tables.append([call(number) for number in range(2, 100)])
    assert count(shop) == 99


FILL = """
import resource, signal, sys
from pathlib import Path
from tests.storage.test_events_faults import call
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.events import EventTables
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
tables = EventTables(Databases(Path(sys.argv[1])))
stored, said, number = 0, set(), 0
for _ in range(300):
    batch = [call(number + each) for each in range(20)]
    number += 20
    outcomes = tables.store("shop", batch)
    stored += outcomes.count(None)
    said |= {str(each).split("; ")[0] for each in outcomes if each}
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
stored += tables.store("shop", [call(number)]).count(None)
print(stored, "|", *sorted(said))
"""


def test_a_disk_that_fills_up_loses_no_acknowledged_call_and_recovers(shop: Databases) -> None:
    command = [sys.executable, "-c", FILL, str(shop.folder)]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True, timeout=60
    )
    stored, said = done.stdout.split(" | ")
    assert 100 < int(stored) < 6001
    assert "the disk" in said
    assert count(shop) == count(shop, table="raw_calls") == int(stored)


@pytest.mark.parametrize("opened_before", [True, False])
def test_a_read_only_file_is_said_and_taken_up_again(plain_user: Path, *, opened_before: bool) -> None:
    shop = make(plain_user / "databases")
    path, number = shop.path("shop"), 1
    with closing(EventTables(shop)) as tables:
        if opened_before:
            tables.append([call(number)])
            tables.close()
        path.chmod(0o400)
        is_refused(tables, r"shop.*: this user may only read it; give the right to write")
        path.chmod(0o600)
        tables.append([call(2)])
    assert count(shop) == 1 + opened_before


def test_a_folder_that_may_not_be_entered_is_said_and_taken_up_again(plain_user: Path) -> None:
    shop = make(plain_user / "databases")
    with closing(EventTables(shop)) as tables:
        tables.append([call(1)])
        tables.close()
        shop.folder.chmod(0)
        with pytest.raises(StoreError, match=r"^storing into shop: Permission denied; give this user the right"):
            tables.append([call(2)])
        shop.folder.chmod(0o700)
        tables.append([call(3)])
    assert count(shop) == 2


def _truncated(path: Path) -> None:
    os.truncate(path, 0)


def _deleted(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink()


def _without_log(path: Path) -> None:
    Path(f"{path}-wal").unlink()


def _replaced(path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    copy.replace(path)


@pytest.mark.parametrize("harm", [_truncated, _deleted, _without_log, _replaced])
def test_a_file_taken_away_while_it_is_open_takes_no_call_into_nowhere(
    shop: Databases, tables: EventTables, harm: Callable[[Path], None]
) -> None:
    path = shop.path("shop")
    tables.append([call(1)])
    tables.close()
    shutil.copy(path, path.with_name("backup"))
    tables.append([call(2)])
    harm(path)
    with pytest.raises(StoreError, match=r"shop.*(deleted, replaced or emptied|cannot be opened|damaged)"):
        tables.append([call(3)])
    tables.close()
    _remove(path)
    path.with_name("backup").replace(path)
    tables.append([call(4)])
    assert count(shop) == 2


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


@pytest.mark.parametrize(
    "content", [b"not a database" * 500, b"SQLite format 3\0" + b"\xff" * 5000], ids=["text", "damaged"]
)
def test_a_damaged_file_is_said_and_taken_up_when_it_is_whole_again(
    shop: Databases, tables: EventTables, content: bytes
) -> None:
    path = shop.path("shop")
    whole = path.read_bytes()
    _remove(path)
    path.write_bytes(content)
    is_refused(tables, r"shop.*(no SQLite database|damaged)")
    _remove(path)
    path.write_bytes(whole)
    tables.append([call(1)])
    assert count(shop) == 1


def test_pages_damaged_in_the_middle_are_never_acknowledged_over(shop: Databases, tables: EventTables) -> None:
    path = shop.path("shop")
    tables.append([call(number) for number in range(500)])
    tables.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    is_refused(tables, r"shop.*(damaged|malformed)", number=501)


def test_a_dropped_table_costs_only_its_own_calls(shop: Databases, tables: EventTables) -> None:
    shop.create_table("shop", "more")
    tables.append([call(1), call(2, table="more")])
    with closing(sqlite3.connect(shop.path("shop"))) as tool:
        tool.execute("DROP TABLE more")
    outcomes = tables.store("shop", [call(3), call(4, table="more"), call(5), call(6, table="more")])
    assert [str(each) if each else None for each in outcomes] == [
        None,
        message := "storing into shop: table: «more» is no table. Known: events, raw_calls. `table create` makes one.",
        None,
        message,
    ]
    assert (count(shop), count(shop, table="raw_calls")) == (3, 4)
    shop.create_table("shop", "more")
    assert tables.store("shop", [call(4, table="more")]) == [None]


BAD: list[object] = [2**64, "half a \ud83e", object(), {"a": 1}]


@pytest.mark.parametrize("value", BAD, ids=["big integer", "surrogate", "object", "mapping"])
def test_a_call_that_sqlite_refuses_costs_its_neighbours_nothing(
    shop: Databases, tables: EventTables, value: object
) -> None:
    outcomes = tables.store("shop", [call(1, event_a=1), call(2, event_new=value), call(3, event_b=1)])
    assert [each is None for each in outcomes] == [True, False, True]
    assert isinstance(outcomes[1], StoreError)
    assert (count(shop), count(shop, table="raw_calls")) == (2, 2)
    assert shop.columns("shop", "events") == ("event_webhookeventid", "destination", "time", "event_a", "event_b")


@pytest.mark.parametrize("name", ["event_\ud800", "event_\0"], ids=["surrogate", "nul"])
def test_a_name_that_sqlite_refuses_costs_the_neighbours_nothing(tables: EventTables, name: str) -> None:
    outcomes = tables.store("shop", [call(1, **{name: "1"}), call(2)])
    assert [isinstance(each, StoreError) for each in outcomes] == [True, False]


def test_a_refusal_repeats_no_value(tables: EventTables) -> None:
    for value in ({"secret": "text"}, "secret\ud800"):
        (outcome,) = tables.store("shop", [call(1, event_a=value)])
        assert "secret" not in str(outcome)


def test_two_columns_alike_but_for_case_are_refused(tables: EventTables) -> None:
    outcomes = tables.store("shop", [call(1, event_a=1, event_A=2), call(2, event_a=3)])
    assert ["two columns event_a, case aside" in str(each) for each in outcomes] == [True, False]


def test_a_trigger_that_undoes_everything_is_a_refusal(shop: Databases, tables: EventTables) -> None:
    tables.append([call(1)])
    with closing(sqlite3.connect(shop.path("shop"))) as tool:
        tool.execute("CREATE TRIGGER no BEFORE INSERT ON events BEGIN SELECT RAISE(ROLLBACK, 'no'); END")
    outcomes = tables.store("shop", [call(2), call(3)])
    assert all(isinstance(each, StoreError) for each in outcomes)
    assert (count(shop), count(shop, table="raw_calls")) == (1, 1)


def log_size(databases: Databases) -> int:
    return Path(f"{databases.path('shop')}-wal").stat().st_size


def write_much(tables: EventTables, start: int, calls: int = 4000) -> None:
    for number in range(start, start + calls, 100):
        tables.append([call(each) for each in range(number, number + 100)])


def test_a_reader_that_stays_blocks_no_write_and_its_log_is_cut_afterwards(
    shop: Databases, tables: EventTables
) -> None:
    tables.append([call(0)])
    with closing(sqlite3.connect(shop.path("shop"), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM events").fetchone() == (1,)
        write_much(tables, 1)
        assert log_size(shop) > 3_000_000
        assert reader.execute("SELECT count(*) FROM events").fetchone() == (1,)
        reader.execute("COMMIT")
    write_much(tables, 5000)
    assert log_size(shop) <= 1_300_000
    assert count(shop) == 8001


def test_while_a_reader_stays_the_cut_is_not_tried_with_every_commit(shop: Databases, tables: EventTables) -> None:
    tables.append([call(0)])
    connection: Any = tables._file("shop")._connection
    said: list[str] = []
    with closing(sqlite3.connect(shop.path("shop"), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        write_much(tables, 1, 2000)
        assert log_size(shop) > 1_000_000
        connection.set_trace_callback(said.append)
        for number in range(5000, 5010):
            tables.append([call(number)])
    assert sum("COMMIT" in sql for sql in said) == 10
    assert sum("wal_checkpoint" in sql for sql in said) <= 1


def test_readers_that_overlap_all_the_time_do_not_let_the_log_grow(shop: Databases, tables: EventTables) -> None:
    tables.append([call(0)])
    readers = [sqlite3.connect(shop.path("shop"), isolation_level=None) for _ in range(2)]
    sizes = []
    for turn in range(40):
        reader = readers[turn % 2]  # the one begins before the other ends
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        write_much(tables, 1 + turn * 200, 200)
        if readers[1 - turn % 2].in_transaction:
            readers[1 - turn % 2].execute("COMMIT")
        sizes.append(log_size(shop))
    for reader in readers:
        reader.close()
    write_much(tables, 10_000)
    assert log_size(shop) <= 1_300_000


def test_a_log_that_cannot_be_cut_is_told_and_harms_nothing(
    shop: Databases, tables: EventTables, caplog: pytest.LogCaptureFixture
) -> None:
    write_much(tables, 0, 1000)
    file = tables._file("shop")
    assert file._connection is not None
    file._log_size = file._trim_at + 1
    file._connection.close()
    with caplog.at_level(logging.WARNING):
        tables.upkeep()
    assert "cutting the log of shop" in caplog.text


def test_closing_twice_is_fine_and_the_next_call_opens_again(shop: Databases, tables: EventTables) -> None:
    tables.append([call(1)])
    tables.close()
    tables.close()
    tables.append([call(2)])
    assert count(shop) == 2
