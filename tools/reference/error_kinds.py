"""Which kinds of error are there, and with which code does each end?"""

from collections.abc import Iterator
from inspect import getdoc

from td_line_connectors.errors import CallError, ConnectorError, RunFailedError
from tools.reference.tables import table

__all__ = ["error_kinds"]


def error_kinds() -> str:
    """Write the tree of errors as a table, each below what it is a kind of."""
    return table(("error", "kind", "exit code", "meaning"), list(_rows(ConnectorError, 0)))


def _rows(error: type[ConnectorError], depth: int) -> Iterator[tuple[str, str, str, str]]:
    if not error.__name__.startswith("_"):
        meaning = (getdoc(error) or "").splitlines()[0]
        name = f"{'· ' * depth}`{error.__name__}`"
        if issubclass(error, CallError):
            yield name, "", f"HTTP {error.status}", meaning
        elif issubclass(error, RunFailedError):
            yield name, "the cause's", "the cause's", meaning
        else:
            yield name, f"`{error.kind}`", str(error.exit_code), meaning
        depth += 1
    for each in error.__subclasses__():
        if each.__module__ == ConnectorError.__module__:
            yield from _rows(each, depth)
