"""What kinds of parameter there are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from td_line_connectors import validators
from td_line_connectors.issues import InvalidValueError
from td_line_connectors.secret import Secret

__all__ = [
    "BOOLEAN",
    "COUNTRY",
    "ENDPOINT",
    "SECONDS",
    "SECRET",
    "SECRETS",
    "TAGS",
    "TEXT",
    "ParameterType",
    "choice",
    "whole_number",
]


@dataclass(frozen=True, slots=True)
class ParameterType:
    """How a parameter's value is read and described.

    Attributes:
        name: as the reference prints it.
        validate: raw value → typed value; raises `InvalidValueError`.
        json_schema: the JSON Schema (2020-12) of the raw value.
        secret: whether the value must never print.
    """

    name: str
    validate: Callable[[object], object]
    json_schema: Mapping[str, object]
    secret: bool = False


def _secret(value: object) -> Secret:
    """Guard a text; a value that is guarded already stays so."""
    return value if isinstance(value, Secret) else Secret(_TEXT(value))


def _secrets(value: object) -> tuple[Secret, ...]:
    """Guard a text, or each text of a list; repeats are dropped."""
    values = value if isinstance(value, list | tuple) else [value]
    if any(validators.given(each) is None or each == Secret("") for each in values):
        raise InvalidValueError("secret", "must be a text, or a list of texts of which none is empty")
    return tuple(dict.fromkeys(map(_secret, values)))


_TEXT = validators.text()

TEXT: Final = ParameterType("text", _TEXT, {"type": "string", "minLength": 1})
"""Text that is not blank."""
SECRET: Final = ParameterType("secret", _secret, {"type": "string", "minLength": 1, "writeOnly": True}, secret=True)
"""A token or key: it arrives as a `Secret`, which prints as `****`, and is never logged."""
SECRETS: Final = ParameterType(
    "secret, or a list of them",
    _secrets,
    {
        "type": ["string", "array"],
        "minLength": 1,
        "items": {"type": "string", "minLength": 1},
        "minItems": 1,
        "writeOnly": True,
    },
    secret=True,
)
"""A secret, or a list of them while one is being replaced: a tuple of `Secret`."""
BOOLEAN: Final = ParameterType("boolean", validators.boolean, {"type": "boolean"})
"""`true` or `false`, and no other spelling."""
TAGS: Final = ParameterType(
    "comma-separated text",
    validators.tags,
    {
        "type": ["string", "array"],
        "minLength": 1,
        "items": {"type": "string", "maxLength": 255},
        "minItems": 1,
        "maxItems": 100,
    },
)
"""Tags, comma-separated or as a list: a tuple of texts, repeats dropped."""
SECONDS: Final = ParameterType("seconds", validators.seconds(), {"type": "number", "exclusiveMinimum": 0})
"""A span of time in seconds: a float greater than 0."""
ENDPOINT: Final = ParameterType("URL", validators.url, {"type": "string", "format": "uri"})
"""The address of a far side: https, or http on a loopback address."""
COUNTRY: Final = ParameterType("ISO country", validators.country, {"type": "string", "pattern": "^[A-Za-z]{2}$"})
"""A country's two letters (ISO 3166-1), in capitals, of those whose phone numbers can be read."""


def choice(*choices: str) -> ParameterType:
    """Make the type of a parameter that takes one of a few words."""
    return ParameterType(
        " | ".join(f"`{each}`" for each in choices), validators.one_of(*choices), {"enum": list(choices)}
    )


def whole_number(minimum: int, maximum: int) -> ParameterType:
    """Make the type of a whole number from `minimum` to `maximum`, both included."""
    return ParameterType(
        f"whole number, {minimum} to {maximum}",
        validators.integer(minimum, maximum),
        {"type": "integer", "minimum": minimum, "maximum": maximum},
    )
