"""From a task on Treasure Data to its rows."""

import json
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count
from typing import Final
from uuid import UUID, uuid5

from td_line_connectors.engine.events import JobSeen, Observer
from td_line_connectors.errors import ConfigError, RefusedError, RemoteError, TransientError
from td_line_connectors.report import TaskReport
from td_line_connectors.rows import Result
from td_line_connectors.spi import JobStatus, Query, QueryConnector, Runtime
from td_line_connectors.workflow.model import QueryTask, ResultExportTask

__all__ = ["JobRows", "Known"]

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 10.0
GROWTH: Final = 1.5
"""Each wait between two looks at a job is so much longer than the one before."""

KEYS: Final = UUID("6f0e1c58-5a2e-4d0b-9c53-2f6f6d0b8f11")
"""The namespace of the keys of our queries."""


@dataclass(slots=True)
class Known:
    """What is known of the task under way, should it end early.

    Attributes:
        report: as far as it goes.
    """

    report: TaskReport

    def warn(self, warning: str) -> None:
        """Add a sentence for the operator."""
        self.report = replace(self.report, warnings=[*self.report.warnings, warning])


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRows:
    """Has the jobs of one run done, and gives their rows.

    Attributes:
        run_id: the run's name; resumed, it finds its jobs again by it.
        runtime: the outside world.
        observer: is told what happens.
    """

    run_id: str
    runtime: Runtime
    observer: Observer

    def of(self, task: QueryTask | ResultExportTask, last_job: str | None, known: Known) -> Result:
        """Give a task's rows, once its job is done, as a stream.

        Args:
            task: a query on Treasure Data, or the export of a job's result.
            last_job: the number of the job that `${td.last_job_id}` means; None where there is none.
            known: learns the job's number, and what must be said of it.

        Raises:
            ConfigError: if there is no such job, engine or database.
            RefusedError: if the job failed, with its own words, or was killed.
            RemoteError: if Treasure Data cannot be reached.
            KeyboardInterrupt: as it came; a job of this task was stopped then.
        """
        connection = task.connection
        assert connection is not None, "an engine on Treasure Data is read with its connection"
        connector = connection.plugin.connect(connection.values, self.runtime)
        with ExitStack() as held:
            held.callback(connector.close)
            if isinstance(task, QueryTask):
                job_id = self._issue(task, connector)
                self._wait(connector, job_id, known, ours=True)
            else:
                job_id = _job_of(task, last_job)
                self._wait(connector, job_id, known, ours=False)
            result = connector.result(job_id)
            held.callback(result.close)
            return replace(result, close=held.pop_all().close)

    def _issue(self, task: QueryTask, connector: QueryConnector) -> str:
        """Issue a query, or find the job that an earlier process of this run has issued.

        The key is made of what is asked, so that it is fixed before the first try, in every process of the run.
        """
        for number in count(1):
            asked = [self.run_id, task.name, task.engine.value, task.database, task.sql, number]
            key = str(uuid5(KEYS, json.dumps(asked)))
            issued = connector.issue(Query(engine=task.engine, database=task.database, sql=task.sql, key=key))
            if issued.is_new:
                self.observer(JobSeen(issued.job_id, JobStatus.QUEUED.value, 0.0, is_news=True))  # on record at once
                return issued.job_id
            if connector.status(issued.job_id) not in (JobStatus.ERROR, JobStatus.KILLED):
                return issued.job_id  # one that has come to nothing is run anew
        raise AssertionError("numbers have no end")

    def _wait(self, connector: QueryConnector, job_id: str, known: Known, *, ours: bool) -> None:
        """Wait until a job is done, however long that takes.

        Args:
            connector: knows the job.
            job_id: its number.
            known: learns it.
            ours: whether this task has issued it, so that whoever stops the one stops the other.
        """
        known.report = replace(known.report, job_id=job_id)
        try:
            status = self._last_status(connector, job_id)
        except KeyboardInterrupt:
            if ours:
                known.warn(_stopped(connector, job_id))
            raise
        except TransientError:
            if ours:
                known.warn(f"job {job_id} may go on by itself: resume the run, which takes up its result")
            raise
        if status is JobStatus.ERROR:
            raise RefusedError(f"job {job_id} failed: {_why(connector, job_id)}")
        if status is JobStatus.KILLED:
            raise RefusedError(f"job {job_id} was killed: somebody stopped it at the far side")

    def _last_status(self, connector: QueryConnector, job_id: str) -> JobStatus:
        began, wait, before = self.runtime.monotonic(), FIRST_WAIT, None
        while True:
            status = connector.status(job_id)
            seconds = self.runtime.monotonic() - began
            self.observer(JobSeen(job_id, status.value, seconds, is_news=status is not before))
            if status.is_final:
                return status
            self.runtime.sleep(wait)
            wait, before = min(LONGEST_WAIT, GROWTH * wait), status


def _job_of(task: ResultExportTask, last_job: str | None) -> str:
    """Give the number of the job whose result is exported."""
    if task.job_id is not None:
        return str(task.job_id)
    if last_job is None:
        message = "no task before this one in this run has a job: run the whole workflow, or write the job's number"
        raise ConfigError.of(f"{task.name}.job_id", "no_job", message, where=task.where)
    return last_job


def _why(connector: QueryConnector, job_id: str) -> str:
    try:
        return connector.why_failed(job_id)
    except RemoteError:  # that it failed is known, and must not be taken for an outage
        return "its own words could not be read; look at it at the far side"


def _stopped(connector: QueryConnector, job_id: str) -> str:
    """Stop a job, and say what came of that."""
    try:
        connector.kill(job_id)
    except (RemoteError, KeyboardInterrupt):
        return f"job {job_id} may go on: it could not be stopped from here; stop it at the far side"
    return f"job {job_id} was stopped"
