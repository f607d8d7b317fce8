"""Which tables are there, and how are they filled?"""

from pathlib import Path

import click

from td_line_connectors.cli.groups import Group
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.engine.events import RowsRead
from td_line_connectors.storage.files import FORMATS, read_file

__all__ = ["table"]


@click.group(cls=Group)
def table() -> None:
    """Make, fill and list tables."""


@table.command("create")
@click.argument("database", metavar="DB")
@click.argument("name", metavar="TABLE")
@click.pass_obj
def create(invocation: Invocation, database: str, name: str) -> None:
    """Make a table; the first import gives it its columns."""
    invocation.databases().create_table(database, name)
    invocation.output.result({"database": database, "table": name}, f"The table {database}.{name} is made.")


@table.command("list")
@click.argument("database", metavar="DB")
@click.pass_obj
def list_tables(invocation: Invocation, database: str) -> None:
    """List a database's tables and their columns."""
    databases = invocation.databases()
    columns = {name: databases.columns(database, name) for name in databases.tables(database)}
    found = [{"table": name, "columns": list(those)} for name, those in columns.items()]
    rows = [(name, ", ".join(those)) for name, those in columns.items()]
    invocation.output.listing(found, ("table", "columns"), rows)


@table.command("import")
@click.argument("database", metavar="DB")
@click.argument("name", metavar="TABLE")
@click.argument("file", metavar="FILE")
@click.option("--format", "kind", type=click.Choice(FORMATS), help="Without it: by the file's ending, or its content.")
@click.option("--encoding", metavar="NAME", help="Of a text file that is not UTF-8: cp932, big5 …")
@click.pass_obj
def import_file(
    invocation: Invocation, database: str, name: str, file: str, *, kind: str | None, encoding: str | None
) -> None:
    """Append a file's rows to a table: all of them, or none.

    FILE is CSV, JSON Lines or Parquet; - reads standard input. Columns that the table has not got are added.
    """
    databases = invocation.databases()
    databases.columns(database, name)  # an unknown table is told before a large file is read
    source = invocation.stdin if file == "-" else Path(file)
    result = read_file(source, format=kind, encoding=encoding)
    with invocation.watching() as observer:
        rows = databases.import_rows(
            database, name, result, on_progress=lambda read: observer(RowsRead(read, result.total))
        )
        observer(RowsRead(rows, result.total, last=True))
    counted = "1 row" if rows == 1 else f"{rows:,} rows"
    invocation.output.result(
        {"database": database, "table": name, "rows": rows}, f"{counted} went into {database}.{name}."
    )
