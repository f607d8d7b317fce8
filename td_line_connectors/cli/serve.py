"""What receives LINE's calls?"""

import os
from typing import Literal

import click

from td_line_connectors.cli.drain import drain_command
from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.plugins import default_registry
from td_line_connectors.server.call_log import CallLog
from td_line_connectors.server.hosting import HOST, PORT, hosting
from td_line_connectors.sources.store import SourceStore

__all__ = ["serve"]


@click.command(cls=Command)
@click.option("--host", default=HOST, show_default=True, help="The address to listen on; a proxy stands before it.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65_535), help="0 takes a free one.")
@click.pass_obj
def serve(invocation: Invocation, *, host: str, port: int) -> None:
    """Receive LINE's calls for all sources of the project, until Ctrl-C or SIGTERM.

    A call is answered 200 when its rows are on disk, and never before. Sources, connections and secrets that change are
    noticed within a second. At the end what was accepted is stored and answered. Standard error has a line for each
    call. Rows of sources whose datastore is Plazma go on to Treasure Data by a `td-line drain` of its own.
    """
    output, project = invocation.output, invocation.project()
    form: Literal["text", "json"] = "json" if invocation.log_format == "json" else "text"
    log = CallLog(lambda lines: output.say(lines.removesuffix("\n")), form)
    drain = drain_command(project, form, parent=os.getpid())
    with hosting(project, default_registry(), log, host=host, port=port, drain=drain) as server:
        sources = len(SourceStore(project.state / "sources.sqlite").list())
        output.result({"url": server.url, "sources": sources}, f"Listening at {server.url}; sources: {sources}")
        output.flush()
        if form == "text":  # who asked for JSON wants nothing else among the lines
            output.say("Ctrl-C ends it." if sources else "There is no source yet: `source create` makes one meanwhile.")
        server.run()
    if form == "text":
        output.say("Ended; what was accepted is stored.")
