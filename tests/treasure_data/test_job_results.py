"""A job's rows come whole and in order, or the reading fails: whatever the line does."""

import gzip
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from td_line_connectors.errors import RemoteError, TransientError
from td_line_connectors.rows import Result
from td_line_connectors.secret import Secret
from td_line_connectors.spi import Query, QueryConnector
from td_line_connectors.testing import FaultKind, TreasureDataEmulator, TreasureDataFault
from td_line_connectors.treasure_data.job_client import JobClient
from td_line_connectors.treasure_data.job_results import ResultStream, rows_in
from tests.testing.maac_client import HandClock
from tests.transport.far_side import Serve, answer
from tests.treasure_data.connecting import DATABASE, SQL, finished_job, waiting_by

ROWS = [[f"U{uuid5(NAMESPACE_URL, str(number)).hex}", number] for number in range(8000)]
"""About 180 kB as they come: several pieces."""

Values = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=9)


def read(result: Result) -> list[list[object]]:
    with closing(result):
        return [[*row] for row in result.rows]


def ranges(far_side: TreasureDataEmulator) -> int:
    return sum(call.operation == "job_result" for call in far_side.calls)


def test_the_rows_are_those_of_the_job(
    far_side: TreasureDataEmulator, queries: QueryConnector, clock: HandClock
) -> None:
    result = queries.result(finished_job(queries, far_side, clock, ROWS))

    assert (result.columns, result.total) == (("line_uid", "points"), 8000)
    assert read(result) == ROWS


def test_nothing_is_fetched_before_the_first_row_is_asked_for(
    far_side: TreasureDataEmulator, queries: QueryConnector, clock: HandClock
) -> None:
    queries.result(finished_job(queries, far_side, clock, ROWS)).close()

    assert ranges(far_side) == 0


@pytest.mark.parametrize(
    "row",
    [
        [None, 1],
        [True, -(2**63)],
        [0.5, 2**64 - 1],
        ["", "王小明"],
        [["vip", "new"], {"a": {1: 2}}],
        [b"\xff", "x" * 99_999],
    ],
    ids=str,
)
def test_values_come_as_they_are(
    far_side: TreasureDataEmulator, queries: QueryConnector, clock: HandClock, row: list[object]
) -> None:
    assert read(queries.result(finished_job(queries, far_side, clock, [row]))) == [row]


def test_a_job_that_found_nothing_has_columns_and_no_row(
    far_side: TreasureDataEmulator, queries: QueryConnector, clock: HandClock
) -> None:
    result = queries.result(finished_job(queries, far_side, clock, []))

    assert (result.columns, result.total, read(result)) == (("line_uid", "points"), 0, [])


