"""Export a file of rows."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import click

from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.precautions import Precautions, with_precautions
from td_line_connectors.cli.running import beginning, finish, prepare
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.connections import find_connection, resolve_export
from td_line_connectors.project.targets import target_of
from td_line_connectors.registry import Registry
from td_line_connectors.settings.node import Mark, Plain, plain_node
from td_line_connectors.storage.files import FORMATS, read_file
from td_line_connectors.workflow.orders import FileOrder
from td_line_connectors.workflow.steps import FileTask

__all__ = ["export"]

SETTING: Final = Mark("-s")


@click.command(cls=Command)
@click.option("--connection", metavar="NAME", required=True, help="A connection of the project.")
@click.option("-s", "--setting", "settings", metavar="KEY=VALUE", multiple=True, help="A setting of the export.")
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), help="Where the file's ending does not tell.")
@click.option("--encoding", metavar="NAME", help="The file's character encoding, where it is not UTF-8.")
@with_precautions
@click.argument("file")
@click.pass_obj
def export(
    invocation: Invocation,
    file: str,
    *,
    connection: str,
    settings: Sequence[str],
    form: str | None,
    encoding: str | None,
    precautions: Precautions,
) -> int:
    """Export the rows of FILE: CSV, JSONL or Parquet, or - for standard input."""
    with beginning(invocation, plan=precautions.plan):
        project, registry = invocation.project(), default_registry()
        named = find_connection(project, plain_node(connection, Mark("--connection")))
        given = _settings(settings)
        _refuse_literal_secrets(given, registry)
        target = resolve_export(named, plain_node(given, SETTING), registry, project.secrets)
    path = None if file == "-" else Path(file)
    name = path.name if path else "standard input"
    with invocation.watching() as observer, ExitStack() as held:
        with beginning(invocation, plan=precautions.plan):
            result = held.enter_context(closing(read_file(path or invocation.stdin, format=form, encoding=encoding)))
            order = FileOrder(name=name, file=path, format=form, encoding=encoding, target=target_of(target))
            runner = held.enter_context(prepare(project, observer, order, precautions=precautions))
        report = runner.run([FileTask(name=name, open=lambda: result, target=target)])
    return finish(invocation, report)


def _settings(texts: Sequence[str]) -> dict[str, Plain]:
    """Take `KEY=VALUE` apart.

    Raises:
        click.UsageError: if one has no `=`, or two have one key.
    """
    settings: dict[str, Plain] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise click.UsageError("-s takes KEY=VALUE, such as -s data_object=members.")
        if key.strip() in settings:
            raise click.UsageError(f"-s {key.strip()}=… is given twice.")
        settings[key.strip()] = value
    return settings


def _refuse_literal_secrets(settings: Mapping[str, Plain], registry: Registry) -> None:
    """Refuse a token among the arguments, where a shell's history and every other user can read it."""
    secrets = {name for plugin in registry for name in plugin.parameters.secrets}
    for name, value in settings.items():
        if name in secrets and "${secret:" not in str(value):
            advice = f"Keep it with `td-line secrets set KEY`, and give -s '{name}=${{secret:KEY}}'."
            raise click.UsageError(f"-s {name}=… would show a secret to everyone who can list processes. {advice}")
