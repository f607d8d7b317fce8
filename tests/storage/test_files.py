import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from td_line_connectors.errors import ConfigError, DataError
from td_line_connectors.storage.files import read_file

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

Write = Callable[..., Path]
PARQUET = io.BytesIO()
pq.write_table(pa.table({"email": ["a@b.c", None]}), PARQUET)
CONTENTS = {
    "csv": b"email\na@b.c\n\n",
    "jsonl": b'{"email": "a@b.c"}\n',
    "parquet": PARQUET.getvalue(),
}


@pytest.fixture
def pipe() -> Iterator[Callable[[bytes], BinaryIO]]:
    """Give a function that makes a pipe, which cannot seek, with a writer at its other end."""
    opened: list[tuple[threading.Thread, BinaryIO]] = []

    def make(content: bytes) -> BinaryIO:
        reading, writing = os.pipe()

        def write() -> None:
            with os.fdopen(writing, "wb") as stream:
                stream.write(content)

        thread = threading.Thread(target=write)
        thread.start()
        opened.append((thread, os.fdopen(reading, "rb")))
        return opened[-1][1]

    yield make
    for thread, stream in opened:
        stream.read()
        thread.join()
        stream.close()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "csv"),
        ("a.CSV", "csv"),
        ("a.tsv", "csv"),
        ("a.jsonl", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.parquet", "parquet"),
    ],
)
def test_the_ending_names_the_format(written: Write, name: str, kind: str) -> None:
    result = read_file(written(CONTENTS[kind], name))
    assert result.columns == ("email",)
    assert next(iter(result.rows))[0] == "a@b.c"
    result.close()
    result.close()


@pytest.mark.parametrize("kind", CONTENTS)
def test_without_an_ending_the_first_bytes_name_the_format(written: Write, kind: str) -> None:
    result = read_file(written(CONTENTS[kind], "people.txt"))
    assert next(iter(result.rows))[0] == "a@b.c"
    result.close()


@pytest.mark.parametrize("kind", CONTENTS)
def test_a_pipe_is_read_as_a_file_is(pipe: Callable[[bytes], BinaryIO], kind: str) -> None:
    stream = pipe(CONTENTS[kind])
    result = read_file(stream)
    assert (result.columns, next(iter(result.rows))[0]) == (("email",), "a@b.c")
    result.close()
    assert not stream.closed


def test_a_long_pipe_is_read_to_its_end(pipe: Callable[[bytes], BinaryIO]) -> None:
    result = read_file(pipe(b"n\n" + b"".join(b"%d\n" % number for number in range(200_000))))
    assert [int(str(row[0])) for row in result.rows] == list(range(200_000))


def test_a_stream_is_read_from_where_it_stands() -> None:
    stream = io.BytesIO(b'garbage{"a": 1}\n')
    stream.seek(7)
    assert [list(row) for row in read_file(stream).rows] == [[1]]


def test_a_given_format_wins_over_the_ending(written: Write) -> None:
    result = read_file(written(CONTENTS["jsonl"], "a.csv"), format="jsonl")
    assert result.total == 1
    result.close()


def test_an_unknown_format_is_refused(written: Write) -> None:
    with pytest.raises(ConfigError, match=r"must be one of csv, jsonl, parquet"):
        read_file(written("a\n"), format="xlsx")


@pytest.mark.parametrize("kind", CONTENTS)
def test_an_empty_file_is_refused(written: Write, kind: str) -> None:
    with pytest.raises(DataError, match=rf"people.{kind}: is empty"):
        read_file(written(b"", f"people.{kind}"))


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"PK\x03\x04rest", "Excel workbook; save the sheet as CSV"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel workbook"),
        (b"\x1f\x8b\x08", "compressed with gzip"),
        (b"SQLite format 3\0", "is a SQLite database"),
    ],
)
def test_a_known_foreign_file_is_named(written: Write, head: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_file(written(head))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none.csv: No such file"):
        read_file(tmp_path / "none.csv")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Is a directory"):
        read_file(tmp_path)


def test_an_encoding_for_parquet_is_refused(written: Write) -> None:
    with pytest.raises(ConfigError, match=r"Parquet has no text encoding"):
        read_file(written(CONTENTS["parquet"], "a.parquet"), encoding="big5")
