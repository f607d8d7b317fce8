"""Where are tokens and keys put in, and which are there?"""

from typing import BinaryIO, Final

import click

from td_line_connectors.cli.groups import Group
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.errors import ConfigError
from td_line_connectors.settings.secrets import environment_variable

__all__ = ["read_secret", "secrets"]

LONGEST: Final = 65_536
"""Bytes of a secret. No token is as long; a file given by mistake is."""


@click.group(cls=Group)
def secrets() -> None:
    """Keep tokens and keys.

    They stand in the project's state folder, readable for you alone. A settings file names one as ${secret:KEY}.
    """


@secrets.command("set")
@click.argument("key")
@click.argument("surplus", nargs=-1, metavar="", type=click.UNPROCESSED)
@click.pass_obj
def set_secret(invocation: Invocation, key: str, surplus: tuple[str, ...]) -> None:
    """Set a secret, such as crescendo.api_token.

    The value is asked for, or read from standard input; one line break at its end is no part of it.
    """
    if surplus:
        message = "A secret's value never stands on the command line, where others can read it: leave it out; "
        raise click.UsageError(f"{message}it is asked for, or read from standard input.", click.get_current_context())
    project = invocation.project()
    project.secrets.set(key, read_secret(invocation.stdin))
    invocation.output.result({"key": key}, f"{key} is set: write ${{secret:{key}}} where it is needed.")
    if project.secrets.environ.get(environment_variable(key)):
        invocation.output.say(f"The environment variable {environment_variable(key)} is set, and wins.")


@secrets.command("list")
@click.pass_obj
def list_secrets(invocation: Invocation) -> None:
    """List the keys; values are never shown."""
    kept = invocation.project().secrets
    rows = [(key, _overriding(key, kept.environ.get(environment_variable(key)))) for key in kept.names()]
    found = [{"key": key, "overridden_by": variable or None} for key, variable in rows]
    invocation.output.listing(found, ("key", "overridden by the environment variable"), rows)


@secrets.command("delete")
@click.argument("key")
@click.pass_obj
def delete_secret(invocation: Invocation, key: str) -> None:
    """Delete a secret."""
    kept = invocation.project().secrets
    if not kept.delete(key):
        known = ", ".join(kept.names()) or "none"
        raise ConfigError.of(
            "secret", "unknown_secret", f"there is no secret «{key}» in {kept.file.name}; known: {known}"
        )
    invocation.output.result({"key": key}, f"{key} is deleted.")


def _overriding(key: str, value: str | None) -> str:
    return environment_variable(key) if value else ""


def read_secret(stdin: BinaryIO) -> str:
    """Ask for a secret, or read it from a pipe; one line break at its end is no part of it.

    Raises:
        ConfigError: if it is too long, or not UTF-8.
    """
    if stdin.isatty():
        return click.prompt("Value", hide_input=True, err=True)
    content = stdin.read(LONGEST + 1)
    if len(content) > LONGEST:
        raise ConfigError.of(
            "secret", "too_long", f"standard input holds more than {LONGEST:,} bytes: this is no secret"
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError.of("secret", "encoding", "standard input must be UTF-8") from None  # it would hold the secret
    return text.removesuffix("\n").removesuffix("\r")
