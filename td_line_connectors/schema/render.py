"""How are parameters and columns shown to people and editors?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from td_line_connectors.schema.columns import Column
from td_line_connectors.schema.parameters import Parameter, ParameterSchema, When

__all__ = ["COLUMN_HEADINGS", "PARAMETER_HEADINGS", "column_rows", "json_schema", "markdown", "parameter_rows"]

PARAMETER_HEADINGS: Final = ("parameter", "type", "required", "default", "written in", "help")
COLUMN_HEADINGS: Final = ("column", "type", "required", "help")

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def parameter_rows(schema: ParameterSchema[Any]) -> list[tuple[str, ...]]:
    """Give a row of text for each parameter, under `PARAMETER_HEADINGS`."""
    return [(each.name, each.type.name, _required(each), _default(each), _place(each), _help(each)) for each in schema]


def column_rows(columns: Iterable[Column]) -> list[tuple[str, ...]]:
    """Give a row of text for each column, under `COLUMN_HEADINGS`."""
    return [(each.name, each.type, "yes" if each.required else "no", each.help) for each in columns]


def markdown(
    name: str, title: str, schema: ParameterSchema[Any], columns: Mapping[str, Sequence[Column]], *, level: int = 1
) -> str:
    """Write the reference of a connector.

    Args:
        name: as the YAML writes it.
        title: as the product page prints it.
        schema: what it may be told.
        columns: data object → the columns it knows.
        level: of the first heading.

    Returns:
        Markdown with GitHub's tables, ending with a line break.
    """
    lines = [f"{'#' * level} {title} (`{name}`)", "", f"{'#' * (level + 1)} Parameters", ""]
    lines += _table(PARAMETER_HEADINGS, parameter_rows(schema))
    for data_object, known in columns.items():
        lines += [
            "",
            f"{'#' * (level + 1)} Columns of `{data_object}`",
            "",
            *_table(COLUMN_HEADINGS, column_rows(known)),
        ]
    return "\n".join(lines) + "\n"


def json_schema(schema: ParameterSchema[Any], *, title: str) -> dict[str, object]:
    """Write a JSON Schema (2020-12) of the raw settings, those of the connection and of the export together.

    What it accepts has the right shape; the validators still have the last word on the values.

    Args:
        schema: the declaration.
        title: the connector's.
    """
    described: dict[str, object] = {
        "$schema": DIALECT,
        "title": title,
        "type": "object",
        "properties": {each.name: _property(each) for each in schema},
        "required": [each.name for each in schema if each.required is True and each.default is None],
        "additionalProperties": False,
    }
    if conditions := list(_conditions(schema)):
        described["allOf"] = conditions
    return described


def _property(parameter: Parameter) -> dict[str, object]:
    facts: dict[str, object] = {"title": parameter.label, "description": parameter.help}
    if parameter.default is not None:
        facts["default"] = list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
    return {**facts, **parameter.type.json_schema, "$comment": f"written in: {_place(parameter)}"}


def _conditions(schema: ParameterSchema[Any]) -> Iterator[dict[str, object]]:
    """Give an `if` and its `then` for each condition under which something is required."""
    defaults = {each.name: each.default for each in schema}
    needed: dict[When, list[str]] = {}
    for each in schema:
        if isinstance(each.required, When) and each.default is None:
            needed.setdefault(each.required, []).append(each.name)
    for when, names in needed.items():
        met: dict[str, object] = {"properties": {when.parameter: {"const": when.equals}}}
        if defaults[when.parameter] != when.equals:  # where it is the default, what is absent meets it too
            met["required"] = [when.parameter]
        yield {"if": met, "then": {"required": names}}


def _required(parameter: Parameter) -> str:
    if isinstance(parameter.required, When):
        return f"where {parameter.required}"
    return "yes" if parameter.required else "no"


def _default(parameter: Parameter) -> str:
    match parameter.default:
        case None:
            return ""
        case bool(value):
            return "true" if value else "false"
        case float(value):
            return f"{value:g}"
        case tuple(values):
            return ", ".join(map(str, values))
        case value:
            return str(value)


def _place(parameter: Parameter) -> str:
    return f"{parameter.place}, beside {parameter.beside}" if parameter.beside else str(parameter.place)


def _help(parameter: Parameter) -> str:
    required = parameter.required if isinstance(parameter.required, When) else None
    if parameter.applies is None or parameter.applies == required:
        return parameter.help
    return f"{parameter.help} Has an effect only where {parameter.applies}."


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [headings, ["---"] * len(headings), *rows]
    return [f"| {' | '.join(map(_cell, line))} |" for line in lines]


def _cell(text: str) -> str:
    """Write a text so that it stays within its cell."""
    return text.replace("|", r"\|").replace("\n", " ")
