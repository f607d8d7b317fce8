"""Go on with a run."""

from contextlib import ExitStack

import click

from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.running import beginning, finish, take_up

__all__ = ["resume"]


@click.command(cls=Command)
@click.argument("run", metavar="ID")
@click.pass_obj
def resume(invocation: Invocation, run: str) -> int:
    """Go on with a run that was stopped, killed, or ended by an outage.

    What was confirmed is not sent again; the rest is sent with the rows as they were read. Tasks that had not begun are
    run then. ID may be shortened, or be «latest». Where nothing is left, the run's report is printed.
    """
    with invocation.watching() as observer, ExitStack() as held:
        with beginning(invocation):
            taken_up = held.enter_context(take_up(invocation.project(), observer, run))
        report = taken_up.go_on()
    return finish(invocation, report, ran=taken_up.runner is not None)
