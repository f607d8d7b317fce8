"""Where does a text hold `${…}`, and what does it name?

Only names are known, and `${secret:key}`. The workflow engine that we follow evaluates JavaScript here; a text that
needs it is refused, never sent on unexpanded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["Fault", "NameReference", "SecretReference", "references", "secret_keys"]

NAME: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
SECRET: Final = re.compile(r"secret\s*:\s*(?P<key>[A-Za-z0-9_.-]+)")
COLON: Final = re.compile(r"[\w.]+\s*:(?!:)")


@dataclass(frozen=True, slots=True)
class NameReference:
    """`${name}` or `${dotted.name}`.

    Attributes:
        start, end: its place in the text, braces included.
        name: the dotted name.
    """

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class SecretReference:
    """`${secret:key}`.

    Attributes:
        start, end: its place in the text, braces included.
        key: the secret's key.
    """

    start: int
    end: int
    key: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A `${` that cannot be read.

    Attributes:
        start, end: its place in the text.
        message: what is wrong with it; never its content.
    """

    start: int
    end: int
    message: str


def references(text: str) -> Iterator[NameReference | SecretReference | Fault]:
    """Find every `${…}` of `text`, in order."""
    start = text.find("${")
    while start >= 0:
        end = text.find("}", start)
        if end < 0:
            yield Fault(start, len(text), "a `${` without its `}`")
            return
        yield _reference(start, end + 1, text[start + 2 : end].strip())
        start = text.find("${", end + 1)


def secret_keys(text: str) -> list[str]:
    """Give the keys that the `${secret:key}` of `text` name, in order."""
    return [each.key for each in references(text) if isinstance(each, SecretReference)]


def _reference(start: int, end: int, content: str) -> NameReference | SecretReference | Fault:
    if secret := SECRET.fullmatch(content):
        return SecretReference(start, end, secret["key"])
    if NAME.fullmatch(content):
        return NameReference(start, end, content)
    if not content:
        return Fault(start, end, "`${}` names nothing")
    if content.startswith("secret") and COLON.match(content):
        return Fault(start, end, "a secret's key consists of letters, digits, `_`, `.` and `-`: `${secret:key}`")
    if COLON.match(content) and "?" not in content:
        return Fault(start, end, "`${x:y}` is known as `${secret:key}` only")
    return Fault(start, end, "only names, no JavaScript: `${session_date}` or `${my.value}`, with the value in _export")
