"""Which runs were there, and what became of them?"""

import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from td_line_connectors.cli.groups import Group
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.output import Output, safe
from td_line_connectors.cli.page_file import write_page
from td_line_connectors.cli.report import tell
from td_line_connectors.cli.request_words import HEADINGS, request_cells, request_json
from td_line_connectors.errors import ConfigError
from td_line_connectors.plugins import default_registry
from td_line_connectors.runs.history import RunRecord, TaskRecord
from td_line_connectors.runs.history_store import LATEST, History
from td_line_connectors.runs.holding import is_held
from td_line_connectors.runs.sheet import write_sheet
from td_line_connectors.workflow.resuming import is_resumable

__all__ = ["runs"]

COUNTED = ("read", "written", "mismatched", "invalid", "rejected", "unsettled")


@click.group(cls=Group, invoke_without_command=True)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="The latest so many.")
@click.pass_context
def runs(context: click.Context, limit: int) -> None:
    """List the runs, the newest first, or look at one.

    A run's ID may be shortened to as much of its beginning as tells it from the others, or be «latest».
    """
    if context.invoked_subcommand is not None:
        return
    invocation = context.ensure_object(Invocation)
    found = _history(invocation).recent(limit)
    if invocation.output.as_json:
        invocation.output.document([_summary(each) for each in found])
        return
    headings = ("run", "began", "what", "status", *COUNTED, "seconds")
    invocation.output.table(headings, [_cells(each) for each in found], header=True, may_turn=True)


@runs.command("show")
@click.argument("run", metavar="[ID]", default=LATEST)
@click.option("--html", "page", metavar="FILE", type=click.Path(path_type=Path), help="Write it as a page, for mails.")
@click.pass_obj
def show(invocation: Invocation, run: str, page: Path | None) -> None:
    """Show a run's report, and what became of each of its requests. Without ID: the latest."""
    project = invocation.project()
    history = History(project.state)
    found = history.find(run)
    if page:
        write_page(page, found)
        told = f"The report of run {found.run_id} is in {page}."
        invocation.output.result({"run_id": found.run_id, "html": str(page)}, told)
        return
    retries = [each.run_id for each in history.retries(found.run_id)]
    if invocation.output.as_json:
        invocation.output.document(_in_full(found, retries))
    else:
        resumable = is_resumable(found, history.folder(found.run_id), project, default_registry())
        _tell(invocation.output, found, retries, resumable=resumable)


@runs.command("rejects")
@click.argument("run", metavar="[ID]", default=LATEST)
@click.option("--csv", "sheet", metavar="FILE", type=click.Path(path_type=Path), help="Write them for a spreadsheet.")
@click.option("--task", metavar="+NAME", help="Of this task alone.")
@click.pass_obj
def rejects(invocation: Invocation, run: str, sheet: Path | None, task: str | None) -> None:
    """Say where the rows are that a run has set aside, each with its reasons. Without ID: of the latest run.

    --csv FILE writes them so that a spreadsheet neither runs nor changes a cell: `'` stands before each that it would.
    `td-line retry ID FILE` takes it away again.
    """
    found = _history(invocation).find(run)
    files = [(each.report.task, each.report.rejects) for each in found.tasks if each.report.rejects]
    if task is not None:
        files = [each for each in files if each[0].removeprefix("+") == task.removeprefix("+")]
    if sheet:
        _write_sheet(invocation.output, found, files, sheet)
        return
    listed = [{"task": task, "rejects": str(path)} for task, path in files]
    invocation.output.listing(listed, ("task", "rejects"), [(task, str(path)) for task, path in files])


def _write_sheet(output: Output, run: RunRecord, files: Sequence[tuple[str, Path]], sheet: Path) -> None:
    """Write the rejects of one task for a spreadsheet."""
    if len(files) != 1:
        names = ", ".join(task for task, _ in files)
        several = f"several tasks of run {run.run_id} have rejects: say whose, with --task: {names}"
        none = f"run {run.run_id} has no rejects of that task, or they have been deleted"
        raise ConfigError.of("run", "rejects", several if files else none)
    [(task, path)] = files
    lines = write_sheet(sheet, path)
    again = shlex.join(["td-line", "retry", run.run_id, str(sheet), "--task", task])
    told = f"{task}: rejects in {sheet}: {lines:,}. Mend them, then: {again}"
    output.result({"run_id": run.run_id, "task": task, "csv": str(sheet), "lines": lines}, told)


@runs.command("delete")
@click.argument("run", metavar="ID")
@click.pass_obj
def delete(invocation: Invocation, run: str) -> None:
    """Forget a run, its rejects, and the rows that it has not sent."""
    history = _history(invocation)
    run_id = history.id_of(run)  # one that cannot be read can be forgotten all the same
    if is_held(history.folder(run_id)):
        raise ConfigError.of("run", "running", f"{run_id} goes on: stop it first, or wait until it has ended")
    history.delete(run_id)
    invocation.output.result({"run_id": run_id}, f"Run {run_id} is forgotten.")


def _history(invocation: Invocation) -> History:
    return History(invocation.project().state)


def _summary(run: RunRecord) -> dict[str, object]:
    return {
        "run_id": run.run_id,
        "status": run.status.value,
        "started_at": _in_utc(run.started_at),
        "ended_at": _in_utc(run.ended_at),
        "what": run.what,
        "retry_of": run.retry_of,
        "tasks": [task.report.to_json() for task in run.tasks],
    }


def _in_full(run: RunRecord, retries: list[str]) -> dict[str, object]:
    summary = _summary(run)
    tasks = [{**task.report.to_json(), "requests_detail": [*map(request_json, task.requests)]} for task in run.tasks]
    facts = {key: summary[key] for key in ("started_at", "ended_at", "what", "retry_of")}
    return {**run.report().to_json(), "tasks": tasks, **facts, "retried_by": retries}


def _cells(run: RunRecord) -> tuple[str, ...]:
    report = run.report()
    began = f"{run.started_at.astimezone():%Y-%m-%d %H:%M}"
    counts = (f"{getattr(report.rows, name):,}" for name in COUNTED)
    seconds = sum(task.seconds for task in report.tasks)
    return (run.run_id, began, run.what, run.status.value, *counts, f"{seconds:.1f}")


def _tell(output: Output, run: RunRecord, retries: list[str], *, resumable: bool) -> None:
    began = f"{run.started_at.astimezone():%Y-%m-%d %H:%M:%S %z}"
    output.write(f"{safe(run.what)}, begun {began}\n")
    tell(output, run.report(), chart=True)
    for task in run.tasks:
        _tell_requests(output, task)
    if run.retry_of:
        output.write(f"sends the rejects of run {run.retry_of} again\n")
    for each in retries:
        output.write(f"its rejects were sent again by run {each}\n")
    if resumable:
        output.write(f"`td-line resume {run.run_id}` goes on with it\n")


def _tell_requests(output: Output, task: TaskRecord) -> None:
    if not task.requests:
        return
    output.write(f"\n{safe(task.report.task)}, request by request:\n")
    output.table(HEADINGS, [[*map(_cell, request_cells(each))] for each in task.requests], header=True, may_turn=True)


def _cell(value: str | float | None) -> str:
    match value:
        case None:
            return "-"
        case float():
            return f"{value:.1f}"
        case int():
            return f"{value:,}"
        case _:
            return value


def _in_utc(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
