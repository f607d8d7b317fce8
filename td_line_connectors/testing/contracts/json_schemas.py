"""Is this a JSON Schema?"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

__all__ = ["DIALECT", "faults_of"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_TYPES: Final = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})


def faults_of(schema: object, place: str = "#") -> Iterator[str]:
    """Say what the meta-schema of JSON Schema 2020-12 would not accept: the keywords that describe settings.

    Keywords beyond these are not looked at; the standard allows any.

    Args:
        schema: JSON values.
        place: where in the whole they stand, as a JSON pointer.
    """
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        yield f"{place}: a schema is an object, true or false"
        return
    for keyword, value in schema.items():
        accepts = _VALUES.get(keyword)
        if accepts and not accepts(value):
            yield f"{place}/{keyword}: not a value that this keyword takes"
        elif keyword in _OF_ONE:
            yield from faults_of(value, f"{place}/{keyword}")
        elif keyword in _OF_NAMED:
            for name, each in value.items():
                yield from faults_of(each, f"{place}/{keyword}/{name}")
        elif keyword in _OF_MANY:
            for number, each in enumerate(value):
                yield from faults_of(each, f"{place}/{keyword}/{number}")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _is_count(value: object) -> bool:
    return _is_number(value) and isinstance(value, int) and value >= 0


def _is_pattern(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except re.error:
        return False


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value)) and len(set(value)) == len(value)


def _is_type(value: object) -> bool:
    names: Sequence[Any] = value if isinstance(value, list) else [value]
    return bool(names) and all(isinstance(each, str) and each in _TYPES for each in names)


def _are_schemas(value: object) -> bool:
    return isinstance(value, list) and bool(value)


def _are_named(value: object) -> bool:
    return isinstance(value, Mapping)


_OF_ONE: Final = frozenset(
    {"additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then", "unevaluatedProperties"}
)
_OF_NAMED: Final = frozenset({"$defs", "dependentSchemas", "patternProperties", "properties"})
_OF_MANY: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})

_VALUES: Final[Mapping[str, Callable[[object], bool]]] = {
    "type": _is_type,
    "pattern": _is_pattern,
    **dict.fromkeys(_OF_NAMED, _are_named),
    **dict.fromkeys(_OF_MANY, _are_schemas),
    **dict.fromkeys(("enum", "examples"), _is_list),
    **dict.fromkeys(("required",), _are_names),
    **dict.fromkeys(("deprecated", "readOnly", "uniqueItems", "writeOnly"), _is_flag),
    **dict.fromkeys(("$comment", "$ref", "$schema", "description", "format", "title"), _is_text),
    **dict.fromkeys(("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum"), _is_number),
    **dict.fromkeys(("multipleOf",), _is_positive),
    **dict.fromkeys(("maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties"), _is_count),
}
"""What a keyword's value must be; schemas inside it are looked at on their own."""
