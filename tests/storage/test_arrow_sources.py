"""Rows of every library that gives itself as an Arrow stream, exported to the emulator."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from td_line_connectors import Runtime, default_registry, export
from td_line_connectors.testing import MaacEmulator

UIDS = ["U0123456789abcdef0123456789abcdef", "Ufedcba9876543210fedcba9876543210"]
COLUMNS = {"line_uid": UIDS, "customer_id": [4711, None], "birthday": ["1985-04-06", None], "tags": [["a", "b"], None]}

SOURCES: dict[str, Callable[[], Any]] = {
    "pyarrow table": lambda: pa.table(COLUMNS),
    "pyarrow reader": lambda: pa.table(COLUMNS).to_reader(),
    "polars": lambda: pl.DataFrame(COLUMNS),
    "pandas": lambda: pd.DataFrame(COLUMNS),
    "DuckDB": lambda: duckdb.connect().from_arrow(pa.table(COLUMNS)),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_rows_come_from_anything_with_an_arrow_stream(source: Callable[[], Any]) -> None:
    plugin = default_registry().output("line_via_crescendo")
    with MaacEmulator(task_seconds=0) as maac:
        told = {"api_token": maac.token, "endpoint": maac.url, "data_object": "members", "import_key": "line_uid"}
        with closing(plugin.connect({**told, "tags": "import"}, Runtime())) as connector:
            report = export(source(), connector)
        members = maac.account().members

    assert report.rows.to_json() | {"read": 2, "written": 2} == report.rows.to_json()
    assert [each["line_uid"] for each in members] == UIDS
    assert [each.get("customer_id") for each in members] == ["4711", None]
    assert members[0]["birthday"] == "1985-04-06"
    assert {"a", "b"} <= set(members[0]["tags"])


DATES: dict[str, Callable[[], Any]] = {
    "polars": lambda: pl.DataFrame({"line_uid": UIDS, "birthday": ["1985-04-06", None]}).with_columns(
        pl.col("birthday").str.to_date()
    ),
    "pandas": lambda: pd.DataFrame({"line_uid": UIDS, "birthday": pd.to_datetime(["1985-04-06", None])}),
    "DuckDB": lambda: duckdb.sql(f"SELECT '{UIDS[0]}' AS line_uid, DATE '1985-04-06' AS birthday"),
}


@pytest.mark.parametrize("source", DATES.values(), ids=DATES)
def test_a_date_is_a_date_and_a_missing_one_is_not_given(source: Callable[[], Any]) -> None:
    plugin = default_registry().output("line_via_crescendo")
    with MaacEmulator(task_seconds=0) as maac:
        told = {"api_token": maac.token, "endpoint": maac.url, "data_object": "members", "import_key": "line_uid"}
        with closing(plugin.connect({**told, "tags": "import"}, Runtime())) as connector:
            report = export(source(), connector)
        members = maac.account().members

    assert report.rows.invalid == 0
    assert [each.get("birthday") for each in members] == ["1985-04-06", None][: len(members)]
