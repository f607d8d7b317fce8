import multiprocessing
import os
import sqlite3
import stat
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from td_line_connectors.errors import ConfigError, StoreError, TerminatedError
from td_line_connectors.storage.sqlite import guarded, guarded_query, open_reader, open_writer, transaction

ENDLESS = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "state" / "a ?#%' b.sqlite"
    writer = open_writer(file)
    writer.execute("CREATE TABLE t (a)")
    writer.execute("INSERT INTO t VALUES (1)")
    writer.close()
    return file


@pytest.fixture(params=[0o000, 0o022, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    file = tmp_path / "state" / "databases" / "x.sqlite"
    writer = open_writer(file)
    writer.execute("CREATE TABLE t (a)")
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()}
    writer.close()
    assert modes == {"x.sqlite": 0o600, "x.sqlite-wal": 0o600, "x.sqlite-shm": 0o600}
    assert [stat.S_IMODE(each.stat().st_mode) for each in (file.parent, file.parent.parent)] == [0o700, 0o700]


def test_a_writer_is_durable_and_in_wal(path: Path) -> None:
    writer = open_writer(path)
    found = [writer.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    writer.close()
    assert found == ["wal", 2]


def test_what_a_writer_deletes_is_overwritten_however_sqlite_was_built(path: Path) -> None:
    with closing(open_writer(path)) as writer:
        assert writer.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_a_missing_file_is_not_made_unless_asked(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"opening none.sqlite: it cannot be opened"):
        open_writer(tmp_path / "none.sqlite", create=False)
    with pytest.raises(StoreError, match=r"opening none.sqlite: it cannot be opened"):
        open_reader(tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()


def _open_and_write(path: Path, barrier: "multiprocessing.synchronize.Barrier") -> None:
    barrier.wait()
    writer = open_writer(path)
    with transaction(writer):
        writer.execute("CREATE TABLE IF NOT EXISTS t (a)")
        writer.execute("INSERT INTO t VALUES (1)")
    writer.close()


def test_many_processes_may_make_the_same_file_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for attempt in range(3):
        file = tmp_path / f"{attempt}.sqlite"
        barrier = context.Barrier(6)
        processes = [context.Process(target=_open_and_write, args=(file, barrier)) for _ in range(6)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0] * 6
        reader = open_reader(file)
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (6,)
        reader.close()


def test_a_reader_reads_while_another_connection_writes(path: Path) -> None:
    writer, reader = open_writer(path), open_reader(path)
    with transaction(writer):
        writer.execute("INSERT INTO t VALUES (2)")
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (1,)
    assert reader.execute("SELECT count(*) FROM t").fetchone() == (2,)
    writer.close()
    reader.close()


def test_a_snapshot_stays_as_it_was(path: Path) -> None:
    reader, writer = open_reader(path, snapshot=True), open_writer(path)
    writer.execute("INSERT INTO t VALUES (2)")
    assert reader.execute("SELECT count(*) FROM t").fetchone() == (1,)
    writer.close()
    reader.close()


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t VALUES (1)",
        "UPDATE t SET a = 2",
        "DELETE FROM t",
        "DROP TABLE t",
        "CREATE TABLE u (a)",
        "CREATE TEMP TABLE u (a)",
        "ALTER TABLE t ADD COLUMN b",
        "ATTACH 'x.sqlite' AS x",
        "DETACH main",
        "PRAGMA query_only = OFF",
        "SELECT * FROM pragma_table_info('t')",
        "VACUUM INTO 'x.sqlite'",
        "BEGIN",
        "SAVEPOINT s",
        "ANALYZE",
        "SELECT load_extension('x')",
    ],
)
def test_a_reader_refuses_what_does_more_than_read(path: Path, sql: str) -> None:
    reader = open_reader(path)
    with pytest.raises(ConfigError, match=r"a query may only read"), guarded_query("querying"):
        reader.execute(sql)
    reader.close()


def test_a_reader_refuses_to_touch_the_schema(path: Path) -> None:
    reader = open_reader(path)
    with pytest.raises(ConfigError, match=r"may not be modified"), guarded_query("querying"):
        reader.execute("UPDATE sqlite_master SET name = 'u'")
    reader.close()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT value FROM json_each('[1]')",
        "WITH RECURSIVE n(i) AS (VALUES (1)) SELECT i FROM n",
        "SELECT abs(a) FROM t",
    ],
)
def test_a_reader_reads_with_all_of_sql(path: Path, sql: str) -> None:
    reader = open_reader(path)
    assert reader.execute(sql).fetchall() == [(1,)]
    reader.close()


