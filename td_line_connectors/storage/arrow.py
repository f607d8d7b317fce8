"""The door of pyarrow and duckdb: columns in, rows out."""

from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any, BinaryIO, Final

from td_line_connectors.errors import ConfigError, DataError
from td_line_connectors.rows import Result

__all__ = ["load_duckdb", "load_pyarrow", "read_arrow", "read_parquet", "rows_of"]

_ROWS_AT_A_TIME: Final = 10_000


def load_pyarrow() -> Any:  # noqa: ANN401 - pyarrow has no types
    """Import pyarrow.

    Raises:
        ConfigError: it is not installed.
    """
    return _load("pyarrow")


def load_duckdb() -> Any:  # noqa: ANN401 - no foreign type leaves this door
    """Import duckdb.

    Raises:
        ConfigError: it is not installed.
    """
    return _load("duckdb")


def _load(package: str) -> Any:  # noqa: ANN401 - a module
    try:
        return import_module(package)
    except ImportError as error:
        rule = f"{package} is not installed; install td-line-connectors[duckdb]"
        raise ConfigError.of(package, "extra", rule) from error


def read_parquet(stream: BinaryIO, name: str) -> Result:
    """Open a Parquet file; its rows are streamed by batches.

    Values come as Python objects: lists, `Decimal`, `date`, `datetime` (nanoseconds cut to microseconds), NaN.

    Args:
        stream: the file, seekable. The caller closes it.
        name: what messages call it.

    Raises:
        ConfigError: pyarrow is not installed.
        DataError: the file is no Parquet file, or is damaged. May also come while the rows are read.
    """
    pyarrow = load_pyarrow()
    _load("pyarrow.parquet")
    try:
        file = pyarrow.parquet.ParquetFile(stream)
        batches = file.iter_batches(batch_size=_ROWS_AT_A_TIME)
    except (pyarrow.ArrowException, OSError) as error:
        raise _unreadable(name) from error
    return Result(tuple(file.schema_arrow.names), rows_of(batches, name), file.metadata.num_rows)


def read_arrow(source: object) -> Result:
    """Stream the rows of anything that speaks Arrow: a data frame, a table, a reader, a DuckDB relation.

    Args:
        source: an object with `__arrow_c_stream__`, whose stream is one of record batches.

    Raises:
        ConfigError: pyarrow is not installed; or the object is no table: a column (a pandas Series, say), or does
            not have `__arrow_c_stream__`.
        DataError: while the rows are read: the source could not give them.
    """
    kind = type(source).__name__
    pyarrow = load_pyarrow()
    if not hasattr(source, "__arrow_c_stream__"):
        raise ConfigError.of("rows", "arrow", f"{kind} has no __arrow_c_stream__; give a data frame or an Arrow table")
    try:
        reader = pyarrow.RecordBatchReader.from_stream(source)
    except (pyarrow.ArrowException, TypeError, ValueError) as error:
        rule = f"{kind} is no table of rows but a single column, or gives no stream; give the whole data frame"
        raise ConfigError.of("rows", "arrow", rule) from error
    return Result(tuple(reader.schema.names), rows_of(reader, f"the {kind}"), close=reader.close)


def rows_of(batches: Iterable[Any], name: str) -> Iterator[Sequence[object]]:
    """Turn record batches into rows of Python objects.

    Raises:
        DataError: the batches cannot be read, or a value is none that Python has (a date after the year 9999).
    """
    pyarrow = load_pyarrow()
    stream = iter(batches)
    while True:
        try:
            batch = next(stream, None)
            columns = [] if batch is None else [_values(pyarrow, column) for column in batch.columns]
        except (pyarrow.ArrowException, OSError) as error:
            raise _unreadable(name) from error
        except (ValueError, OverflowError) as error:
            raise DataError.of(
                name, "value", "has a date or time that is out of Python's range (years 1 to 9999)"
            ) from error
        if batch is None:
            return
        yield from zip(*columns, strict=True)


def _values(pyarrow: Any, column: Any) -> list[object]:  # noqa: ANN401 - pyarrow has no types
    if getattr(column.type, "unit", None) == "ns":  # Python's datetime ends at microseconds
        column = column.cast(_in_microseconds(pyarrow, column.type), safe=False)
    values: list[object] = column.to_pylist()
    return values


def _in_microseconds(pyarrow: Any, kind: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    if pyarrow.types.is_timestamp(kind):
        return pyarrow.timestamp("us", kind.tz)
    return pyarrow.time64("us") if pyarrow.types.is_time(kind) else pyarrow.duration("us")


def _unreadable(name: str) -> DataError:
    return DataError.of(name, "parquet", "is no Parquet or Arrow data, or is damaged; write it anew")
