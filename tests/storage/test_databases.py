import multiprocessing
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from td_line_connectors.errors import ConfigError, DataError, StoreError
from td_line_connectors.rows import Result
from td_line_connectors.storage.databases import Databases


def rows(databases: Databases, sql: str = "SELECT * FROM people") -> list[tuple[object, ...]]:
    return [tuple(row) for row in databases.query("shop", sql).rows]


def test_a_new_database_is_listed(databases: Databases) -> None:
    databases.create("events_2026")
    assert databases.names() == ("events_2026", "shop")


def test_without_a_folder_there_are_no_databases(tmp_path: Path) -> None:
    assert Databases(tmp_path / "nowhere").names() == ()


def test_a_database_is_made_once(databases: Databases) -> None:
    with pytest.raises(ConfigError, match=r"'shop' exists already"):
        databases.create("shop")


@pytest.mark.parametrize("name", ["people", "PEOPLE"])
def test_a_table_is_made_once(databases: Databases, name: str) -> None:
    with pytest.raises(ConfigError, match=r"exists already|breaks this rule"):
        databases.create_table("shop", name)


def test_an_unknown_database_is_answered_with_the_known_ones(databases: Databases) -> None:
    with pytest.raises(ConfigError, match=r"«shap» is no database. Did you mean «shop»\? Known: shop"):
        databases.query("shap", "SELECT 1")


def test_a_path_is_no_database_name(databases: Databases) -> None:
    with pytest.raises(ConfigError, match=r"breaks this rule"):
        databases.query("../shop", "SELECT 1")


def test_an_unknown_table_is_answered_with_the_known_ones(databases: Databases) -> None:
    for attempt in (
        lambda: databases.query("shop", "SELECT * FROM poeple"),
        lambda: databases.import_rows("shop", "poeple", Result(("email",), [])),
        lambda: databases.columns("shop", "poeple"),
    ):
        with pytest.raises(ConfigError, match=r"«poeple» is no table. Did you mean «people»\? Known: people"):
            attempt()


def test_a_new_table_has_no_columns_and_says_so(databases: Databases) -> None:
    assert databases.columns("shop", "people") == ()
    with closing(databases.query("shop", "SELECT * FROM people")) as result:
        assert result.columns == ("no_columns_yet",)
    with pytest.raises(ConfigError, match=r"people has no columns yet: import rows into it first"):
        databases.query("shop", "SELECT email FROM people")


def test_an_import_adds_the_columns_and_appends(databases: Databases) -> None:
    databases.import_rows("shop", "people", Result(("Email", "tags"), [("a", "x")]))
    databases.import_rows("shop", "people", Result(("tags", "EMAIL", "mobile"), [("y", "b", "0912")]))
    assert databases.columns("shop", "people") == ("Email", "tags", "mobile")
    assert rows(databases) == [("a", "x", None), ("b", "y", "0912")]


def test_an_import_counts_and_tells_its_progress(databases: Databases) -> None:
    told: list[int] = []
    result = Result(("email",), ((str(number),) for number in range(25_000)))
    assert databases.import_rows("shop", "people", result, on_progress=told.append) == 25_000
    assert told == [10_000, 20_000, 25_000]


def test_an_import_keeps_the_order_of_the_rows(databases: Databases) -> None:
    databases.import_rows("shop", "people", Result(("n",), ((number,) for number in range(20_001))))
    assert [n for (n,) in rows(databases)] == list(range(20_001))


@pytest.mark.parametrize(
    "error", [DataError.of("people.csv", "ragged", "line 3"), KeyboardInterrupt()], ids=["data", "signal"]
)
def test_an_import_that_breaks_off_leaves_nothing(databases: Databases, error: BaseException) -> None:
    def broken() -> Iterator[tuple[str]]:
        for number in range(15_000):
            yield (str(number),)
        raise error

    closed: list[bool] = []
    with pytest.raises(type(error)):
        databases.import_rows("shop", "people", Result(("email",), broken(), close=lambda: closed.append(True)))
    assert databases.columns("shop", "people") == ()
    assert rows(databases) == []
    assert closed


def test_an_import_that_a_table_refuses_leaves_not_even_a_column(databases: Databases) -> None:
    with closing(sqlite3.connect(databases.path("shop"))) as tool:
        tool.execute("CREATE TABLE strict_one (a CHECK (a <> 'bad'))")
    with pytest.raises(StoreError, match=r"CHECK constraint"):
        databases.import_rows("shop", "strict_one", Result(("a", "b"), [("good", 1), ("bad", 2)]))
    assert databases.columns("shop", "strict_one") == ("a",)
    assert rows(databases, "SELECT * FROM strict_one") == []


