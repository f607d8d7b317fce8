"""How do rows get on to Treasure Data from the command line?"""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Final, Literal

import click

from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.output import Output
from td_line_connectors.drain.crew import Crew
from td_line_connectors.drain.lock import only_drain
from td_line_connectors.drain.once import HandedOver, hand_over
from td_line_connectors.drain.targets import drained_sources
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import Project
from td_line_connectors.server.call_log import CallLog
from td_line_connectors.spi import Runtime

__all__ = ["drain", "drain_command"]

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
LOWER_PRIORITY: Final = 10
"""Calls come first."""


@click.command(cls=Command)
@click.option("--once", is_flag=True, help="End when nothing waits any more; for cron, or after an outage.")
@click.option("--parent", type=int, hidden=True, help="End when the process of this number is no longer the parent.")
@click.pass_obj
def drain(invocation: Invocation, *, once: bool, parent: int | None) -> int:
    """Hand the rows of sources whose datastore is Plazma over to Treasure Data, until Ctrl-C or SIGTERM.

    A running `serve` does that by itself; there is one drain for a project at a time. It may be killed at any moment:
    rows are kept until Treasure Data has them, and afterwards for keep_handed_over_days. `source show` tells what
    waits, `source rejects` what was set aside.
    """
    output, project = invocation.output, invocation.project()
    form: Literal["text", "json"] = "json" if invocation.log_format == "json" else "text"
    log = CallLog(lambda lines: output.say(lines.removesuffix("\n")), form)
    with log.writing(), only_drain(project.state):
        if once:
            return _tell(output, hand_over(project, default_registry(), Runtime()))
        if parent is not None:
            os.nice(LOWER_PRIORITY)
        sources = len(drained_sources(project))
        with _signals() as wait:
            output.result({"sources": sources}, f"Handing over to Treasure Data; sources: {sources}")
            output.flush()
            Crew(project, default_registry(), Runtime()).run(lambda seconds: wait(seconds) or _is_orphan(parent))
    return 0


def drain_command(project: Project, log_format: str, parent: int) -> Sequence[str]:
    """Give the command of a drain that ends with its parent; -P keeps out modules that lie in the current folder."""
    folder = str(project.folder.absolute())
    python = [sys.executable, "-P", "-m", "td_line_connectors"]
    return [*python, "--project", folder, "--log-format", log_format, "drain", "--parent", str(parent)]


def _tell(output: Output, done: HandedOver) -> int:
    sources = [
        {"source": source, "handed_over": tally.handed_over, "rejected": tally.rejected}
        for source, tally in done.tallies.items()
    ]
    problems = [{"kind": problem.kind, "message": str(problem)} for problem in done.problems]
    lines = [
        f"{source}: {tally.handed_over:,} rows handed over, {tally.rejected:,} set aside"
        for source, tally in done.tallies.items()
    ]
    output.result({"sources": sources, "problems": problems}, "\n".join(lines) or "No source goes on to Treasure Data.")
    for problem in done.problems:
        output.say(str(problem))
    return done.problems[0].exit_code if done.problems else 0


def _is_orphan(parent: int | None) -> bool:
    return parent is not None and os.getppid() != parent


@contextmanager
def _signals() -> Iterator[Callable[[float], bool]]:
    """Let Ctrl-C and SIGTERM end a wait; give what waits, and says whether one of them has come."""
    heard: SimpleQueue[int] = SimpleQueue()  # its `put` may be called by a signal's handler at any moment
    before = [signal.signal(number, lambda which, _frame: heard.put(which)) for number in SIGNALS]

    def wait(seconds: float) -> bool:
        try:
            heard.get(timeout=seconds)
        except Empty:
            return False
        return True

    try:
        yield wait
    finally:
        for number, handler in zip(SIGNALS, before, strict=True):
            signal.signal(number, handler)