def test_a_job_without_a_result_has_neither_columns_nor_rows(
    far_side: TreasureDataEmulator, queries: QueryConnector, clock: HandClock
) -> None:
    result = queries.result(finished_job(queries, far_side, clock, [], columns=()))

    assert (result.columns, result.total, read(result)) == ((), 0, [])


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_line_that_breaks_is_taken_up_where_it_broke(
    far_side: TreasureDataEmulator, queries: QueryConnector, clock: HandClock, times: int
) -> None:
    far_side.faults.add(TreasureDataFault(FaultKind.CUT_MIDWAY, "job_result", times=times))

    assert read(queries.result(finished_job(queries, far_side, clock, ROWS))) == ROWS
    assert [call.status for call in far_side.calls if call.operation == "job_result"] == [*[None] * times, 206]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (FaultKind.SERVER_ERROR, 503),
        (FaultKind.CUT_BEFORE, None),
        (FaultKind.GARBAGE, None),
        (FaultKind.HTML, 200),
        (FaultKind.RATE_LIMITED, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("after", [0, 1], ids=["at first", "later"])
def test_what_may_pass_is_tried_again(
    far_side: TreasureDataEmulator,
    queries: QueryConnector,
    clock: HandClock,
    kind: FaultKind,
    status: int | None,
    after: int,
) -> None:
    if after:
        far_side.faults.add(TreasureDataFault(FaultKind.CUT_MIDWAY, "job_result"))
    far_side.faults.add(TreasureDataFault(kind, "job_result", times=2, status=status))

    assert read(queries.result(finished_job(queries, far_side, clock, ROWS))) == ROWS


def test_a_line_that_breaks_for_good_ends_as_unreachable(
    far_side: TreasureDataEmulator, queries: QueryConnector, clock: HandClock
) -> None:
    result = queries.result(finished_job(queries, far_side, clock, ROWS))
    far_side.faults.add(TreasureDataFault(FaultKind.CUT_MIDWAY, "job_result"))
    far_side.faults.add(TreasureDataFault(FaultKind.SERVER_ERROR, "job_result", times=None))

    with pytest.raises(TransientError, match="GET /v3/job/result/1000: 500"):
        read(result)
    assert ranges(far_side) == 6


def test_a_result_that_is_refused_is_not_asked_for_again(
    far_side: TreasureDataEmulator, queries: QueryConnector, clock: HandClock
) -> None:
    result = queries.result(finished_job(queries, far_side, clock, ROWS))
    far_side.faults.add(TreasureDataFault(FaultKind.REFUSED, "job_result", status=403))

    with pytest.raises(RemoteError, match="403"):
        read(result)
    assert ranges(far_side) == 1


def packed(*rows: object) -> bytes:
    return gzip.compress(b"".join(map(msgpack.packb, rows)))


@dataclass
class Line:
    """A line that gives a body by pieces, and breaks where it is told to."""

    body: bytes
    breaks: Iterator[int] = field(default_factory=lambda: iter(()))
    total: int | None = None
    opened: list[int] = field(default_factory=list)
    closed: int = 0
    _at: int = 0
    _left: int | None = None

    def open_at(self, start: int) -> "Line":
        self.opened.append(start)
        self._at, self._left = start, next(self.breaks, None)
        return self

    def read(self, size: int) -> bytes:
        if self._left == 0:
            raise TransientError("the line broke")
        size = size if self._left is None else min(size, self._left)
        piece = self.body[self._at : self._at + size]
        self._at += len(piece)
        self._left = None if self._left is None else self._left - len(piece)
        return piece

    def close(self) -> None:
        self.closed += 1


def rows_from(line: Line, width: int = 1, count: int | None = None) -> list[list[object]]:
    stream = ResultStream("job 7", line.open_at, waiting_by(HandClock()))
    with closing(stream):
        return [[*row] for row in rows_in(stream, width, count)]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(Values, min_size=2, max_size=2), max_size=20), st.lists(st.integers(1, 60), max_size=8))
def test_wherever_the_line_breaks_every_row_comes_once(rows: list[list[object]], breaks: list[int]) -> None:
    body = packed(*rows)
    line = Line(body, iter(breaks), len(body))

    assert rows_from(line, 2, len(rows)) == rows
    assert line.opened == sorted(set(line.opened))  # nothing was asked for twice


@pytest.mark.parametrize(
    ("body", "count", "words"),
    [
        (packed([1], [2])[:-9], None, "EOFError after row"),
        (packed([1], [2])[:-8] + bytes(8), None, "BadGzipFile after row"),
        (packed([1]), 2, "1 rows came, and it has 2"),
        (packed([1], [2]), 1, "2 rows came, and it has 1"),
        (b"", 1, "0 rows came, and it has 1"),
        (packed([1], [2, 3]), None, "row 2 has not the 1 columns"),
        (packed({"a": 1}), None, "row 1 has not the 1 columns"),
        (packed([1]) + b"more", None, "BadGzipFile after row"),
        (gzip.compress(b"\xc1"), None, "FormatError after row 0"),
        (gzip.compress(msgpack.packb([1]) + b"\x92\x01"), 2, "1 rows came, and it has 2"),
        (gzip.compress(b"\x91\xd7\xff\xff\xff\xff\xff\xff\xff\xff\xff"), None, "after row 0"),
    ],
    ids=[
        "cut", "wrong sum", "too few", "too many", "nothing", "too wide", "no array", "something after it",
        "no msgpack", "ends within a row", "a moment that is none",
    ],
)  # fmt: skip
def test_what_is_not_the_whole_result_fails_and_shows_no_value(body: bytes, count: int | None, words: str) -> None:
    with pytest.raises(RemoteError, match=words) as caught:
        rows_from(Line(body), 1, count)

    assert str(caught.value).startswith("reading the result of job 7: ")


