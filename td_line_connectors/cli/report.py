"""What does a person want to know of a run?"""

from collections.abc import Iterator

from td_line_connectors.cli.output import Output, safe
from td_line_connectors.report import RowOutcome, RunReport, RunStatus, TaskReport

__all__ = ["tell"]

WORDS = {
    RunStatus.SUCCESS: "done",
    RunStatus.ERROR: "ended early",
    RunStatus.PLANNED: "planned",
    RunStatus.RUNNING: "running",
    RunStatus.INTERRUPTED: "interrupted",
}


def tell(output: Output, report: RunReport) -> None:
    """Print a run's report: a table of the rows' outcomes, then what is worth a sentence."""
    headings = ("task", "into", "read", *(outcome.value for outcome in RowOutcome), "requests", "seconds")
    output.table(headings, [_cells(task) for task in report.tasks], header=True, may_turn=True)
    for line in _sentences(report):
        output.write(f"{safe(line)}\n")


def _cells(task: TaskReport) -> tuple[str, ...]:
    rows = task.rows
    numbers = (rows.read, *(getattr(rows, outcome.value) for outcome in RowOutcome), task.requests)
    return (task.task, task.data_object or "-", *(f"{number:,}" for number in numbers), f"{task.seconds:.1f}")


def _sentences(report: RunReport) -> Iterator[str]:
    for task in report.tasks:
        yield from (f"{task.task}: {line}" for line in _of_task(task))
    yield f"run {report.run_id}: {WORDS[report.status]}"


def _of_task(task: TaskReport) -> Iterator[str]:
    if task.segment:
        count = "not counted yet" if task.segment.member_count is None else f"{task.segment.member_count:,} members"
        yield f"segment «{task.segment.name}» (id {task.segment.id}): {count}"
    yield from (str(issue) for issue in task.issues)
    if task.rejects:
        yield f"rows set aside, each with its reasons: {task.rejects}"
    yield from (f"warning: {warning}" for warning in task.warnings)
    if task.error:
        yield from (f"error: {line}" for line in task.error.message.splitlines())
