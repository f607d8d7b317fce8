"""Rows become members, with tags."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from td_line_connectors.connectors.crescendo.api import MaacApi
from td_line_connectors.connectors.crescendo.records import MAX_TAGS, Member, member_schema
from td_line_connectors.connectors.crescendo.settings import CrescendoConfig
from td_line_connectors.errors import TaskTimeoutError
from td_line_connectors.spi import Limits, Outcome, OutputConnector, Refusal, Runtime, Ticket, poll
from td_line_connectors.transport.http import Json
from td_line_connectors.transport.retry import RetryPolicy

__all__ = ["MembersOutput"]

COUNTED_ERRORS: Final = {
    "blank_error": "without a key",
    "duplicate_error": "with a key that is repeated",
    "gender_error": "with a gender it does not know",
    "mobile_error": "with a mobile number it does not accept",
    "birthday_error": "with a birthday it does not accept",
}
"""MAAC's counts for a refused import; a part of the import without those rows would be accepted."""

NAMED_ERRORS: Final = {
    "miss_fields": "columns it misses",
    "useless_fields": "columns it does not know",
}
"""MAAC's lists of column names for a refused import; every part of it would be refused alike."""

COLUMN_NAME: Final = re.compile(r"[a-z]+(?:_[a-z]+)*")
NAMES_SHOWN: Final = 10


class MembersOutput(OutputConnector[Member]):
    """The import of members: asynchronous, one at a time, 15 a minute for each account.

    Args:
        config: typed settings with `data_object` members.
        api: MAAC's calls.
        account: the account's name for the quota.
        runtime: clock and sleep for polling.
    """

    name = "line_via_crescendo"
    data_object = "members"
    repeatable = True  # importing the same request twice leaves the same members and tags

    def __init__(self, config: CrescendoConfig, api: MaacApi, account: str, runtime: Runtime) -> None:
        assert config.import_key is not None, "the schema requires an import key for members"
        self.rows = member_schema(config.import_key, config.local_phone_region)
        self.limits = Limits(
            rows=10_000,
            bytes=10_000_000,
            overflow="cut",
            per_minute=config.imports_per_minute,
            unanswered=config.request_timeout,
        )
        self.account = account
        self.skip_invalid = config.skip_invalid_records
        self.retry = RetryPolicy(rate_limit_patience=config.task_timeout)  # 429 means busy, too: it is waited out
        self._config = config
        self._key = Member._fields.index(config.import_key)
        self._api = api
        self._runtime = runtime

    def key(self, record: Member) -> str:
        """Give the value of the import key's column."""
        return str(record[self._key])

    def merge(self, earlier: Member, later: Member) -> Member | None:
        """Do what MAAC does with two imports in turn: a value given overwrites, tags are only added.

        Returns:
            None where the tags together are more than one row may carry.
        """
        merged = Member._make(old if new is None else new for old, new in zip(earlier, later, strict=True))
        if not (earlier.tags and later.tags):
            return merged
        tags = tuple(dict.fromkeys(earlier.tags + later.tags))
        return merged._replace(tags=tags) if len(tags) <= MAX_TAGS else None

    def encode(self, records: Sequence[Member]) -> bytes:
        """Give MAAC's JSON body: the import key, a row for each record with only what it has, the tags for all."""
        rows = [_given(record) for record in records]
        body = {"import_key": self._config.import_key, "data": rows, "tags": self._config.tags or ()}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    def submit(self, body: bytes) -> Ticket:
        """Start the import."""
        return json.dumps({"task": self._api.start_import(body)})

    def settle(self, ticket: Ticket) -> Outcome:
        """Wait for the import's task and read its counts.

        Raises:
            TaskTimeoutError: if MAAC has not finished within `task_timeout`.
        """
        task_id = int(json.loads(ticket)["task"])
        task = poll(
            lambda: self._api.import_task(task_id),
            lambda answer: answer.done,
            interval=self._config.poll_interval,
            within=self._config.task_timeout,
            runtime=self._runtime,
        )
        if task is None:
            waited = f"{self._config.task_timeout:g} s"
            raise TaskTimeoutError(
                f"waiting for import {task_id}: MAAC had not finished after {waited}; resume the run later"
            )
        return _outcome(task.result)

    def check(self) -> None:
        """Try the token with the cheapest call there is."""
        next(self._api.segments(""), None)

    def close(self) -> None:
        """Let go of the connection."""
        self._api.close()


def _given(record: Member) -> Mapping[str, object]:
    """Name the values that a record has; the case that it has all is the quickest to make."""
    named = dict(zip(Member._fields, record, strict=True))
    return {name: value for name, value in named.items() if value is not None} if None in record else named


def _outcome(result: Mapping[str, Json]) -> Outcome:
    """Read the result of a finished task."""
    if result.get("success") is True:
        written = _count(result, "created_num") + _count(result, "updated_num")
        return Outcome(written=written, mismatched=_count(result, "mismatch_num"))
    counts = {name: _count(result, name) for name in COUNTED_ERRORS if _count(result, name)}
    names = {name: each for name in NAMED_ERRORS if isinstance(each := result.get(name), list) and each}
    parts = [f"{count} {'row' if count == 1 else 'rows'} {COUNTED_ERRORS[name]}" for name, count in counts.items()]
    parts += [f"{NAMED_ERRORS[name]}: {_legible(listed)}" for name, listed in names.items()]
    message = f"MAAC refused the import: {'; '.join(parts) or 'it gave no reason'}"
    code = ",".join([*counts, *names]) or "refused"
    return Outcome(refused=Refusal(code, message, sum(counts.values()) or None, searchable=bool(counts) and not names))


def _legible(listed: Sequence[Json]) -> str:
    """Name the first columns of a list; what does not look like a column's name may be a person's data."""
    names = [each for each in listed if isinstance(each, str) and COLUMN_NAME.fullmatch(each)]
    return ", ".join(names[:NAMES_SHOWN]) or "it named none"


def _count(result: Mapping[str, Json], name: str) -> int:
    value = result.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
