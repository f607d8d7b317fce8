"""What goes to standard output, and what to standard error?"""

import io
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, TextIO

from td_line_connectors.cli.text import json_text, plain, safe, safe_lines
from td_line_connectors.errors import StoreError

__all__ = ["Output", "safe", "safe_lines"]

ROWS_WRITTEN_TOGETHER: Final = 100
UTF_8: Final = frozenset({"utf-8", "utf8"})


@dataclass(slots=True)
class Output:
    """Where a command prints, and in which of the two forms.

    Attributes:
        as_json: whether standard output gets one JSON document and nothing else.
        begun: whether something has been printed there.
        out: standard output; where the process was started without one, nowhere.
        err: standard error; likewise.
    """

    as_json: bool = False
    begun: bool = False
    out: TextIO = field(default_factory=lambda: sys.stdout or io.StringIO())
    err: TextIO = field(default_factory=lambda: sys.stderr or io.StringIO())

    @property
    def on_terminal(self) -> bool:
        """Whether a person reads standard output."""
        return _is_terminal(self.out)

    @property
    def watched(self) -> bool:
        """Whether a person reads standard error."""
        return _is_terminal(self.err)

    def result(self, value: object, text: str) -> None:
        """Print a command's result: `value` where JSON is asked for, else the sentences `text`."""
        if self.as_json:
            self.document(value)
        else:
            self.write(safe_lines(text) + "\n")

    def listing(self, value: object, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a command's result: `value` where JSON is asked for, else a table."""
        if self.as_json:
            self.document(value)
        else:
            self.table(headings, rows)

    def document(self, value: object) -> None:
        """Print the one JSON document."""
        self.write(self.json_text(value) + "\n")

    def json_text(self, value: object) -> str:
        """Give a value as JSON that the encoding of standard output can carry."""
        return json_text(value, ascii_only=_encoding(self.out) not in UTF_8)

    def table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        header: bool = False,
        may_turn: bool = False,
    ) -> None:
        """Print a table: drawn on a terminal; elsewhere a line for each row, its cells separated by tabs.

        Args:
            headings: the columns' names.
            rows: the values. For a terminal they are all held in memory.
            header: whether the names head the lines elsewhere too.
            may_turn: whether a table too wide for the terminal is drawn on its side.
        """
        if self.on_terminal:
            from td_line_connectors.cli.drawing import drawn_table  # noqa: PLC0415 - rich is for terminals only

            self.write(drawn_table(headings, rows, may_turn=may_turn))
            return
        lines = [_line(headings)] if header else []
        for row in rows:
            lines.append(_line(row))
            if len(lines) >= ROWS_WRITTEN_TOGETHER:
                self.write("".join(lines))
                lines.clear()
        self.write("".join(lines))

    def write(self, text: str) -> None:
        """Write to standard output as it stands; what its encoding cannot carry becomes an escape.

        Raises:
            BrokenPipeError: nobody reads any more.
            StoreError: what is behind standard output cannot take it: a full disk, say.
        """
        self.begun = self.begun or bool(text)
        try:
            _put(self.out, text)
        except OSError as error:
            raise _unwritten(error) from error

    def flush(self) -> None:
        """See to it that what was written has left this process.

        Raises:
            BrokenPipeError: nobody reads any more.
            StoreError: what is behind standard output cannot take it.
        """
        try:
            self.out.flush()
        except OSError as error:
            raise _unwritten(error) from error

    def say(self, text: str) -> None:
        """Tell the person something on standard error, safely; where that is closed, nobody wants to know."""
        with suppress(OSError, ValueError):
            _put(self.err, safe_lines(text) + "\n")
            self.err.flush()

    def abandon(self) -> None:
        """Let standard output lead nowhere from here on, so that its last flush cannot fail again."""
        with suppress(OSError, ValueError):  # a stream without a file behind it
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.out.fileno())
            os.close(nowhere)


def _put(stream: TextIO, text: str) -> None:
    encoding = _encoding(stream)
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _encoding(stream: TextIO) -> str:
    return (stream.encoding or "utf-8").lower()


def _unwritten(error: OSError) -> OSError | StoreError:
    if isinstance(error, BrokenPipeError):
        return error
    return StoreError(f"writing the result: {error.strerror or type(error).__name__}")


def _line(cells: Iterable[object]) -> str:
    return "\t".join(safe(plain(cell)) for cell in cells) + "\n"


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False
