"""How is a command found, loaded and described?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from typing import Final

import click

from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.text import json_text

__all__ = ["Command", "Group", "LazyCommand", "LazyGroup", "asks_for_json", "asks_for_json_log"]

JSON_FLAG: Final = "--json"
JSON: Final = click.Option([JSON_FLAG], is_flag=True, expose_value=False, help="Print exactly one JSON document.")
"""Every command takes it. Its effect comes from `asks_for_json`, so that errors in the arguments know of it too."""


def asks_for_json(arguments: Sequence[str]) -> bool:
    """Say whether `--json` stands among the arguments, before or after the command's own."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return JSON_FLAG in options


def asks_for_json_log(arguments: Sequence[str]) -> bool:
    """Say whether standard error is a log of JSON objects, so that how a command ends is told there as one too."""
    return "--log-format=json" in arguments or ("--log-format", "json") in pairwise(arguments)


class Command(click.Command):
    """A command that takes `--json`, and whose help is JSON then."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Give the parameters, `--json` among them."""
        return _with_json(super().get_params(ctx))

    def get_help(self, ctx: click.Context) -> str:
        """Write the help."""
        return _help(super().get_help(ctx), ctx)


class Group(click.Group):
    """A group of commands; one without its command, or with an unknown one, is told those there are."""

    command_class = Command

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Give the parameters, `--json` among them."""
        return _with_json(super().get_params(ctx))

    def get_help(self, ctx: click.Context) -> str:
        """Write the help."""
        return _help(super().get_help(ctx), ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments up to the command's name.

        Raises:
            click.UsageError: if there are none; click itself speaks up where there are options only.
        """
        if not args and not self.invoke_without_command and not ctx.resilient_parsing:
            raise click.UsageError(f"A command is missing. {self._known(ctx)}", ctx)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command.

        Raises:
            click.UsageError: if there is none of that name.
        """
        name = args[0]
        if self.get_command(ctx, name) is None and name[:1].isalnum():
            from td_line_connectors.schema.parameters import nearest  # noqa: PLC0415 - only a slip needs it

            known = self.list_commands(ctx)
            raise click.UsageError(f"There is no command «{name}».{nearest(name, known)} {self._known(ctx)}", ctx)
        return super().resolve_command(ctx, args)

    def _known(self, ctx: click.Context) -> str:
        return f"Known: {', '.join(self.list_commands(ctx))}."


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command is found, and what the list of commands says of it.

    Attributes:
        target: `module:attribute`.
        summary: one short sentence; the command's own help says more.
    """

    target: str
    summary: str

    def load(self) -> click.Command:
        """Import the command."""
        module, _, attribute = self.target.partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command), "the table of commands names commands"
        return command


class LazyGroup(Group):
    """A group that imports a command when it runs, and not to list it.

    Args:
        lazy: name → where the command is; listed in this order.
    """

    def __init__(self, *args: object, lazy: Mapping[str, LazyCommand], **facts: object) -> None:
        super().__init__(*args, **facts)  # type: ignore[arg-type]  # click's own arguments, passed on
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names, in the table's order."""
        del ctx
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name; None if there is none."""
        del ctx
        return self.lazy[cmd_name].load() if cmd_name in self.lazy else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.summary) for name, command in self.lazy.items()])


def _with_json(parameters: list[click.Parameter]) -> list[click.Parameter]:
    return [*parameters[:-1], JSON, *parameters[-1:]]


def _help(text: str, ctx: click.Context) -> str:
    invocation = ctx.find_object(Invocation)
    return json_text({"help": text}) if invocation and invocation.output.as_json else text
