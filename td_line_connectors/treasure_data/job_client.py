"""What is asked of Treasure Data about jobs?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from td_line_connectors.secret import Secret
from td_line_connectors.spi import Issued, Query, Runtime
from td_line_connectors.transport.answers import Call
from td_line_connectors.transport.retry import RetryPolicy
from td_line_connectors.treasure_data.result_part import ResultPart
from td_line_connectors.treasure_data.td_client import Api, OpenAnswer, answered, close_api, issue_query, open_api

__all__ = ["JobClient"]

T = TypeVar("T")

USUAL: Final = RetryPolicy()
ONCE: Final = RetryPolicy(attempts=1)
SOON: Final = RetryPolicy(attempts=3, within=10.0)
"""For what a person waits for who has pressed Ctrl-C."""


@dataclass(slots=True, eq=False)
class JobClient:
    """Treasure Data's calls about jobs. Each may be repeated, an issue by its key, and is, where that may help.

    Every call raises `RemoteError` where it cannot be done, of which `RefusedError` has the status, and `ConfigError`
    where td-client is not installed, or the key, a proxy or the CA file cannot be used. For one thread at a time.

    Attributes:
        host: scheme and host of the API; the key goes nowhere else.
        key: the API key.
        runtime: the outside world.
    """

    host: str
    key: Secret
    runtime: Runtime = field(repr=False)
    _api: "Api | None" = field(default=None, init=False, repr=False)

    def issue(self, query: Query) -> Issued:
        """Issue a job, or find the one that has the query's key already."""
        call = Call("POST", f"/v3/job/issue/{query.engine}/{query.database}", repeatable=True)
        return self._ask(call, lambda api: issue_query(api, query))

    def status(self, job_id: str) -> str:
        """Give a job's status in Treasure Data's word."""
        call = Call("GET", f"/v3/job/status/{job_id}", repeatable=True)
        return self._ask(call, lambda api: str(api.job_status(job_id)))

    def show(self, job_id: str) -> Mapping[str, Any]:
        """Give what Treasure Data tells of a job, as td-client reads it."""
        call = Call("GET", f"/v3/job/show/{job_id}", repeatable=True)
        return self._ask(call, lambda api: api.show_job(job_id))

    def kill(self, job_id: str) -> None:
        """Stop a job."""
        call = Call("POST", f"/v3/job/kill/{job_id}", repeatable=True)
        self._ask(call, lambda api: api.kill(job_id), SOON)

    def list_one(self) -> None:
        """List one job: it takes a key that may query."""
        self._ask(Call("GET", "/v3/job/list", repeatable=True), lambda api: api.list_jobs(0, 0))

    def open_result(self, job_id: str, start: int) -> ResultPart:
        """Begin to read a job's result in the format `msgpack.gz`, from one of its bytes on. It is tried once."""
        call = Call("GET", f"/v3/job/result/{job_id}", repeatable=True)
        headers = {"range": f"bytes={start}-"} if start else {}

        def ask(api: "Api") -> "OpenAnswer":
            return api.get(f"{call.path}?format=msgpack.gz", headers=headers).__enter__()  # the part closes it

        return ResultPart.of(call, self._ask(call, ask, ONCE), start)

    def close(self) -> None:
        """Let go of the connections. Safe to call twice; a later call connects anew."""
        api, self._api = self._api, None
        if api is not None:
            close_api(api)

    def _ask(self, call: Call, ask: "Callable[[Api], T]", retry: RetryPolicy = USUAL) -> T:
        """Ask, and try again as `retry` says."""
        world = self.runtime
        api = self._api = self._api or open_api(self.host, self.key, world)
        return retry.call(
            lambda: answered(call, lambda: ask(api)), sleep=world.sleep, monotonic=world.monotonic, random=world.random
        )
