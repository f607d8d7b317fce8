"""Which commands are there?"""

from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from td_line_connectors.cli.groups import LazyCommand, LazyGroup
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.version import VERSION

__all__ = ["COMMANDS", "app"]

HOME: Final = "td_line_connectors.cli"

COMMANDS: Final = {
    "init": LazyCommand(f"{HOME}.init:init", "Make a new project."),
    "connectors": LazyCommand(f"{HOME}.describe:connectors", "List what can be connected."),
    "describe": LazyCommand(f"{HOME}.describe:describe", "Show a connector's parameters and columns."),
    "check": LazyCommand(f"{HOME}.check:check", "Read everything, and report every error."),
    "run": LazyCommand(f"{HOME}.run:run", "Run a workflow."),
    "export": LazyCommand(f"{HOME}.export:export", "Export a file of rows."),
    "schedule": LazyCommand(f"{HOME}.schedule:schedule", "Run workflows by their schedules."),
    "runs": LazyCommand(f"{HOME}.runs:runs", "List past runs, and look at one."),
    "resume": LazyCommand(f"{HOME}.resume:resume", "Go on with a run that was stopped."),
    "retry": LazyCommand(f"{HOME}.retry:retry", "Send a run's rejects again."),
    "source": LazyCommand(f"{HOME}.source:source", "Say where LINE's calls go, and look at what came."),
    "serve": LazyCommand(f"{HOME}.serve:serve", "Receive LINE's calls."),
    "drain": LazyCommand(f"{HOME}.drain:drain", "Hand rows over to Treasure Data."),
    "secrets": LazyCommand(f"{HOME}.secrets:secrets", "Keep tokens and keys."),
    "db": LazyCommand(f"{HOME}.databases:db", "Make and list embedded databases."),
    "table": LazyCommand(f"{HOME}.tables:table", "Make, fill and list tables."),
    "query": LazyCommand(f"{HOME}.query:query", "Run SQL that reads, and print its rows."),
    "new": LazyCommand(f"{HOME}.new:new", "Begin a connector of your own."),
    "emulate": LazyCommand(f"{HOME}.emulate:emulate", "Play a far side that is called, for rehearsals."),
    "simulate": LazyCommand(f"{HOME}.simulate:simulate", "Play a far side that calls, for rehearsals."),
    "demo": LazyCommand(f"{HOME}.demo:demo", "Show all of it, in a temporary project."),
}
"""Every command, in the order in which the help lists them."""


def _print_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's way
    if not wanted or ctx.resilient_parsing:
        return
    ctx.ensure_object(Invocation).output.result({"version": VERSION}, f"td-line {VERSION}")
    ctx.exit()


@click.group(cls=LazyGroup, lazy=COMMANDS, context_settings={"max_content_width": 100})
@click.option(
    "--project",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The project's folder. Without it: the current folder, or the nearest one above with a td-line.yml.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Write progress on standard error, a line for each step, in this form.",
)
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Print it.")
@click.pass_context
def app(context: click.Context, *, project: Path | None, log_format: str | None) -> None:
    """Move people and events between your tables and LINE.

    Results go to standard output, logs and progress to standard error.
    """
    context.obj = replace(context.obj, project_folder=project, log_format=log_format)
