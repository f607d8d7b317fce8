"""SQL by DuckDB on an embedded database's tables."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

from td_line_connectors.errors import ConfigError, ConnectorError, StoreError
from td_line_connectors.rows import Result
from td_line_connectors.storage.arrow import load_duckdb, load_pyarrow, rows_of
from td_line_connectors.storage.names import quoted, unknown_name
from td_line_connectors.storage.sqlite import Connection, guarded, open_reader
from td_line_connectors.storage.tables import table_names

__all__ = ["query_duckdb"]

_ROWS_AT_A_TIME: Final = 10_000
_COLUMNS_AT_A_TIME: Final = 500
"""Half of the columns that one SELECT of SQLite may give, as each is asked twice."""

_CLOSED: Final = {
    "enable_external_access": "false",  # no files, no network, no ATTACH, no COPY
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # else a table's name may mean a variable of this process
    "temp_directory": "",  # people's data is not spilled into the working folder; what does not fit is an error
}
_UNKNOWN_TABLE: Final = re.compile(r"Table with name (?P<table>\S+) does not exist")
_SECONDS_BETWEEN_INTERRUPTS: Final = 0.05
_TYPES: Final = {"integer": "int64", "real": "float64", "blob": "binary"}
_CASTS: Final = {"string": "CAST({} AS TEXT)", "float64": "CAST({} AS REAL)", "int64": "{}", "binary": "{}"}


def query_duckdb(path: Path, sql: str) -> Result:
    """Run one SELECT with DuckDB, in this process, on the tables of a SQLite file as they stand now.

    DuckDB cannot read SQLite files without an extension from the network. So each table whose name is in the SQL is
    streamed to it. SQLite types values, DuckDB columns: a column is BIGINT, DOUBLE or BLOB where all its values are
    (integers beside floats are DOUBLE), else VARCHAR; finding that out reads the table once more.

    Args:
        path: the file of an embedded database.
        sql: one SELECT. Files, the network, other databases and settings are out of its reach.

    Raises:
        ConfigError: duckdb is not installed, a table is unknown, or the SQL is wrong or does more than read.
        StoreError: the file cannot be read, or memory is not enough. All may also come while the rows are read.
    """
    duckdb = load_duckdb()
    load_pyarrow()
    tables = open_reader(path, snapshot=True)
    engine = duckdb.connect(":memory:", config=_CLOSED)

    def close() -> None:
        engine.close()
        tables.close()

    try:
        with guarded(f"listing the tables of {path.stem}"):
            known = table_names(tables)
        scans = _registered(engine, tables, [name for name in known if name.lower() in sql.lower()])
        try:
            relation = _interruptible(engine, lambda: _one_select(duckdb, engine, sql))
        except duckdb.Error as error:
            raise _translated(duckdb, error, known, str(error)) from error
        return Result(tuple(relation.columns), _stream(duckdb, engine, relation, scans, close), close=close)
    except BaseException:
        close()
        raise


def _registered(engine: Any, tables: Connection, names: Sequence[str]) -> "list[_Scan]":  # noqa: ANN401 - no foreign types
    # One lock for one connection: DuckDB reads on several threads, and a thread that waited inside SQLite with the
    # interpreter's lock in its hand would stop the one that SQLite waits for.
    lock = threading.Lock()
    scans = [_Scan(tables, lock, name) for name in names]
    for scan in scans:
        scan.learn_types()

    def register() -> None:
        for scan in scans:
            engine.register(scan.table, scan)
        engine.execute("SET lock_configuration = true")

    _interruptible(engine, register)
    return scans


def _one_select(duckdb: Any, engine: Any, sql: str) -> Any:  # noqa: ANN401 - no foreign types
    statements = engine.extract_statements(sql)
    if len(statements) != 1:
        raise ConfigError.of("query", "sql", f"has {len(statements)} statements; it must be one SELECT")
    if statements[0].type not in {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}:
        raise ConfigError.of("query", "read_only", "a query may only read; it must be one SELECT")
    return engine.sql(sql)


class _Scan:
    """A SQLite table as DuckDB reads it: an Arrow stream, as often as it is asked for.

    Args:
        tables: the connection, shared by all scans of a query.
        lock: its lock.
        table: the table's name.
    """

    def __init__(self, tables: Connection, lock: threading.Lock, table: str) -> None:
        self.table = table
        self.failure: ConnectorError | None = None
        self._tables = tables
        self._lock = lock
        self._types: dict[str, str] = {}

    def learn_types(self) -> None:
        """Read the table once, to know its columns' types. DuckDB, which asks for them, would forget a signal."""
        with self._lock, guarded(f"reading {self.table}"):
            self._types = _column_types(self._tables, self.table)

    def __arrow_c_schema__(self) -> object:
        return self._schema().__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        reader = load_pyarrow().RecordBatchReader.from_batches(self._schema(), self._batches())
        return reader.__arrow_c_stream__(requested_schema)

    def _schema(self) -> Any:  # noqa: ANN401 - no foreign types
        pyarrow = load_pyarrow()
        return pyarrow.schema([(name, getattr(pyarrow, kind)()) for name, kind in self._types.items()])

    def _batches(self) -> Iterator[Any]:
        """Give the table's rows by batches. DuckDB makes text of an error, so it is kept as well."""
        try:
            yield from self._read()
        except ConnectorError as error:
            self.failure = error
            raise

    def _read(self) -> Iterator[Any]:
        schema = self._schema()
        values = ", ".join(_CASTS[kind].format(quoted(name)) for name, kind in self._types.items())
        with self._lock, guarded(f"reading {self.table}"):
            cursor = self._tables.execute(f"SELECT {values} FROM {quoted(self.table)}")  # noqa: S608 - quoted
        while True:
            with self._lock, guarded(f"reading {self.table}"):
                rows = cursor.fetchmany(_ROWS_AT_A_TIME)
            if not rows:
                return
            pyarrow = load_pyarrow()
            columns = zip(zip(*rows, strict=True), schema.types, strict=True)
            yield pyarrow.RecordBatch.from_arrays([pyarrow.array(each, kind) for each, kind in columns], schema=schema)


