"""Which texts must never come to light?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from td_line_connectors.rows import Row
from td_line_connectors.schema.columns import RowSchema
from td_line_connectors.secret import Secret
from td_line_connectors.spi import InputPlugin, OutputPlugin

__all__ = ["Sensitive", "personal_in", "secrets_in"]


@dataclass(frozen=True, slots=True)
class Sensitive:
    """The texts of a suite's samples that must never come to light.

    Attributes:
        secrets: values of parameters that are declared secret.
        personal: values of columns that hold personal data, as the rows have them and as they are sent.
    """

    secrets: Sequence[str]
    personal: Sequence[str]


def secrets_in(plugin: InputPlugin[Any] | OutputPlugin[Any], settings: Mapping[str, object]) -> list[str]:
    """Give the secret texts among raw settings."""
    given = [settings[name] for name in plugin.parameters.secrets if name in settings]
    values = [each for value in given for each in _each(value)]
    return [each.reveal() if isinstance(each, Secret) else str(each) for each in values]


def personal_in(rows: Iterable[Row], columns: Sequence[str], schema: RowSchema[Any]) -> list[str]:
    """Give the texts in the columns of sample rows that hold personal data.

    Args:
        rows: the good and the bad.
        columns: their names.
        schema: makes records of the good ones.
    """
    places = [schema.names.index(name) for name in columns]
    found: list[object] = []
    for number, row in enumerate(rows, start=1):
        found += [value for name, value in row.items() if name.strip().lower() in columns]
        record = schema.parse(row, number)
        if not isinstance(record, list):
            found += [record[place] for place in places]
    return sorted({str(each) for value in found for each in _each(value) if each is not None})


def _each(value: object) -> Iterator[object]:
    yield from value if isinstance(value, list | tuple) else [value]
