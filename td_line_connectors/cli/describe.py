"""What can be connected, and what may it be told?"""

import click

from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.plugins import default_registry
from td_line_connectors.registry import Plugin
from td_line_connectors.schema import render
from td_line_connectors.schema.columns import Column
from td_line_connectors.schema.parameters import Parameter, When
from td_line_connectors.spi import InputPlugin, OutputPlugin

__all__ = ["connectors", "describe"]


@click.command(cls=Command)
@click.pass_obj
def connectors(invocation: Invocation) -> None:
    """List what can be connected."""
    registry = default_registry()
    found = [
        {"name": plugin.name, "kind": _kind(plugin), "title": plugin.title, "data_objects": list(plugin.columns)}
        for plugin in registry
    ]
    broken = [{"name": each.name, "reason": each.reason} for each in registry.broken]
    rows = [(plugin.name, _kind(plugin), plugin.title, ", ".join(plugin.columns)) for plugin in registry]
    headings = ("name", "kind", "title", "data objects")
    invocation.output.listing({"connectors": found, "broken": broken}, headings, rows)
    for each in registry.broken:
        invocation.output.say(f"{each.name} did not load: {each.reason}")


@click.command(cls=Command)
@click.argument("name")
@click.option("--markdown", is_flag=True, help="Write a reference page.")
@click.option("--json-schema", is_flag=True, help="Write a JSON Schema (2020-12) of the settings, for editors.")
@click.pass_obj
def describe(invocation: Invocation, name: str, *, markdown: bool, json_schema: bool) -> None:
    """Show a connector's parameters and columns.

    NAME is one of those that `td-line connectors` lists.
    """
    output = invocation.output
    if markdown and (json_schema or output.as_json):
        raise click.UsageError("--markdown goes with neither --json-schema nor --json.", click.get_current_context())
    plugin = default_registry().plugin(name)
    if json_schema:
        output.document(render.json_schema(plugin.parameters, title=plugin.title))
    elif output.as_json:
        output.document(_description(plugin))
    elif markdown:
        output.write(render.markdown(plugin.name, plugin.title, plugin.parameters, plugin.columns))
    else:
        _show(invocation, plugin)


def _kind(plugin: Plugin) -> str:
    if isinstance(plugin, InputPlugin):
        return "input"
    return "output" if isinstance(plugin, OutputPlugin) else "query"


def _show(invocation: Invocation, plugin: Plugin) -> None:
    output = invocation.output
    output.write(f"{plugin.title} ({plugin.name})\n\n")
    output.table(render.PARAMETER_HEADINGS, render.parameter_rows(plugin.parameters), header=True)
    for data_object, columns in plugin.columns.items():
        output.write(f"\nColumns of {data_object}\n\n")
        output.table(render.COLUMN_HEADINGS, render.column_rows(columns), header=True)


def _description(plugin: Plugin) -> dict[str, object]:
    return {
        "name": plugin.name,
        "kind": _kind(plugin),
        "title": plugin.title,
        "parameters": [_parameter(each) for each in plugin.parameters],
        "columns": {name: [_column(each) for each in columns] for name, columns in plugin.columns.items()},
    }


def _parameter(parameter: Parameter) -> dict[str, object]:
    return {
        "name": parameter.name,
        "label": parameter.label,
        "type": parameter.type.name,
        "secret": parameter.type.secret,
        "required": _condition(parameter.required) if isinstance(parameter.required, When) else parameter.required,
        "applies": _condition(parameter.applies) if parameter.applies else None,
        "default": parameter.default,
        "place": parameter.place.value,
        "beside": parameter.beside,
        "help": parameter.help,
    }


def _condition(when: When) -> dict[str, str]:
    return {"parameter": when.parameter, "equals": when.equals}


def _column(column: Column) -> dict[str, object]:
    return {"name": column.name, "type": column.type, "required": column.required, "help": column.help}
