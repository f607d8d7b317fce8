"""What may a database, a table, a column be called?"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NewType

from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.schema.headers import is_showable
from td_line_connectors.schema.parameters import nearest

__all__ = [
    "MAX_COLUMNS",
    "DatabaseName",
    "TableName",
    "column_names",
    "database_name",
    "quoted",
    "table_name",
    "unknown_name",
]

DatabaseName = NewType("DatabaseName", str)
"""A text that `database_name` has accepted."""

TableName = NewType("TableName", str)
"""A text that `table_name` has accepted."""

MAX_COLUMNS: Final = 2000
"""SQLite's own limit (SQLITE_MAX_COLUMN as it is built everywhere)."""

_NAME: Final = re.compile(r"(?!sqlite_)[a-z0-9_]{3,128}")
_RULE: Final = "must be 3 to 128 of a-z, 0-9 and _, and must not begin with sqlite_"
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def database_name(text: str) -> DatabaseName:
    """Accept the name of a database.

    Raises:
        ConfigError: the name breaks Treasure Data's rule for names, or is one that SQLite keeps for itself.
    """
    _check_name("database", text)
    return DatabaseName(text)


def table_name(text: str) -> TableName:
    """Accept the name of a table.

    Raises:
        ConfigError: the name breaks Treasure Data's rule for names, or is one that SQLite keeps for itself.
    """
    _check_name("table", text)
    return TableName(text)


def _check_name(kind: str, text: str) -> None:
    if not _NAME.fullmatch(text):
        raise ConfigError.of(kind, "name", f"{_RULE}: {text!r} breaks this rule")


def column_names(names: Iterable[str], where: str) -> tuple[str, ...]:
    """Accept the names of a header, white space around them taken away.

    Args:
        names: the names in order, as the source wrote them.
        where: what they head, for the message: a file's or a table's name.

    Raises:
        ConfigError: a name is empty, has a control character, or is alike to an earlier one but for case; or
            there are more than `MAX_COLUMNS`. Every wrong name is told.
    """
    stripped = tuple(name.strip() for name in names)
    if len(stripped) > MAX_COLUMNS:
        raise ConfigError.of(where, "columns", f"has {len(stripped):,} columns; at most {MAX_COLUMNS:,} are possible")
    seen: dict[str, int] = {}
    issues, showable = [], is_showable(stripped)
    for number, name in enumerate(stripped, start=1):
        fault = _fault_of_column(name, seen.setdefault(name.lower(), number), number, showable=showable)
        if fault:
            issues.append(ValidationIssue(where, "column", f"column {number} {fault}"))
    if issues:
        raise ConfigError(issues)
    return stripped


def _fault_of_column(name: str, first: int, number: int, *, showable: bool) -> str | None:
    if not name:
        return "has no name in the header; name it, or take the column away"
    if _UNPRINTABLE.search(name):
        return "has a control character in its name; take it out of the header"
    if first != number:
        if not showable:
            return f"has the name of column {first}, and looks like a value; is the first line a header?"
        return f"({name}) has the name of column {first}, case aside; rename one of them"
    return None


def quoted(identifier: str) -> str:
    """Write an identifier so that SQL takes it for a name and for nothing else."""
    return '"' + identifier.replace('"', '""') + '"'


def unknown_name(kind: str, name: str, known: Sequence[str], cure: str) -> ConfigError:
    """Make the error for a name that nothing bears.

    Args:
        kind: `database` or `table`.
        name: the name that was looked for.
        known: the names there are.
        cure: what to do about it.
    """
    there = f"Known: {', '.join(known)}." if known else f"There is no {kind} yet."
    message = f"«{name}» is no {kind}.{nearest(name, known)} {there} {cure}."
    return ConfigError.of(kind, f"unknown_{kind}", message)