def _column_types(tables: Connection, table: str) -> dict[str, str]:
    """Find the Arrow type that holds every value of each column."""
    name = quoted(table)
    columns = [each[0] for each in tables.execute(f"SELECT * FROM {name} LIMIT 0").description]  # noqa: S608 - quoted
    types: dict[str, str] = {}
    for start in range(0, len(columns), _COLUMNS_AT_A_TIME):
        part = columns[start : start + _COLUMNS_AT_A_TIME]
        asked = ", ".join(
            f"{pick}(typeof({column})) FILTER (WHERE {column} IS NOT NULL)"
            for column in map(quoted, part)
            for pick in ("min", "max")
        )
        found = tables.execute(f"SELECT {asked} FROM {name}").fetchone()  # noqa: S608 - quoted
        types |= {each: _type(*found[2 * at : 2 * at + 2]) for at, each in enumerate(part)}
    return types


def _type(first: str | None, last: str | None) -> str:
    """Choose a type from the alphabetically first and last of blob, integer, real, text that occur."""
    if (first, last) == ("integer", "real"):
        return "float64"
    return _TYPES.get(first or "", "string") if first == last else "string"


def _stream(
    duckdb: Any,  # noqa: ANN401 - no foreign types
    engine: Any,  # noqa: ANN401 - the same
    relation: Any,  # noqa: ANN401 - the same
    scans: Sequence[_Scan],
    close: Callable[[], None],
) -> Iterator[Sequence[object]]:
    sums = [str(kind) == "HUGEINT" for kind in relation.types]  # a sum of integers, which Arrow gives as decimals
    try:
        batches = _interruptible(engine, lambda: relation.to_arrow_reader(_ROWS_AT_A_TIME))
        while batch := _interruptible(engine, lambda: next(batches, None)):
            rows = rows_of([batch], "the answer")
            yield from _with_integers(rows, sums) if any(sums) else rows
    except (duckdb.Error, OSError) as error:  # what fails after the first batch comes by way of pyarrow: an OSError
        if failure := next((scan.failure for scan in scans if scan.failure), None):
            raise failure  # noqa: B904 - it has a cause of its own
        raise _translated(duckdb, error, (), _without_values(error)) from None  # a traceback would repeat the value
    finally:
        close()


def _interruptible(engine: Any, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - no foreign types
    """Let DuckDB work on another thread: on the main one it would hear of Ctrl-C late, and forget who asked."""
    answer: Future[Any] = Future()
    worker = threading.Thread(target=_answer, args=(answer, work), daemon=True)
    try:
        worker.start()
        return answer.result()
    except BaseException:
        while worker.is_alive() and not answer.done():
            engine.interrupt()  # one that comes before the query has begun is forgotten: say it again
            worker.join(_SECONDS_BETWEEN_INTERRUPTS)
        raise


def _answer(answer: "Future[Any]", work: Callable[[], Any]) -> None:
    try:
        answer.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is raised where the answer is awaited
        answer.set_exception(error)


def _with_integers(rows: Iterable[Sequence[object]], sums: Sequence[bool]) -> Iterator[Sequence[object]]:
    for row in rows:
        yield [int(each) if is_sum and each is not None else each for each, is_sum in zip(row, sums, strict=True)]  # type: ignore[call-overload]  # HUGEINT comes as Decimal


def _translated(duckdb: Any, error: Exception, known: Sequence[str], message: str) -> ConnectorError:  # noqa: ANN401 - no foreign types
    if isinstance(error, duckdb.OutOfMemoryException) or "Out of Memory" in message:
        return StoreError("querying with DuckDB: memory is not enough; take fewer rows or columns at once")
    if isinstance(error, (duckdb.InternalException, duckdb.FatalException)):
        return StoreError(f"querying with DuckDB: {message}")
    if known and (found := _UNKNOWN_TABLE.search(message)):
        return unknown_name("table", found["table"], known, "`table create` makes one")
    return ConfigError.of("query", "sql", message)


def _without_values(error: Exception) -> str:
    """Give the beginning of a message of DuckDB: from the first quote on it repeats values of rows."""
    message = re.split(r"[\"'\n]", str(error), maxsplit=1)[0].rstrip()
    return f"{message} … (a value does not suit the SQL: look for a cast, or use TRY_CAST)"
