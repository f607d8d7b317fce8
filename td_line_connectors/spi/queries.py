"""What is a query connector?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from td_line_connectors.rows import Result
from td_line_connectors.schema.columns import Column
from td_line_connectors.schema.parameters import ParameterSchema
from td_line_connectors.spi.runtime import Runtime

__all__ = ["Issued", "JobStatus", "Query", "QueryConnector", "QueryPlugin"]

C = TypeVar("C")


class JobStatus(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    """It waits for its turn."""
    RUNNING = "running"
    SUCCESS = "success"
    """It has a result."""
    ERROR = "error"
    """It failed."""
    KILLED = "killed"
    """Somebody stopped it."""

    @property
    def is_final(self) -> bool:
        """Whether it stays so."""
        return self not in (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query, and the name under which it is run once.

    Attributes:
        engine: what runs it, as the workflow says.
        database: the database's name.
        sql: the query.
        key: issued again under the same key, it is the same job.
    """

    engine: str
    database: str
    sql: str = field(repr=False)
    key: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A job that was issued.

    Attributes:
        job_id: its number.
        is_new: whether this call may have made it; else it surely was there before.
    """

    job_id: str
    is_new: bool


class QueryConnector(Protocol):
    """A far side that runs queries: verbs that come back at once. Waiting, and what is told of it, are the host's.

    Each raises `RemoteError` where it cannot be done now, and `RefusedError` where the far side says no.

    Attributes:
        account: a text equal for equal accounts that betrays nothing of the key.
    """

    account: str

    def issue(self, query: Query) -> Issued:
        """Have a query run; where its key was there before, the job of that time counts.

        Raises:
            ConfigError: if there is no such engine or database.
        """

    def status(self, job_id: str) -> JobStatus:
        """Say how far a job is.

        Raises:
            ConfigError: if there is no such job.
        """

    def why_failed(self, job_id: str) -> str:
        """Give a failed job's own words, of a length that people read; without characters that command a terminal."""

    def result(self, job_id: str) -> Result:
        """Give what a job found, as a stream: nothing is fetched before the first row is asked for.

        Args:
            job_id: a job whose status is `success`.

        Returns:
            its rows; `total` says how many, where that is known. A row raises `RemoteError` where the line breaks for
            good, or what came is not what the job found.
        """

    def kill(self, job_id: str) -> None:
        """Stop a job; one that has come to its end stays as it is."""

    def check(self) -> None:
        """Make the cheapest call that needs the credentials, writing nothing."""

    def close(self) -> None:
        """Let go of connections. Safe to call twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryPlugin(Generic[C]):
    """What the registry holds for a far side that runs queries: a value, made by its author.

    Attributes:
        name: as the YAML writes it: `^[a-z0-9]+(_[a-z0-9]+)*$`.
        title: as people call it.
        parameters: what its connection may be told; there are no settings beside it.
        build: typed configuration and runtime → connector. Does no I/O.
    """

    name: str
    title: str
    parameters: ParameterSchema[C]
    build: Callable[[C, Runtime], QueryConnector]

    @property
    def columns(self) -> Mapping[str, Sequence[Column]]:
        """None: the columns of a query are its own."""
        return {}

    def connect(self, settings: Mapping[str, object], runtime: Runtime) -> QueryConnector:
        """Make a connector from raw settings.

        Args:
            settings: parameter name → raw value.
            runtime: the outside world.

        Raises:
            ConfigError: with every issue at once.
        """
        return self.build(self.parameters.parse(settings), runtime)
