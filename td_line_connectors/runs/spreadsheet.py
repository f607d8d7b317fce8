"""How does a value stand in a spreadsheet's cell, and what does a cell say?

A spreadsheet runs what looks like a formula, and changes what looks like a number or a day: it drops a leading zero,
rounds a long number, writes a birthday in its own country's way. A guard before such a text keeps it as it is.
"""

import json
import re
from typing import Any, Final

__all__ = ["GUARD", "cell_of", "is_cut", "value_of"]

GUARD: Final = "'"
"""Stands before a cell that a spreadsheet would run or change; it is no part of the value."""

FORMULA: Final = re.compile(r"['=+\-@\t\r\n＝＋－＠]")
"""What begins a formula, in East Asia also in full width (OWASP, CSV Injection); and the guard itself."""

CHANGED: Final = re.compile(
    r"\d{12,}"  # more than 11 digits are shown, and saved, in scientific notation
    r"|0\d+"  # a leading zero is dropped
    r"|\d[\d.,]*[eE][+-]?\d+"  # read as scientific notation
    r"|\d[\d ]*[.,:/-][\d.,:/ +TZ-]*"  # fractions, days, times: saved as the spreadsheet's country has them
    r"|(?i:true|false)"
)
"""Texts that come back as something else when a spreadsheet has saved them."""

NUL: Final = "\0"
"""No file of text may hold it; it stands as an escape that can be seen."""

CUT: Final = re.compile(r"[+-]?\d{1,3}(?:[.,]\d+)?[eE][+-]\d{2,}")
BOOLEANS: Final = {"TRUE": True, "FALSE": False}
LIST: Final = "["
"""What a list begins with that is written as JSON."""


def cell_of(value: object) -> str:
    """Give a record's value as a cell.

    A list of plain texts stands as people write one, with commas between; any other as JSON.

    Args:
        value: a JSON value; None is an empty cell.
    """
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case list() | tuple() if all(map(_is_plain, value)):
            return _guarded(", ".join(value))
        case list() | tuple() | dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return _guarded(str(int(value) if isinstance(value, float) and value.is_integer() else value))


def value_of(cell: str) -> object:
    """Give what a cell says: a text, without its guard; a boolean; a list."""
    if cell.startswith(GUARD):
        return cell.removeprefix(GUARD)
    return _listed(cell) if cell.startswith(LIST) else BOOLEANS.get(cell.strip().upper(), cell)


def is_cut(cell: str) -> bool:
    """Say whether a spreadsheet has saved the cell in scientific notation, and lost digits."""
    return CUT.fullmatch(cell.strip()) is not None


def _guarded(text: str) -> str:
    text = text.replace(NUL, r"\x00")
    bare = text.strip()
    needs = text.startswith(LIST) or any(map(FORMULA.match, (text, bare))) or CHANGED.fullmatch(bare)
    return f"{GUARD}{text}" if needs else text


def _is_plain(item: object) -> bool:
    """Say whether an item of a list can stand between commas."""
    return isinstance(item, str) and bool(item) and item == item.strip() and "," not in item


def _listed(cell: str) -> object:
    """Give a list written as JSON; what is none is a text."""
    try:
        value: Any = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    return value if isinstance(value, list) else cell
