"""What may a row hold, and what does this one hold?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import InvalidValueError, ValidationIssue
from td_line_connectors.validators import given

__all__ = ["Column", "RowReader", "RowSchema"]

R = TypeVar("R", bound=tuple[object, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column that a connector knows.

    Attributes:
        name: as the query must call it; matched in any case.
        validate: one given value → its clean form (text, number, or tuple of text); raises `InvalidValueError`.
        help: one sentence or more on what is valid and what is sent, ending with a full stop.
        type: as the reference prints it.
        required: whether the result must have the column and every row a value in it.
    """

    name: str
    validate: Callable[[object], object]
    help: str
    type: str = "text"
    required: bool = False


@dataclass(frozen=True, slots=True)
class RowSchema(Generic[R]):
    """The columns that a connector knows; others are ignored.

    Attributes:
        into: the NamedTuple that a valid row becomes; its fields are the columns' names, in order. Its values
            are text, numbers, tuples of text or None, so that a record survives a trip through JSON.
        columns: the declarations.

    Raises:
        TypeError: on construction, if the names and `into`'s fields differ.
    """

    into: type[R]
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        if getattr(self.into, "_fields", None) != self.names:
            raise TypeError(f"{self.into.__name__} must be a NamedTuple with the fields {self.names}")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def reader(self, header: Sequence[str]) -> "RowReader[R]":
        """Bind the schema to the columns of a result.

        Args:
            header: the result's column names, in the order of each row's values.

        Raises:
            ConfigError: if two columns are alike but for case.
        """
        return RowReader(self, tuple(header))

    def record(self, values: Sequence[object]) -> R:
        """Rebuild a record from the JSON array of its values."""
        return tuple.__new__(self.into, (tuple(each) if isinstance(each, list) else each for each in values))

    def parse(self, row: Mapping[str, object], number: int) -> R | list[ValidationIssue]:
        """Judge one row on its own: the record, or everything that is wrong with it.

        Args:
            row: column name → raw value.
            number: the row's number, counted from 1.
        """
        return self.reader(tuple(row)).read(tuple(row.values()), number)


@dataclass(frozen=True, slots=True)
class RowReader(Generic[R]):
    """A row schema bound to one header.

    Attributes:
        schema: the columns known.
        header: the columns there are.
        missing: required columns that the header lacks.
        ignored: columns of the header that the schema does not know.
    """

    schema: RowSchema[R]
    header: tuple[str, ...]
    missing: tuple[str, ...] = field(init=False)
    ignored: tuple[str, ...] = field(init=False)
    _plan: tuple[tuple[int, int, Callable[[object], object]], ...] = field(init=False)
    _required: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        places = _places(self.header)
        known = {column.name: place for place, column in enumerate(self.schema.columns)}
        plan = tuple(
            (known[name], index, self.schema.columns[known[name]].validate)
            for name, index in places.items()
            if name in known
        )
        required = tuple(place for place, column in enumerate(self.schema.columns) if column.required)
        for attribute, value in {
            "missing": tuple(
                self.schema.columns[p].name for p in required if self.schema.columns[p].name not in places
            ),
            "ignored": tuple(self.header[index] for name, index in places.items() if name not in known),
            "_plan": plan,
            "_required": required,
        }.items():
            object.__setattr__(self, attribute, value)  # the frozen dataclass's own way to a computed field

    def read(self, values: Sequence[object], number: int) -> R | list[ValidationIssue]:
        """Judge one row.

        Args:
            values: the raw values, in the header's order.
            number: the row's number, counted from 1.

        Returns:
            the record, or everything that is wrong with the row.
        """
        record: list[object] = [None] * len(self.schema.columns)
        issues: list[ValidationIssue] = []
        wrong: set[int] = set()
        for place, index, validate in self._plan:
            value = values[index]
            if type(value) is str:  # nearly every value: spare it the general question
                value = value.strip()
                if not value:
                    continue
            elif value is None or (value := given(value)) is None:
                continue
            try:
                record[place] = validate(value)
            except InvalidValueError as error:
                wrong.add(place)
                issues.append(ValidationIssue(self.schema.columns[place].name, error.code, error.message, number))
        for place in self._required:
            if record[place] is None and place not in wrong:
                name = self.schema.columns[place].name
                issues.append(ValidationIssue(name, "required", "is empty: every row needs a value here", number))
        return issues or tuple.__new__(self.schema.into, record)


def _places(header: Sequence[str]) -> dict[str, int]:
    """Map each column's lower-case name to its place in the header."""
    places: dict[str, int] = {}
    for index, name in enumerate(header):
        folded = name.strip().lower()
        if folded in places:
            twins = f"«{header[places[folded]]}» and «{name}»"
            message = f"the result has {twins}, alike but for case: rename one with AS"
            raise ConfigError.of(folded, "ambiguous_column", message)
        places[folded] = index
    return places
