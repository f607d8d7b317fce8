"""A far side that runs queries and fits in a page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from td_line_connectors.errors import ConfigError
from td_line_connectors.rows import Result
from td_line_connectors.spi import Issued, JobStatus, Query, QueryConnector, QueryPlugin
from td_line_connectors.treasure_data.settings import PARAMETERS


@dataclass
class FarQueries(QueryConnector):
    """Keeps jobs. Each look at one takes the next of `statuses`: a status, or an error to raise; then it is done.

    Attributes:
        statuses: what the looks say.
        on_kill: what a kill does.
        jobs: by the key that they were issued under.
        dead: the numbers of jobs that came to nothing.
        looks, killed, closed: what was asked.
    """

    statuses: Iterator[JobStatus | BaseException] = field(default_factory=lambda: iter(()))
    on_kill: Callable[[], None] = lambda: None
    jobs: dict[str, str] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    asked: list[Query] = field(default_factory=list)
    looks: int = 0
    killed: list[str] = field(default_factory=list)
    closed: int = 0
    let_go: int = 0
    words: str | BaseException = "no such column"
    account: str = "far"

    def issue(self, query: Query) -> Issued:
        self.asked.append(query)
        is_new = query.key not in self.jobs
        return Issued(self.jobs.setdefault(query.key, str(len(self.jobs) + 1)), is_new)

    def status(self, job_id: str) -> JobStatus:
        if job_id not in self.jobs.values():
            raise ConfigError.of("job_id", "unknown_job", f"no job {job_id}")
        if job_id in self.dead:
            return JobStatus.ERROR
        self.looks += 1
        status = next(self.statuses, JobStatus.SUCCESS)
        if isinstance(status, BaseException):
            raise status
        return status

    def why_failed(self, job_id: str) -> str:
        if isinstance(self.words, BaseException):
            raise self.words
        return f"{self.words} in {job_id}"

    def result(self, job_id: str) -> Result:
        return Result(("job",), iter([(job_id,)]), total=1, close=self._let_go)

    def _let_go(self) -> None:
        self.let_go += 1

    def kill(self, job_id: str) -> None:
        self.killed.append(job_id)
        self.on_kill()

    def check(self) -> None:
        raise AssertionError("no run tries the key")

    def close(self) -> None:
        self.closed += 1

    def plugin(self) -> "QueryPlugin[object]":
        """Give what the registry would hold."""
        return QueryPlugin(
            name="treasure_data",
            title="Far",
            parameters=PARAMETERS,  # type: ignore[arg-type]  # read, and not looked at
            build=lambda config, runtime: self,
        )
