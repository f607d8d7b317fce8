"""Queries on Treasure Data, as the registry holds them."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from td_line_connectors.errors import ConfigError, RefusedError, RemoteError
from td_line_connectors.rows import Result
from td_line_connectors.spi import Issued, JobStatus, Query, QueryConnector, QueryPlugin, Runtime
from td_line_connectors.treasure_data.job_client import JobClient
from td_line_connectors.treasure_data.job_results import ResultStream, rows_in
from td_line_connectors.treasure_data.settings import PARAMETERS, TreasureDataConfig

__all__ = ["PLUGIN", "TreasureDataQueries"]

NOT_THERE: Final = 404

MOST_WORDS: Final = 2_000
"""Characters of a failed job's own words that are shown: the last ones, where engines say what was wrong."""


@dataclass(slots=True, eq=False)
class TreasureDataQueries(QueryConnector):
    """Runs queries on Treasure Data. See `QueryConnector`.

    Attributes:
        client: makes the calls.
        runtime: the outside world.
        account: names the account, betraying neither host nor key.
    """

    client: JobClient
    runtime: Runtime
    account: str

    def issue(self, query: Query) -> Issued:
        """See `QueryConnector.issue`."""
        try:
            return self.client.issue(query)
        except RefusedError as error:
            if error.status != NOT_THERE:
                raise
            message = (
                f"Treasure Data has no database «{query.database}» that this key may see, or no engine {query.engine}: "
                "check both, and the connection's region"
            )
            raise ConfigError.of("database", "unknown_database", message) from error

    def status(self, job_id: str) -> JobStatus:
        """See `QueryConnector.status`."""
        try:
            told = self.client.status(job_id)
        except RefusedError as error:
            if error.status != NOT_THERE:
                raise
            message = f"Treasure Data knows no job {job_id}: check the number, and the connection's region and key"
            raise ConfigError.of("job_id", "unknown_job", message) from error
        return JobStatus(told) if told in STATUSES else JobStatus.RUNNING  # «booting», or a word to come

    def why_failed(self, job_id: str) -> str:
        """See `QueryConnector.why_failed`."""
        debug = self.client.show(job_id)["debug"] or {}
        words = [str(debug.get(name) or "").strip() for name in ("stderr", "cmdout")]
        text = next(filter(None, words), "it says nothing of why")
        shown = text if len(text) <= MOST_WORDS else f"… {text[-MOST_WORDS:]}"
        return "".join(each if each.isprintable() or each == "\n" else ascii(each)[1:-1] for each in shown)

    def result(self, job_id: str) -> Result:
        """See `QueryConnector.result`."""
        job = self.client.show(job_id)
        columns, count = _columns(job_id, job["hive_result_schema"]), _count(job["num_records"])
        if not columns:
            return Result((), (), total=0)
        stream = ResultStream(f"job {job_id}", lambda start: self.client.open_result(job_id, start), self.runtime)
        return Result(columns, rows_in(stream, len(columns), count), total=count, close=stream.close)

    def kill(self, job_id: str) -> None:
        """See `QueryConnector.kill`."""
        self.client.kill(job_id)

    def check(self) -> None:
        """See `QueryConnector.check`."""
        self.client.list_one()

    def close(self) -> None:
        """See `QueryConnector.close`."""
        self.client.close()


STATUSES: Final = frozenset(each.value for each in JobStatus)


def _columns(job_id: str, schema: Any) -> tuple[str, ...]:  # noqa: ANN401 - as td-client gives it
    """Give the names in a schema, which is pairs of name and type; none for a job without a result, such as INSERT."""
    try:
        columns = tuple(name for name, *_ in schema or ())
    except TypeError:
        columns = (None,)
    if not all(isinstance(each, str) for each in columns):
        raise RemoteError(f"reading job {job_id}: what it says of its columns cannot be read")
    return columns


def _count(records: object) -> int | None:
    return records if isinstance(records, int) and not isinstance(records, bool) and records >= 0 else None


def build(config: TreasureDataConfig, runtime: Runtime) -> QueryConnector:
    """Make the connector."""
    account = hashlib.sha256(f"{config.host}\n{config.api_key.reveal()}".encode()).hexdigest()
    return TreasureDataQueries(JobClient(config.host, config.api_key, runtime), runtime, account)


PLUGIN: Final = QueryPlugin(name="treasure_data", title="Treasure Data", parameters=PARAMETERS, build=build)
