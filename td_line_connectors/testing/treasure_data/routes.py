"""Which operation does a request mean?"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

__all__ = ["WRITES", "Route", "TreasureDataOperation", "find_route"]


class TreasureDataOperation(StrEnum):
    """The calls of Treasure Data that the emulator answers. One address plays all three hosts."""

    INGEST = "ingest"
    IMPORT = "import"
    IMPORT_WITH_ID = "import_with_id"
    JOB_ISSUE = "job_issue"
    JOB_STATUS = "job_status"
    JOB_SHOW = "job_show"
    JOB_LIST = "job_list"
    JOB_RESULT = "job_result"
    JOB_KILL = "job_kill"
    DATABASE_LIST = "database_list"
    DATABASE_CREATE = "database_create"
    TABLE_LIST = "table_list"
    TABLE_CREATE = "table_create"
    SERVER_STATUS = "server_status"


_Operation = TreasureDataOperation

WRITES: Final = frozenset({_Operation.INGEST, _Operation.IMPORT, _Operation.IMPORT_WITH_ID})
"""What a write-only key may do."""


@dataclass(frozen=True, slots=True)
class Route:
    """What a path stands for.

    Attributes:
        operation: the operation.
        method: the one HTTP method that the path knows.
        parts: the names in the path, decoded, in their order.
    """

    operation: TreasureDataOperation
    method: str
    parts: tuple[str, ...]


_PATHS: Final = tuple(
    (re.compile(pattern.replace("{}", "([^/]+)")), method, operation)
    for pattern, method, operation in (
        ("/v3/table/import/{}/{}/msgpack.gz", "PUT", _Operation.IMPORT),
        ("/v3/table/import_with_id/{}/{}/{}/msgpack.gz", "PUT", _Operation.IMPORT_WITH_ID),
        ("/v3/job/issue/{}/{}", "POST", _Operation.JOB_ISSUE),
        ("/v3/job/status/{}", "GET", _Operation.JOB_STATUS),
        ("/v3/job/show/{}", "GET", _Operation.JOB_SHOW),
        ("/v3/job/list", "GET", _Operation.JOB_LIST),
        ("/v3/job/result/{}", "GET", _Operation.JOB_RESULT),
        ("/v3/job/kill/{}", "POST", _Operation.JOB_KILL),
        ("/v3/database/list", "GET", _Operation.DATABASE_LIST),
        ("/v3/database/create/{}", "POST", _Operation.DATABASE_CREATE),
        ("/v3/table/list/{}", "GET", _Operation.TABLE_LIST),
        ("/v3/table/create/{}/{}/log", "POST", _Operation.TABLE_CREATE),
        ("/v3/system/server_status", "GET", _Operation.SERVER_STATUS),
        ("/(?!v3/){}/{}", "POST", _Operation.INGEST),
    )
)


def find_route(path: str) -> Route | None:
    """Find what a path stands for; None where there is nothing."""
    for pattern, method, operation in _PATHS:
        if found := pattern.fullmatch(path):
            return Route(operation, method, tuple(map(unquote, found.groups())))
    return None
