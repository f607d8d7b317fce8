"""Run the project's workflows by their schedules."""

from pathlib import Path
from typing import Final

import click

from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.schedule_listing import entries
from td_line_connectors.cli.schedule_running import run_schedule, watch_of
from td_line_connectors.errors import ConfigError
from td_line_connectors.project.project import Project
from td_line_connectors.scheduling.store import ScheduleStore
from td_line_connectors.spi import Runtime
from td_line_connectors.workflow.files import workflow_files

__all__ = ["schedule"]

FILE: Final = click.Path(path_type=Path)
UP_TO_1000: Final = click.IntRange(0, 1000)
AT_ONCE: Final = 8
"""Each session is a process with some rows in its memory: thirty at midnight must not take a small machine down."""


@click.command(cls=Command)
@click.option("--list", "listing", is_flag=True, help="Show when each workflow runs next, and how it went last.")
@click.option("--next", "count", type=UP_TO_1000, help="How many next times --list shows.  [default: 3]")
@click.option("--enable", metavar="FILE", type=FILE, help="Switch a workflow on again.")
@click.option("--disable", metavar="FILE", type=FILE, help="Switch a workflow off.")
@click.option(
    "--at-once",
    default=AT_ONCE,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="So many sessions run side by side at most; others wait.",
)
@click.pass_obj
def schedule(
    invocation: Invocation, *, listing: bool, count: int | None, enable: Path | None, disable: Path | None, at_once: int
) -> int | None:
    """Run the project's workflows by their `schedule:` blocks, until Ctrl-C or SIGTERM.

    Each session is a run of its own; those of one workflow come one after the other. A file that changes is noticed
    within seconds. The first signal lets the sessions that run come to their end, the second ends them at once, the
    third kills them; each can be resumed. A workflow of which five sessions running end with exit code 2 is switched
    off until --enable.
    """
    if sum((listing, enable is not None, disable is not None)) > 1:
        raise click.UsageError("--list, --enable and --disable go one at a time.", click.get_current_context())
    if count is not None and not listing:
        raise click.UsageError("--next goes with --list.", click.get_current_context())
    project = invocation.project()
    store = ScheduleStore(project.state / "schedule.sqlite")
    if listing:
        _list(invocation, project, store, 3 if count is None else count)
    elif enable is not None:
        _switch(invocation, project, store, enable, on=True)
    elif disable is not None:
        _switch(invocation, project, store, disable, on=False)
    else:
        return run_schedule(invocation.output, project, store, invocation.log_format or "text", at_once)
    return None


def _list(invocation: Invocation, project: Project, store: ScheduleStore, count: int) -> None:
    found = entries(watch_of(project), store, Runtime().now(), count)
    text = "\n".join(line for entry in found for line in entry.lines())
    nothing = "No workflow has a `schedule:` block."
    invocation.output.result([entry.to_json() for entry in found], text or nothing)


def _switch(invocation: Invocation, project: Project, store: ScheduleStore, file: Path, *, on: bool) -> None:
    workflow = _name(project, file)
    store.switch(workflow, Runtime().now(), on=on)
    state = "on" if on else "off"
    invocation.output.result({"workflow": workflow, "switched": state}, f"{workflow}: switched {state}")


def _name(project: Project, file: Path) -> str:
    """Give a workflow's name for a path as a person writes it: from the current folder, or from the project's."""
    known = {path.resolve(): path.relative_to(project.folder).as_posix() for path in workflow_files(project.folder)}
    for path in (file, project.folder / file):
        if path.resolve() in known:
            return known[path.resolve()]
    names = ", ".join(sorted(known.values())) or "none"
    raise ConfigError.of("workflow", "unknown", f"«{file}» is no workflow of this project. Known: {names}.")
