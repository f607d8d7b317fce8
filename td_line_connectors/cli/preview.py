"""Which events came last, and which are coming?"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime
from typing import Final

from td_line_connectors.cli.output import Output
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.names import quoted
from td_line_connectors.storage.tables import ROW_NUMBER

__all__ = ["HEADINGS", "Preview", "Row", "cells", "watch"]

HEADINGS: Final = ("received", "type", "from", "what")
WIDTHS: Final = (19, 17, 33)
"""Of all cells but the last, in places of a terminal."""

INTERVAL: Final = 0.5
"""Seconds between two looks."""

ROWS_AT_A_TIME: Final = 500

COMMON: Final = frozenset(
    {
        "event_mode",
        "event_type",
        "event_deliverycontext",
        "event_timestamp",
        "event_source",
        "event_webhookeventid",
        "event_replytoken",
    }
)
"""Columns that say nothing of what happened."""

Row = Mapping[str, object]


class Preview:
    """The rows of an Events table, in the order in which they came.

    Args:
        databases: of the project.
        database: where the table is.
        table: its name.
    """

    def __init__(self, databases: Databases, database: str, table: str) -> None:
        self._databases = databases
        self._database = database
        self._table = table
        self._last = 0

    def latest(self, count: int) -> list[Row]:
        """Give the latest rows, the newest at the end."""
        if not self._databases.columns(self._database, self._table):
            return []
        return self._rows(f"ORDER BY rowid DESC LIMIT {count}")[::-1]

    def further(self) -> list[Row]:
        """Give the next rows that came since the last ones given."""
        if not self._databases.columns(self._database, self._table):
            return []
        return self._rows(f"WHERE rowid > {self._last} ORDER BY rowid LIMIT {ROWS_AT_A_TIME}")

    def _rows(self, which: str) -> list[Row]:
        sql = f"SELECT rowid, * FROM {quoted(self._table)} {which}"  # noqa: S608 - a quoted name, and numbers
        with closing(self._databases.query(self._database, sql)) as result:
            names = result.columns[1:]
            rows: list[Row] = []
            for number, *values in result.rows:
                self._last = max(self._last, int(str(number)))
                row = dict(zip(names, values, strict=True))
                row.pop(ROW_NUMBER, None)
                rows.append(row)
        return rows


def watch(output: Output, preview: Preview, count: int, sleep: Callable[[float], None]) -> None:
    """Print the latest rows and then every further one as it comes, until the thread is interrupted."""
    _write(output, [HEADINGS])
    rows = preview.latest(count)
    while True:
        _write(output, map(cells, rows))
        output.flush()
        rows = preview.further()
        if not rows:
            sleep(INTERVAL)


def _write(output: Output, lines: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> None:
    if not output.on_terminal:
        output.table((), lines)
        return
    from td_line_connectors.cli.drawing import drawn_line  # noqa: PLC0415 - rich is for terminals only

    output.write("".join(drawn_line(line, WIDTHS) for line in lines))


def cells(row: Row) -> tuple[str, str, str, str]:
    """Give what a person wants to see of an event."""
    source = _object(row.get("event_source"))
    place = next((str(source[name]) for name in ("userId", "groupId", "roomId") if name in source), "")
    return _time(row.get("time")), str(row.get("event_type") or ""), place, _what(row)


def _what(row: Row) -> str:
    """Give the text of a message; of other events what they bring."""
    message = _object(row.get("event_message"))
    if isinstance(message.get("text"), str):
        return str(message["text"])
    own = [value for name, value in row.items() if name.startswith("event_") and name not in COMMON and value]
    return " ".join(map(str, own))


def _time(value: object) -> str:
    """Give epoch seconds as the time of this machine's zone."""
    if isinstance(value, int):
        with suppress(ValueError, OverflowError, OSError):  # a person may import rows with any number
            return datetime.fromtimestamp(value).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return ""


def _object(text: object) -> dict[str, object]:
    if isinstance(text, str):
        with suppress(ValueError, RecursionError):
            value = json.loads(text)
            return value if isinstance(value, dict) else {}
    return {}
