import io
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from td_line_connectors.errors import ConfigError, DataError
from td_line_connectors.rows import Result
from td_line_connectors.storage.arrow import read_arrow, read_parquet

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

VALUES = {
    "text": (pa.array(["王", None]), ["王", None]),
    "large": (pa.array(["a", "b"], pa.large_string()), ["a", "b"]),
    "dictionary": (pa.array(["a", "a"]).dictionary_encode(), ["a", "a"]),
    "integer": (pa.array([2**62, None]), [2**62, None]),
    "decimal": (pa.array([Decimal("1.50"), None]), [Decimal("1.50"), None]),
    "date": (pa.array([date(1990, 1, 2), None]), [date(1990, 1, 2), None]),
    "nanoseconds": (pa.array([1_500, None], pa.timestamp("ns")), [datetime(1970, 1, 1, 0, 0, 0, 1), None]),  # noqa: DTZ001 - the column has no zone
    "zoned": (pa.array([0, None], pa.timestamp("ns", "UTC")), [datetime(1970, 1, 1, tzinfo=UTC), None]),
    "time": (pa.array([1_500, None], pa.time64("ns")), [time(0, 0, 0, 1), None]),
    "tags": (pa.array([["a", "b"], None]), [["a", "b"], None]),
    "struct": (pa.array([{"a": 1}, None]), [{"a": 1}, None]),
    "boolean": (pa.array([True, None]), [True, None]),
}


def first_columns(result: Result) -> list[object]:
    return [row[0] for row in result.rows]


@pytest.mark.parametrize("kind", VALUES)
def test_values_come_as_python_objects(kind: str) -> None:
    array, expected = VALUES[kind]
    assert first_columns(read_arrow(pa.table({"a": array}))) == expected


def test_a_parquet_file_is_streamed_with_its_total() -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table({"n": range(25_000), "t": ["x"] * 25_000}), stream)
    result = read_parquet(stream, "people.parquet")
    assert (result.columns, result.total) == (("n", "t"), 25_000)
    assert [tuple(row) for row in result.rows] == [(number, "x") for number in range(25_000)]


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1", b"a,b\n"], ids=ascii)
def test_what_is_no_parquet_is_refused(content: bytes) -> None:
    with pytest.raises(DataError, match=r"people.parquet: is no Parquet"):
        read_parquet(io.BytesIO(content), "people.parquet")


def test_a_damaged_page_is_an_error_of_the_data() -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table({"t": [str(number) for number in range(1000)]}), stream, compression="zstd")
    content = bytearray(stream.getvalue())
    content[40:400] = b"\xff" * 360
    with pytest.raises(DataError, match=r"is damaged"):
        list(read_parquet(io.BytesIO(bytes(content)), "people.parquet").rows)


def test_a_time_that_python_has_not_is_refused() -> None:
    with pytest.raises(DataError, match=r"years 1 to 9999"):
        first_columns(read_arrow(pa.table({"a": pa.array([2**60], pa.timestamp("s"))})))


@pytest.mark.parametrize("source", [[1], "text", None], ids=ascii)
def test_what_does_not_speak_arrow_is_refused(source: object) -> None:
    with pytest.raises(ConfigError, match=r"has no __arrow_c_stream__"):
        read_arrow(source)


def test_a_single_column_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"ChunkedArray is no table of rows but a single column"):
        read_arrow(pa.chunked_array([[1, 2]]))


def test_a_source_that_breaks_off_is_an_error_of_the_data() -> None:
    def broken() -> object:
        yield pa.record_batch({"a": [1]})
        raise ValueError("secret")

    reader = pa.RecordBatchReader.from_batches(pa.schema({"a": pa.int64()}), broken())
    with pytest.raises(DataError) as caught:
        first_columns(read_arrow(reader))
    assert "secret" not in str(caught.value)
