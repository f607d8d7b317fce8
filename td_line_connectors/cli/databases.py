"""Which embedded databases are there?"""

import click

from td_line_connectors.cli.groups import Group
from td_line_connectors.cli.invocation import Invocation

__all__ = ["db"]


@click.group(cls=Group)
def db() -> None:
    """Make and list embedded databases.

    Each is one SQLite file in the project's state folder; any SQLite tool can read it.
    """


@db.command("create")
@click.argument("name")
@click.pass_obj
def create(invocation: Invocation, name: str) -> None:
    """Make an empty database."""
    databases = invocation.databases()
    databases.create(name)
    path = str(databases.path(name))
    invocation.output.result({"database": name, "path": path}, f"The database {name} is made: {path}")


@db.command("list")
@click.pass_obj
def list_databases(invocation: Invocation) -> None:
    """List the databases."""
    databases = invocation.databases()
    rows = [(name, str(databases.path(name))) for name in databases.names()]
    found = [{"database": name, "path": path} for name, path in rows]
    invocation.output.listing(found, ("database", "file"), rows)
