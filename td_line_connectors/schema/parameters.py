"""What may a connector be told, and what was it told?"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Generic, TypeVar

from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import InvalidValueError, ValidationIssue
from td_line_connectors.schema.types import ParameterType
from td_line_connectors.validators import given

__all__ = ["Parameter", "ParameterSchema", "Place", "Reading", "When", "nearest"]

C = TypeVar("C")


def nearest(name: str, known: Iterable[str]) -> str:
    """Give ` Did you mean «x»?` for the known name most like `name`, or an empty text."""
    names = list(known)
    folded = {each.casefold(): each for each in names}
    match = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return f" Did you mean «{folded[match[0]]}»?" if match else ""


class Place(StrEnum):
    """Where a parameter may be written."""

    SETTINGS = "settings"
    CONNECTION = "connection"
    EITHER = "connection or settings"


@dataclass(frozen=True, slots=True)
class When:
    """A condition as data, so that it can be checked, printed and put into JSON Schema.

    Attributes:
        parameter: the name of another parameter of the same schema.
        equals: the text that it must have.
    """

    parameter: str
    equals: str

    def holds(self, values: Mapping[str, object]) -> bool:
        """Say whether the typed `values` meet the condition."""
        return values.get(self.parameter) == self.equals

    def __str__(self) -> str:
        return f"{self.parameter} is {self.equals}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter: everything that parsing, describing and documenting it needs.

    Attributes:
        name: the YAML key.
        label: as the product page prints it.
        help: one sentence or more, ending with a full stop.
        type: how the value is read.
        required: always, never, or under a condition.
        default: the typed value where none is given.
        applies: the condition under which it has a meaning; given without it, it draws a warning.
        place: where it may be written.
        beside: the secret parameter next to which alone it may be written, because it says where that
            secret is sent; None for others.
        tuning: whether it may change between a run and its resumption, because neither what a request that was made
            already holds nor where it goes depends on it: timeouts, say.
    """

    name: str
    label: str
    help: str
    type: ParameterType
    required: bool | When = False
    default: object = None
    applies: When | None = None
    place: Place = Place.SETTINGS
    beside: str | None = None
    tuning: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a block of settings says.

    Attributes:
        values: the typed value of every parameter that could be read, defaults included.
        issues: everything that is wrong, in the schema's order, unknown keys last.
        warnings: what has no effect.
    """

    values: Mapping[str, object]
    issues: Sequence[ValidationIssue]
    warnings: Sequence[ValidationIssue]


@dataclass(frozen=True, slots=True)
class ParameterSchema(Generic[C]):
    """The parameters of a connector, in the order in which the console shows them.

    Attributes:
        into: the frozen dataclass that a valid block becomes; its fields are the parameters' names.
        parameters: the declarations.

    Raises:
        TypeError: on construction, if the names and `into`'s fields differ, or a condition names no parameter.
    """

    into: type[C]
    parameters: tuple[Parameter, ...]

    def __post_init__(self) -> None:
        names = [parameter.name for parameter in self.parameters]
        expected = [each.name for each in fields(self.into)]  # type: ignore[arg-type]  # C is a dataclass by contract
        if sorted(names) != sorted(expected):
            raise TypeError(f"{self.into.__name__} has the fields {expected}, the schema the parameters {names}")
        for parameter in self.parameters:
            conditions = [each for each in (parameter.required, parameter.applies) if isinstance(each, When)]
            for name in [each.parameter for each in conditions] + [parameter.beside or parameter.name]:
                if name not in names:
                    raise TypeError(f"{parameter.name}: «{name}» is no parameter of this schema")

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    @property
    def secrets(self) -> frozenset[str]:
        """The names of the parameters whose values must never print."""
        return frozenset(each.name for each in self.parameters if each.type.secret)

    def read(self, block: Mapping[str, object]) -> Reading:
        """Judge `block` (parameter name → raw value) without raising.

        Returns:
            the values, every issue at once and the warnings.
        """
        values: dict[str, object] = {}
        wrong: dict[str, ValidationIssue] = {}
        for parameter in self.parameters:
            raw = given(block.get(parameter.name))
            try:
                clean = None if raw is None else parameter.type.validate(raw)
                values[parameter.name] = parameter.default if clean in (None, ()) else clean  # «, ,» is no tag either
            except InvalidValueError as error:
                wrong[parameter.name] = ValidationIssue(parameter.name, error.code, error.message)
        for parameter in self.parameters:
            if parameter.name in values and values[parameter.name] is None and self._is_required(parameter, values):
                wrong[parameter.name] = _required(parameter)
        known = {parameter.name for parameter in self.parameters}
        unknown = [_unknown(str(key), known) for key in block if key not in known]
        ordered = [wrong[parameter.name] for parameter in self.parameters if parameter.name in wrong]
        return Reading(values, [*ordered, *unknown], self._idle(block, values))

    def parse(self, block: Mapping[str, object]) -> C:
        """Turn `block` (parameter name → raw value) into the typed configuration.

        Raises:
            ConfigError: with every issue, in the schema's order.
        """
        reading = self.read(block)
        if reading.issues:
            raise ConfigError(reading.issues)
        return self.into(**reading.values)

    @staticmethod
    def _is_required(parameter: Parameter, values: Mapping[str, object]) -> bool:
        required = parameter.required
        return required.holds(values) if isinstance(required, When) else required

    def _idle(self, block: Mapping[str, object], values: Mapping[str, object]) -> list[ValidationIssue]:
        """Name the parameters that were given and have no effect."""
        return [
            ValidationIssue(
                parameter.name, "not_applicable", f"has no effect: it applies only where {parameter.applies}"
            )
            for parameter in self.parameters
            if parameter.applies
            and given(block.get(parameter.name)) is not None
            and parameter.applies.parameter in values
            and not parameter.applies.holds(values)
        ]


def _required(parameter: Parameter) -> ValidationIssue:
    condition = f" where {parameter.required}" if isinstance(parameter.required, When) else ""
    return ValidationIssue(parameter.name, "required", f"is required{condition}: {parameter.help}")


def _unknown(key: str, known: Iterable[str]) -> ValidationIssue:
    return ValidationIssue(key, "unknown", f"is no parameter of this connector.{nearest(key, known)}")