def test_text_that_is_not_utf_8_comes_with_replacement(path: Path) -> None:
    reader = open_reader(path)
    assert reader.execute("SELECT CAST(x'41FF42' AS TEXT)").fetchone() == ("A\N{REPLACEMENT CHARACTER}B",)
    reader.close()


def test_an_error_inside_a_transaction_leaves_nothing(path: Path) -> None:
    writer = open_writer(path)

    def interrupted() -> None:
        with transaction(writer):
            writer.execute("INSERT INTO t VALUES (2)")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not writer.in_transaction
    assert writer.execute("SELECT count(*) FROM t").fetchone() == (1,)
    writer.close()


def test_a_full_disk_is_said_and_leaves_nothing(path: Path) -> None:
    writer = open_writer(path)
    writer.execute("PRAGMA max_page_count = 4")
    full = pytest.raises(StoreError, match=r"^writing the snapshot: the disk is full")
    with full, guarded("writing the snapshot"), transaction(writer):
        writer.execute("INSERT INTO t VALUES (zeroblob(1000000))")
    assert writer.execute("SELECT count(*) FROM t").fetchone() == (1,)
    writer.close()


def test_a_second_writer_is_said_to_be_busy(path: Path) -> None:
    first, second = open_writer(path), open_writer(path, wait=0)
    busy = pytest.raises(StoreError, match=r"^storing: another process is writing")
    with transaction(first), busy, guarded("storing"), transaction(second):
        pass
    first.close()
    second.close()


@pytest.mark.parametrize(
    "content", [b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 500], ids=["text", "damaged"]
)
def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.sqlite"
    file.write_bytes(content)
    for opened in (open_reader, open_writer):
        with pytest.raises(StoreError, match=r"opening x.sqlite: .*(no SQLite database|damaged)"):
            opened(file)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(StoreError, match=r"making x.sqlite: Not a directory"):
        open_writer(tmp_path / "state" / "x.sqlite")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC", "syntax error"),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        ("SELECT '\0'", "null character"),
        ("SELECT '\ud800'", "is no text"),
        ("SELECT json_extract('{', '$')", "malformed JSON"),
    ],
    ids=ascii,
)
def test_wrong_sql_is_the_writers_to_mend(path: Path, sql: str, message: str) -> None:
    reader = open_reader(path)
    with pytest.raises(ConfigError, match=message), guarded_query("querying"):
        reader.execute(sql).fetchall()
    reader.close()


def test_an_error_about_a_rows_value_does_not_repeat_it(path: Path) -> None:
    private = "ann@example.com"
    reader = open_reader(path)
    with pytest.raises(ConfigError, match=r"JSON path.*not shown") as caught, guarded_query("querying"):
        reader.execute("SELECT json_extract('{}', ?)", [private]).fetchall()
    reader.close()
    assert private not in "".join(traceback.format_exception(caught.value))


def test_a_signal_ends_a_long_statement(path: Path, handled_alarm: Callable[[BaseException], None]) -> None:
    reader = open_reader(path)

    def count() -> None:
        handled_alarm(KeyboardInterrupt())
        reader.execute(ENDLESS)

    with pytest.raises(KeyboardInterrupt), guarded("counting"):
        count()
    reader.close()


def test_a_signal_while_the_authorizer_judges_a_statement_of_ours_ends_it() -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    connection = sqlite3.connect(":memory:")
    connection.set_authorizer(interrupted)
    with pytest.raises(KeyboardInterrupt), guarded("counting"):
        connection.execute("SELECT 1")
    connection.close()


@pytest.mark.parametrize("guard", [guarded, guarded_query])
def test_what_a_signals_handler_raises_comes_out_of_a_long_statement_each_time(
    path: Path, handled_alarm: Callable[[BaseException], None], guard: Callable[[str], AbstractContextManager[None]]
) -> None:
    reader = open_reader(path)

    def count(raised: BaseException) -> None:
        handled_alarm(raised)
        reader.execute(ENDLESS)

    for raised in (TerminatedError(), TimeoutError()):  # the second: a host's own time limit
        with pytest.raises(type(raised)) as caught, guard("counting"):
            count(raised)
        assert caught.value is raised
    assert reader.execute("SELECT a FROM t").fetchall() == [(1,)]
    reader.close()
