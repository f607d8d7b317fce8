"""Where does a text come to light?"""

import logging
import pickle
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

__all__ = ["found_in", "logged", "pickled", "texts_of"]


def texts_of(error: BaseException) -> Iterator[str]:
    """Give every text with which an error comes to light, and each error that it was made of or came after.

    Args:
        error: as a host catches it.
    """
    yield "".join(traceback.format_exception(error))
    for each in _all_of(error, []):
        yield from (str(each), repr(each), *getattr(each, "__notes__", ()))


def pickled(error: BaseException) -> Iterator[bytes]:
    """Give what would leave the process if a host handed an error, and each that it was made of, to another one."""
    for each in _all_of(error, []):
        try:
            yield pickle.dumps(each)
        except (pickle.PicklingError, TypeError, AttributeError):
            continue  # it stays where it is


def _all_of(error: BaseException, seen: list[BaseException]) -> Sequence[BaseException]:
    """Gather an error, its causes, what was being handled when it came, what it holds, and theirs."""
    if not any(error is each for each in seen):
        seen.append(error)
        group = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
        for each in (error.__cause__, error.__context__, *error.args, *group):
            if isinstance(each, BaseException):
                _all_of(each, seen)
    return seen


@contextmanager
def logged() -> Iterator[list[str]]:
    """Gather what is logged within the block, at any level: each record's line and everything else that it carries."""
    lines: list[str] = []
    handler = _Gathering(lines)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


class _Gathering(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{self.format(record)} {vars(record)}")


def found_in(texts: Iterable[str], sought: Sequence[str]) -> list[str]:
    """Give those texts that hold any of the sought ones."""
    return [text for text in texts if any(each in text for each in sought)]
