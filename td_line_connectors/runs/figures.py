"""What do the figures of past runs say?"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from td_line_connectors.report import RowOutcome, RunStatus
from td_line_connectors.runs.exposition import Family, exposition
from td_line_connectors.runs.history_file import reading
from td_line_connectors.runs.history_store import History
from td_line_connectors.runs.holding import is_held
from td_line_connectors.storage.sqlite import Connection
from td_line_connectors.storage.whole_file import whole_file

__all__ = ["figures_of", "write_figures"]

REJECTS: Final = "rejects"
"""What all runs are called that sent the rejects of others again: each has words of its own, and would be a series."""

OUTCOMES: Final = [outcome.value for outcome in RowOutcome]

PER_RUN: Final = f"""
SELECT run.run_id, CASE WHEN retry_of IS NULL THEN what ELSE '{REJECTS}' END, status, started_at, ended_at,
    coalesce(sum(json_extract(report, '$.seconds')), 0), coalesce(max(json_extract(report, '$.error.kind')), ''),
    {", ".join(f"coalesce(sum(json_extract(report, '$.rows.{each}')), 0)" for each in OUTCOMES)}
FROM run LEFT JOIN task USING (run_id) WHERE status <> 'planned' GROUP BY run.run_id ORDER BY started_at, run.rowid
"""  # noqa: S608 - our own words

READABLE_BY_ALL: Final = 0o644
"""The collector is another user's process; the file says how many, and nothing of whom."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What the figures need of a run. Moments are epoch seconds, 0 where not known."""

    what: str
    status: RunStatus
    began: float
    ended: float
    seconds: float
    kind: str
    rows: Mapping[str, int]


@dataclass(slots=True)
class _Tally:
    """The runs of one thing that is run, the oldest first."""

    what: str
    runs: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    last: _Run | None = None
    succeeded: float = 0.0

    def add(self, run: _Run) -> None:
        self.runs[run.status.value, run.kind] += 1
        if run.status is RunStatus.RUNNING:
            return
        self.last = run
        self.rows.update(run.rows)
        if run.status is RunStatus.SUCCESS:
            self.succeeded = max(self.succeeded, run.ended)


def write_figures(path: Path, history: History, project: str) -> None:
    """Write the figures of all runs that are remembered where Prometheus's node_exporter finds them.

    Of two processes that do so at once, the one that is later looks whether it was.

    Args:
        path: the file.
        history: the project's.
        project: the project's name.

    Raises:
        StoreError: if the history cannot be read, or the file not written.
    """
    written, figures = b"", figures_of(history, project)
    while figures != written:
        with whole_file(path, mode=READABLE_BY_ALL) as file:
            file.write(figures)
        written, figures = figures, figures_of(history, project)


def figures_of(history: History, project: str) -> bytes:
    """Give the figures of all runs that are remembered, plans aside, in Prometheus's text form.

    They are gauges, the sums among them too: what the history forgets, they lose.

    Args:
        history: the project's.
        project: the project's name: the label that keeps the files of several projects apart.

    Raises:
        StoreError: if the history cannot be read.
    """
    tallies: dict[str, _Tally] = {}
    with reading(history.path) as connection:
        for run in _runs(connection, history) if connection else ():
            tallies.setdefault(run.what, _Tally(run.what)).add(run)
    return exposition(_families([tallies[what] for what in sorted(tallies)], project))


def _runs(connection: Connection, history: History) -> Iterator[_Run]:
    cursor = connection.execute(PER_RUN)
    while found := cursor.fetchmany(500):
        for run_id, what, written, began, ended, seconds, kind, *rows in found:
            status = RunStatus(written)
            if status is RunStatus.RUNNING and not is_held(history.folder(run_id)):
                status = RunStatus.INTERRUPTED
            by_outcome = dict(zip(OUTCOMES, rows, strict=True))
            yield _Run(what, status, _epoch(began), _epoch(ended), seconds, kind, by_outcome)


def _epoch(moment: str | None) -> float:
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0


def _families(tallies: Sequence[_Tally], project: str) -> Iterator[Family]:
    def last(name: str, meaning: str, value: Callable[[_Run], float]) -> Family:
        samples = [({"project": project, "what": each.what}, value(each.last)) for each in tallies if each.last]
        return Family(f"td_line_run_last_{name}", meaning, samples)

    yield last("start_timestamp_seconds", "When the last run that has ended began.", lambda run: run.began)
    yield last("end_timestamp_seconds", "When the last run ended; 0 where nobody knows.", lambda run: run.ended)
    yield last("duration_seconds", "How long the tasks of the last run took.", lambda run: run.seconds)
    yield last("succeeded", "Whether the last run succeeded: 1 or 0.", lambda run: int(run.status is RunStatus.SUCCESS))
    yield Family(
        "td_line_run_last_success_timestamp_seconds",
        "When the last run that succeeded ended; 0 where none did.",
        [({"project": project, "what": each.what}, each.succeeded) for each in tallies],
    )
    yield Family(
        "td_line_run_last_rows",
        "Rows of the last run that has ended, by outcome.",
        [_rows(project, each.what, name, each.last.rows) for each in tallies if each.last for name in OUTCOMES],
    )
    yield Family(
        "td_line_run_remembered",
        "Runs in the history, by status and by the kind of error that ended them.",
        [
            ({"project": project, "what": each.what, "status": status, "kind": kind}, number)
            for each in tallies
            for (status, kind), number in sorted(each.runs.items())
        ],
    )
    yield Family(
        "td_line_run_remembered_rows",
        "Rows of all runs in the history that have ended, by outcome.",
        [_rows(project, each.what, name, each.rows) for each in tallies for name in OUTCOMES],
    )


def _rows(project: str, what: str, outcome: str, rows: Mapping[str, int]) -> tuple[Mapping[str, str], float]:
    return {"project": project, "what": what, "outcome": outcome}, rows[outcome]
