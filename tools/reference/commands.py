"""Which commands and options are there?"""

from collections.abc import Iterator

import click

from td_line_connectors.cli.app import app
from tools.reference.tables import table

__all__ = ["commands"]


def commands() -> str:
    """Write every command: how it is called, what it does, its arguments' and options' meaning."""
    context = click.Context(app, info_name="td-line")
    return "\n".join([_section(app, context), *_below(app, context)])


def _below(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, "a listed command is there"
        inside = click.Context(command, info_name=name, parent=context)
        yield _section(command, inside)
        if isinstance(command, click.Group):
            yield from _below(command, inside)


def _section(command: click.Command, context: click.Context) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    heading = "The program" if context.parent is None else f"`{context.command_path.removeprefix('td-line ')}`"
    parts = [f"## {heading}\n", f"`{usage}`\n", f"{_paragraphs(command.help or '')}\n"]
    options = [(f"`{written}`", meaning) for written, meaning in _records(command, context) if meaning]
    if options:
        parts.append(table(("option", "meaning"), options))
    return "\n".join(parts)


def _records(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and not {"--help", "--json"} & set(parameter.opts):  # every command has these two
            yield record


def _paragraphs(text: str) -> str:
    """Lay a help text out as the terminal would: click's mark keeps the line breaks inside a paragraph."""
    found = []
    for paragraph in text.strip().split("\n\n"):
        lines = [line.strip() for line in paragraph.splitlines()]
        found.append("```text\n" + "\n".join(lines[1:]) + "\n```" if lines[0] == "\b" else " ".join(lines))
    return "\n\n".join(found)
