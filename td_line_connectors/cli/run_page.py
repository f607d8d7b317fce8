"""A run's report as one page that can be mailed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from td_line_connectors.cli.markup import Content, Element, document, element
from td_line_connectors.cli.page_style import STYLE
from td_line_connectors.cli.pictures import bar, rates, stretches
from td_line_connectors.cli.report import WORDS, sentences
from td_line_connectors.cli.request_words import HEADINGS, request_cells
from td_line_connectors.report import Reason, RowOutcome, TaskReport
from td_line_connectors.runs.history import RequestRecord, RunRecord, TaskRecord
from td_line_connectors.version import VERSION

__all__ = ["GENERATOR", "run_page"]

GENERATOR: Final = "td-line"
"""What the page's `generator` begins with, by which it is known as ours."""

MOST_REQUESTS: Final = 300
MOST_REASONS: Final = 50
Cell = Content | int | float | None


def run_page(run: RunRecord, reasons: Mapping[int, Sequence[Reason]]) -> str:
    """Give a run's report as HTML: one file without script, which fetches nothing.

    Args:
        run: the run.
        reasons: why rows were set aside, by the number of the task, where that is known.
    """
    title = f"{run.what}: {WORDS[run.status]}"
    body = element(
        "main",
        element("h1", run.what),
        element("p", f"Run {run.run_id}: {WORDS[run.status]}", class_=f"status {run.status.value}"),
        *_paragraphs(_facts(run)),
        *(_task(task, reasons.get(task.number, ())) for task in run.tasks),
        element("footer", element("p", f"Made by td-line {VERSION}. It holds counts and reasons, and nobody's data.")),
    )
    return document(title, STYLE, element("body", body), generator=f"{GENERATOR} {VERSION}")


def _facts(run: RunRecord) -> Iterator[str]:
    yield f"Began {_moment(run.started_at)}."
    if run.ended_at:
        yield f"Ended {_moment(run.ended_at)}, {(run.ended_at - run.started_at).total_seconds():,.1f} seconds later."
    if run.retry_of:
        yield f"Sends the rejects of run {run.retry_of} again."


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _task(task: TaskRecord, reasons: Sequence[Reason]) -> Element:
    report = task.report
    into = f" → {report.connector}, {report.data_object}" if report.connector and report.data_object else ""
    told = f"Rows read: {report.rows.read:,}. Requests: {report.requests:,}. Seconds: {report.seconds:,.1f}."
    return element(
        "section",
        element("h2", f"{report.task}{into}"),
        element("p", told),
        _outcomes(report),
        *_said(report, sample=not reasons and not report.plan),
        *_reasons(report.plan.reasons if report.plan else reasons),
        *_rates(task.requests),
        *_requests(task.requests),
    )


def _outcomes(report: TaskReport) -> Element:
    rows = [(outcome.value, getattr(report.rows, outcome.value)) for outcome in RowOutcome]
    read = report.rows.read
    lines = [(name, number, *_share(number, read, name)) for name, number in rows]
    return _table(("outcome", "rows", "share", ""), lines)


def _share(number: int, read: int, name: str) -> tuple[str, Element]:
    part = number / read if read else 0.0
    return f"{100 * part:.1f} %", bar(part, name)


def _said(report: TaskReport, *, sample: bool) -> Iterator[Element]:
    """Give the sentences of the report; its sample of issues only where the reasons are not counted."""
    issues = {str(issue) for issue in report.issues}
    for line in sentences(report):
        kind = line.partition(":")[0]
        if sample or line not in issues:
            yield element("p", line, class_=kind if kind in {"warning", "error"} else "said")


def _reasons(reasons: Sequence[Reason]) -> Iterator[Element]:
    if not reasons:
        return
    shown, rest = reasons[:MOST_REASONS], reasons[MOST_REASONS:]
    lines: list[Sequence[Cell]] = [(each.rows, each.field, each.code, each.message, each.row) for each in shown]
    if rest:
        lines.append((sum(each.rows for each in rest), f"{len(rest):,} further reasons", None, None, None))
    yield element("h3", "Why rows were set aside")
    yield _table(("rows", "field", "code", "rule", "first row"), lines)


def _rates(requests: Sequence[RequestRecord]) -> Iterator[Element]:
    ended = [(each.seconds, 0 if each.outcome == "split" else each.rows) for each in requests if each.seconds]
    if not ended:
        return
    drawn = stretches(ended)
    highest, whole = max(each.rate for each in drawn), sum(each.seconds for each in drawn)
    axis = [element("span", text) for text in ("0 s", f"{highest:,.0f} rows a second at most", f"{whole:,.1f} s")]
    yield element("h3", "Rows a second while it was sent")
    yield rates(drawn)
    yield element("div", *axis, class_="axis")


def _requests(requests: Sequence[RequestRecord]) -> Iterator[Element]:
    """Give the requests, those that were not simply taken above all, and the rest in sum."""
    if not requests:
        return
    first = sorted(range(len(requests)), key=lambda place: requests[place].outcome == "accepted")[:MOST_REQUESTS]
    lines = [request_cells(requests[place]) for place in sorted(first)]
    rest = [requests[place] for place in sorted({*range(len(requests))} - {*first})]
    if rest:
        seconds = sum(each.seconds or 0.0 for each in rest)
        counts = (sum(each.written for each in rest), sum(each.mismatched for each in rest))
        tried = sum(each.attempts for each in rest)
        words = f"{len(rest):,} further requests"
        lines.append((None, sum(each.rows for each in rest), words, None, *counts, seconds, tried))
    yield element("h3", "Request by request")
    yield _table(HEADINGS, lines)


def _paragraphs(texts: Iterator[str]) -> Iterator[Element]:
    yield from (element("p", text, class_="faint") for text in texts)


def _table(headings: Sequence[str], lines: Sequence[Sequence[Cell]]) -> Element:
    numeric = [any(isinstance(line[place], int | float) for line in lines) for place in range(len(headings))]
    head = [
        element("th", name, scope="col", class_="number" if right else "text")
        for name, right in zip(headings, numeric, strict=True)
    ]
    body = [element("tr", *map(_cell, line)) for line in lines]
    table = element("table", element("thead", element("tr", *head)), element("tbody", *body))
    return element("div", table, class_="scrolls")


def _cell(value: Cell) -> Element:
    match value:
        case None:
            return element("td", "-")
        case float():
            return element("td", f"{value:,.1f}", class_="number")
        case int():
            return element("td", f"{value:,}", class_="number")
        case _:
            return element("td", value)