def test_several_packed_pieces_one_after_the_other_are_one_result() -> None:
    assert rows_from(Line(packed([1]) + packed([2], [3])), 1, 3) == [[1], [2], [3]]


def test_text_that_is_no_utf_8_is_read_with_replacement() -> None:
    assert rows_from(Line(gzip.compress(b"\x91\xa2\xffx")), 1, 1) == [["\ufffdx"]]


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"\x1f"], ids=str)
def test_what_is_no_result_is_asked_for_again_and_fails_in_the_end(body: bytes) -> None:
    line = Line(body)
    with pytest.raises(RemoteError, match=r"what came is none|BadGzipFile"):
        rows_from(line)

    assert set(line.opened) == {0}
    assert line.closed >= len(line.opened)


def test_a_result_of_another_length_is_not_read_on() -> None:
    line = Line(packed([1]), iter([12]), 99)
    opens = iter([99, *[98] * 9])

    def reopened(start: int) -> Line:
        line.total = next(opens)
        return line.open_at(start)

    stream = ResultStream("job 7", reopened, waiting_by(HandClock()))
    with closing(stream), pytest.raises(TransientError, match="another length than before"):
        list(rows_in(stream, 1, 1))


BODY = packed(*([f"{number}"] for number in range(2000)))


@pytest.mark.parametrize(
    "reply",
    [
        answer("200 OK", BODY),
        answer("206 Partial Content", BODY[100:], f"Content-Range: bytes 100-{len(BODY) - 1}/{len(BODY)}"),
    ],
    ids=["the whole once more", "the rest"],
)
def test_a_result_is_taken_up_at_a_byte_whether_the_far_side_knows_ranges_or_not(serve: Serve, reply: bytes) -> None:
    far_side = serve(reply)
    with closing(JobClient(far_side.url, Secret("1/k3y"), waiting_by(HandClock()))) as client:
        part = client.open_result("7", 100)
        with closing(part):
            assert (part.read(len(BODY)), part.total) == (BODY[100:], len(BODY))

    assert far_side.requests[0].headers["range"] == "bytes=100-"


@pytest.mark.parametrize("told", ["bytes 99-5000/5001", "bytes */5001", "", "bytes=100-"], ids=repr)
def test_bytes_that_were_not_asked_for_are_not_taken(serve: Serve, told: str) -> None:
    far_side = serve(answer("206 Partial Content", BODY[99:], f"Content-Range: {told}"))
    with (
        closing(JobClient(far_side.url, Secret("1/k3y"), waiting_by(HandClock()))) as client,
        pytest.raises(RemoteError, match="206, but not with the bytes that were asked for"),
    ):
        client.open_result("7", 100)


def test_a_long_result_is_not_held(queries: QueryConnector, far_side: TreasureDataEmulator, clock: HandClock) -> None:
    def rows() -> Iterator[list[object]]:
        return ([f"U{number:032x}", number] for number in range(60_000))

    add_rows: Callable[[], Iterator[list[object]]] = rows
    far_side.add_result(SQL, add_rows, [("line_uid", "varchar"), ("points", "bigint")])
    job_id = queries.issue(Query(engine="hive", database=DATABASE, sql=SQL, key="k")).job_id
    clock.advance(3)
    result = queries.result(job_id)
    tracemalloc.start()
    try:
        read_rows = sum(1 for _ in result.rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        result.close()

    assert read_rows == 60_000
    assert peak < 8_000_000
