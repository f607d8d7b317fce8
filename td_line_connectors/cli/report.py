"""What does a person want to know of a run?"""

from collections.abc import Iterator

from td_line_connectors.cli.output import Output, safe
from td_line_connectors.cli.plan_words import HEADINGS, WHY, plan_sentences, reason_rows
from td_line_connectors.report import RowOutcome, RunReport, RunStatus, TaskReport

__all__ = ["WORDS", "sentences", "tell"]

WORDS = {
    RunStatus.SUCCESS: "done",
    RunStatus.ERROR: "ended early",
    RunStatus.PLANNED: "planned; nothing was sent",
    RunStatus.RUNNING: "running",
    RunStatus.INTERRUPTED: "interrupted",
}


def tell(output: Output, report: RunReport, *, chart: bool = False) -> None:
    """Print a run's report: a table of the rows' outcomes, then what is worth a sentence.

    Args:
        output: where to.
        report: the run's.
        chart: whether a terminal shows the outcomes as bars too.
    """
    headings = ("task", "into", "read", *(outcome.value for outcome in RowOutcome), "requests", "seconds")
    lines = [_cells(task) for task in report.tasks]
    if chart and output.on_terminal:
        from td_line_connectors.cli.chart import drawn_with_chart  # noqa: PLC0415 - rich is for terminals only

        output.write(drawn_with_chart(headings, lines, report.rows))
    else:
        output.table(headings, lines, header=True, may_turn=True)
    for task in report.tasks:
        for line in sentences(task):
            output.write(f"{safe(f'{task.task}: {line}')}\n")
        if task.plan and task.plan.reasons:
            output.write(f"{safe(task.task)}: {WHY}\n")
            output.table(HEADINGS, reason_rows(task.plan), header=True)
    output.write(f"{safe(_ending(report))}\n")


def _cells(task: TaskReport) -> tuple[str, ...]:
    rows = task.rows
    numbers = (rows.read, *(getattr(rows, outcome.value) for outcome in RowOutcome), task.requests)
    return (task.task, task.data_object or "-", *(f"{number:,}" for number in numbers), f"{task.seconds:.1f}")


def _ending(report: RunReport) -> str:
    stopped = report.status is RunStatus.PLANNED and report.exit_code
    would = f"; a run would end with exit code {report.exit_code}" if stopped else ""
    return f"run {report.run_id}: {WORDS[report.status]}{would}"


def sentences(task: TaskReport) -> Iterator[str]:
    """Say of a task what is worth a sentence."""
    if task.job_id:
        yield f"job {task.job_id}"
    if task.segment:
        count = "not counted yet" if task.segment.member_count is None else f"{task.segment.member_count:,} members"
        yield f"segment «{task.segment.name}» (id {task.segment.id}): {count}"
    if task.plan:
        yield from plan_sentences(task.requests, task.plan)
    else:
        yield from (str(issue) for issue in task.issues)
    if task.rejects:
        yield f"rows set aside, each with its reasons: {task.rejects}"
    yield from (f"warning: {warning}" for warning in task.warnings)
    if task.error:
        yield from (f"error: {line}" for line in task.error.message.splitlines())
