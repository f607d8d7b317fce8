"""What is a workflow, once it has been read?"""

from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from pathlib import Path

from td_line_connectors.issues import ValidationIssue
from td_line_connectors.project.connections import QueryConnection, ResolvedConnection
from td_line_connectors.workflow.schedule import Schedule

__all__ = ["Engine", "QueryTask", "ResultExportTask", "Task", "Workflow"]


class Engine(StrEnum):
    """What runs a query."""

    SQLITE = "sqlite"
    """The embedded database; what is meant where nothing is said."""
    DUCKDB = "duckdb"
    PRESTO = "presto"
    TRINO = "trino"
    HIVE = "hive"

    @property
    def on_treasure_data(self) -> bool:
        """Whether the query runs on Treasure Data, and so needs a connection of that type."""
        return self not in (Engine.SQLITE, Engine.DUCKDB)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryTask:
    """A `td>` task.

    Attributes:
        name: `+parent+child`.
        sql: the query, its `${…}` expanded.
        database: the database's name, as written.
        engine: what runs the query.
        connection: where the engine is; None for an engine of this machine.
        target: where the rows go; None for a query whose rows are only counted.
        where: `file:line:column` of the task.
    """

    name: str
    sql: str = field(repr=False)
    database: str
    engine: Engine = Engine.SQLITE
    connection: QueryConnection | None = None
    target: ResolvedConnection | None = None
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultExportTask:
    """A `td_result_export>` task: the rows of a job that Treasure Data has run already.

    Attributes:
        name: `+parent+child`.
        job_id: the job's number; None for `${td.last_job_id}`, the job of the last task before this one that has one.
        connection: where the job is.
        target: where the rows go.
        where: `file:line:column` of the task.
    """

    name: str
    job_id: int | None
    connection: QueryConnection
    target: ResolvedConnection
    where: str = ""


Task = QueryTask | ResultExportTask


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A workflow file, ready to run.

    Attributes:
        name: the file's name without its ending.
        path: the file.
        timezone: the IANA name of the zone of the session's variables and of the schedule.
        zone: that zone.
        schedule: when it runs by itself; None where it does not.
        tasks: in the order in which they run; nested ones in their parents' place.
        warnings: what has no effect.
    """

    name: str
    path: Path
    timezone: str
    zone: tzinfo
    schedule: Schedule | None
    tasks: tuple[Task, ...]
    warnings: tuple[ValidationIssue, ...] = ()