def test_a_row_of_another_width_leaves_nothing(databases: Databases) -> None:
    with pytest.raises(StoreError, match=r"importing into people"):
        databases.import_rows("shop", "people", Result(("a", "b"), [(1, 2), (1,)]))
    assert rows(databases) == []


def test_a_column_name_twice_is_refused_before_anything_is_read(databases: Databases) -> None:
    with pytest.raises(ConfigError, match=r"column 2 \(A\) has the name of column 1"):
        databases.import_rows("shop", "people", Result(("a", "A"), iter(())))


def test_hostile_column_names_are_names_only(databases: Databases) -> None:
    name = 'x"); DROP TABLE people; --'
    databases.import_rows("shop", "people", Result((name, "select"), [(1, 2)]))
    assert databases.columns("shop", "people") == (name, "select")


def test_a_slow_source_does_not_keep_other_writers_waiting(databases: Databases) -> None:
    def slow() -> Iterator[tuple[int]]:
        for number in range(20_000):
            if number == 15_000:  # some rows are staged already
                with closing(sqlite3.connect(databases.path("shop"), timeout=0)) as other, other:
                    other.execute("CREATE TABLE other (a)")
            yield (number,)

    assert databases.import_rows("shop", "people", Result(("n",), slow())) == 20_000
    assert databases.tables("shop") == ("other", "people")


def test_a_query_streams_the_moment_of_its_call(databases: Databases) -> None:
    databases.import_rows("shop", "people", Result(("n",), ((number,) for number in range(5000))))
    result = databases.query("shop", "SELECT n FROM people")
    stream = iter(result.rows)
    next(stream)
    databases.import_rows("shop", "people", Result(("n", "m"), [(1, 1)]))
    assert sum(1 for _ in stream) == 4999


def test_a_result_closes_twice_and_early(databases: Databases) -> None:
    result = databases.query(
        "shop", "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    )
    next(iter(result.rows))
    result.close()
    result.close()


@pytest.mark.parametrize("sql", ["", "-- nothing", "REINDEX"])
def test_sql_without_columns_is_refused(databases: Databases, sql: str) -> None:
    with pytest.raises(ConfigError, match=r"gives no columns"):
        databases.query("shop", sql)


def test_an_error_in_the_middle_of_the_rows_is_ours(databases: Databases) -> None:
    databases.import_rows("shop", "people", Result(("n",), [(1,)] * 3000 + [("{",)]))
    with pytest.raises(ConfigError, match=r"malformed JSON"):
        rows(databases, "SELECT json_extract(n, '$') FROM people")


def test_any_sqlite_tool_reads_the_file(databases: Databases) -> None:
    databases.import_rows("shop", "people", Result(("email",), [("a",)]))
    with closing(sqlite3.connect(databases.folder / "shop.sqlite")) as tool:
        assert tool.execute("SELECT email FROM people").fetchall() == [("a",)]


def _read_over_and_over(databases: Databases, done: "multiprocessing.synchronize.Event") -> None:
    counts = []
    while not done.is_set():
        counts.append(sum(1 for _ in databases.query("shop", "SELECT * FROM people").rows))
    sys.exit(0 if counts and counts == sorted(counts) and all(count % 500 == 0 for count in counts) else 1)


def test_another_process_reads_whole_imports_while_we_write(databases: Databases) -> None:
    context = multiprocessing.get_context("fork")
    done = context.Event()
    reader = context.Process(target=_read_over_and_over, args=(databases, done))
    reader.start()
    for _ in range(20):
        databases.import_rows("shop", "people", Result(("n",), ((number,) for number in range(500))))
    done.set()
    reader.join()
    assert reader.exitcode == 0


FILL = """
import sys
from pathlib import Path
from td_line_connectors.errors import StoreError
from td_line_connectors.rows import Result
from td_line_connectors.storage.databases import Databases
try:
    rows = (("x" * 1000,) for _ in range(20_000))
    Databases(Path(sys.argv[1])).import_rows("shop", "people", Result(("text",), rows))
except StoreError as error:
    print(error)
"""


def _small_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))


def test_a_disk_that_fills_up_leaves_nothing(databases: Databases) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FILL, str(databases.folder)],
        preexec_fn=_small_files,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.startswith("importing into people: the disk ")
    assert rows(databases) == []
