"""What may a row hold, and what does this one hold?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

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
    """

    schema: RowSchema[R]
    header: tuple[str, ...]
    _places: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_places", _places(self.header))  # a frozen dataclass's way to a computed field

    @property
    def missing(self) -> tuple[str, ...]:
        """Required columns that the header lacks."""
        return tuple(each.name for each in self.schema.columns if each.required and each.name not in self._places)

    @property
    def ignored(self) -> tuple[str, ...]:
        """Columns of the header that the schema does not know."""
        known = set(self.schema.names)
        return tuple(self.header[index] for name, index in self._places.items() if name not in known)

    def read(self, values: Sequence[object], number: int) -> R | list[ValidationIssue]:
        """Judge one row; see `read_group`."""
        return self.read_group([values], number)[0]

    def read_group(self, rows: Sequence[Sequence[object]], first: int) -> list[R | list[ValidationIssue]]:
        """Judge rows together, a column at a time: that spares most of the cost of asking for each cell.

        Args:
            rows: the raw values of each row, in the header's order.
            first: the number of the first row, counted from 1; the others follow it.

        Returns:
            for each row its record, or everything that is wrong with it, in the schema's order.
        """
        issues: dict[int, list[ValidationIssue]] = {}
        columns = []
        for column in self.schema.columns:
            index = self._places.get(column.name)
            raw = [None] * len(rows) if index is None else [row[index] for row in rows]
            columns.append(_judged(column, raw, first, issues))
        into = self.schema.into
        judged: list[R | list[ValidationIssue]] = [tuple.__new__(into, values) for values in zip(*columns, strict=True)]
        for number, found in issues.items():
            judged[number - first] = found
        return judged


def _judged(
    column: Column, raw: Sequence[Any], first: int, issues: dict[int, list[ValidationIssue]]
) -> Sequence[object]:
    """Judge the values of one column; what is wrong goes to `issues` under its row's number."""
    validate = column.validate
    try:
        clean = [validate(text) if value is not None and (text := value.strip()) else None for value in raw]
    except (InvalidValueError, AttributeError):  # one is wrong, or no text: ask for each
        return [_one(column, value, number, issues) for number, value in enumerate(raw, start=first)]
    if column.required and not all(clean):
        return [_one(column, value, number, issues) for number, value in enumerate(raw, start=first)]
    return clean


def _one(column: Column, raw: object, number: int, issues: dict[int, list[ValidationIssue]]) -> object:
    """Judge one value; None where there is none, or where it is wrong, which goes to `issues` then."""
    value = given(raw)
    try:
        if value is not None:
            return column.validate(value)
        wrong = InvalidValueError("required", "is empty: every row needs a value here") if column.required else None
    except InvalidValueError as error:
        wrong = error
    if wrong:
        issues.setdefault(number, []).append(ValidationIssue(column.name, wrong.code, wrong.message, number))
    return None


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
