import traceback
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from td_line_connectors.errors import ConfigError
from td_line_connectors.rows import Result
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.duckdb import query_duckdb

pytest.importorskip("duckdb")


@pytest.fixture
def shop(databases: Databases) -> Path:
    columns = ("name", "age", "score", "mixed", "none", "raw")
    databases.import_rows(
        "shop",
        "people",
        Result(
            columns,
            [("王", 30, 1, "x", None, b"\0"), ("b", 40, 2.5, 7, None, b"\1"), (None, None, None, None, None, None)],
        ),
    )
    databases.create_table("shop", "orders")
    databases.import_rows("shop", "orders", Result(("name", "amount"), [("b", 5), ("b", 6)]))
    return databases.path("shop")


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in query_duckdb(path, sql).rows]


def test_columns_get_the_type_that_holds_their_values(shop: Path) -> None:
    found = rows(shop, "SELECT column_type FROM (DESCRIBE people)")
    assert [kind for (kind,) in found] == ["VARCHAR", "BIGINT", "DOUBLE", "VARCHAR", "VARCHAR", "BLOB"]


def test_values_arrive_as_they_are_stored(shop: Path) -> None:
    assert rows(shop, "SELECT * FROM people WHERE age IS NOT NULL ORDER BY age") == [
        ("王", 30, 1.0, "x", None, b"\0"),
        ("b", 40, 2.5, "7", None, b"\1"),
    ]


def test_tables_are_joined_and_a_table_with_itself(shop: Path) -> None:
    joined = "people p JOIN orders o USING (name) JOIN orders q USING (name)"
    sql = f"SELECT p.age, sum(o.amount) AS total FROM {joined} GROUP BY 1"  # noqa: S608 - our own words
    result = query_duckdb(shop, sql)
    assert result.columns == ("age", "total")
    assert [(tuple(row), type(row[1])) for row in result.rows] == [((40, 22), int)]


def test_decimals_stay_decimals(shop: Path) -> None:
    assert rows(shop, "SELECT 1.50 AS d, sum(age) AS s FROM people") == [(Decimal("1.50"), 70)]


def test_many_rows_are_streamed_to_the_last(databases: Databases) -> None:
    databases.import_rows("shop", "people", Result(("n",), ((number,) for number in range(50_000))))
    assert rows(databases.path("shop"), "SELECT sum(n), count(*) FROM people") == [(1_249_975_000, 50_000)]
    assert len(rows(databases.path("shop"), "SELECT n FROM people")) == 50_000


def test_text_that_is_not_utf_8_comes_with_replacement(databases: Databases) -> None:
    databases.import_rows("shop", "people", Result(("n",), [(b"a\xff",), ("b",)]))
    assert rows(databases.path("shop"), "SELECT n FROM people") == [("a\N{REPLACEMENT CHARACTER}",), ("b",)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM read_csv('https://example.com/x.csv')",
        "FROM sniff_csv('/etc/hostname')",
        "INSTALL sqlite",
        "LOAD sqlite",
        "ATTACH 'x.db'",
        "COPY people TO 'x.csv'",
        "EXPORT DATABASE 'x'",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "PRAGMA enable_profiling",
        "CREATE TABLE x (a INT)",
        "DROP VIEW people",
        "INSERT INTO people SELECT * FROM people",
        "CALL duckdb_tables()",
        "SELECT 1; SELECT 2",
        "",
        "SELEC",
        "SELECT shop FROM shop",
    ],
    ids=ascii,
)
def test_what_does_more_than_read_tables_is_refused(shop: Path, sql: str) -> None:
    with pytest.raises(ConfigError):
        rows(shop, sql)


def test_an_unknown_table_is_answered_with_the_known_ones(shop: Path) -> None:
    with pytest.raises(ConfigError, match=r"«poeple» is no table. Did you mean «people»\? Known: orders, people"):
        rows(shop, "SELECT * FROM poeple")


def test_an_error_of_the_sql_is_told_in_duckdbs_words(shop: Path) -> None:
    with pytest.raises(ConfigError, match=r'column "agee" not found'):
        rows(shop, "SELECT agee FROM people")


@pytest.mark.parametrize("before", [0, 30_000], ids=["first batch", "later batch"])
def test_an_error_at_a_row_does_not_repeat_its_value(databases: Databases, before: int) -> None:
    values = [("1",)] * before + [("private-value",)]
    databases.import_rows("shop", "people", Result(("n",), values))
    with pytest.raises(ConfigError, match=r"Could not convert string") as caught:
        rows(databases.path("shop"), "SELECT CAST(n AS INTEGER) FROM people")
    assert "private" not in "".join(traceback.format_exception(caught.value))


def test_a_result_closes_twice_and_early(shop: Path) -> None:
    result = query_duckdb(shop, "SELECT * FROM people")
    result.close()
    result.close()


def test_a_signal_ends_a_long_query(databases: Databases, handled_alarm: Callable[[BaseException], None]) -> None:
    databases.import_rows("shop", "people", Result(("n",), ((number,) for number in range(20_000))))
    sql = "SELECT count(*) FROM people a, people b, people c WHERE a.n + b.n + c.n = 7"

    def query() -> None:
        handled_alarm(KeyboardInterrupt())
        rows(databases.path("shop"), sql)

    with pytest.raises(KeyboardInterrupt):
        query()
