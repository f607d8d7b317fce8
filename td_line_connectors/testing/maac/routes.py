"""Which operation does a request mean?"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["Operation", "Route", "find_route"]


class Operation(StrEnum):
    """The calls of the MAAC Open API that the emulator answers."""

    MEMBER_IMPORT = "member_import"
    MEMBER_TASK = "member_task"
    MISMATCH_EXPORT = "mismatch_export"
    SEGMENT_LIST = "segment_list"
    SEGMENT_GET = "segment_get"
    SEGMENT_CREATE = "segment_create"
    SEGMENT_UPDATE = "segment_update"
    SEGMENT_DELETE = "segment_delete"
    SEGMENT_MEMBERS = "segment_members"


@dataclass(frozen=True, slots=True)
class Route:
    """What a path stands for.

    Attributes:
        operations: the operation of each method that the path knows.
        id: the number in the path; 0 where it has none.
    """

    operations: dict[str, Operation]
    id: int = 0


_PATHS: Final = tuple(
    (re.compile(rf"/openapi/v1/{pattern}/"), operations)
    for pattern, operations in (
        ("member/import", {"POST": Operation.MEMBER_IMPORT}),
        ("member/import/([0-9]{1,18})", {"GET": Operation.MEMBER_TASK}),
        ("member/import/([0-9]{1,18})/mismatch", {"GET": Operation.MISMATCH_EXPORT}),
        ("segment", {"GET": Operation.SEGMENT_LIST}),
        ("segment/([0-9]{1,18})", {"GET": Operation.SEGMENT_GET, "DELETE": Operation.SEGMENT_DELETE}),
        ("segment/([0-9]{1,18})/members", {"GET": Operation.SEGMENT_MEMBERS}),
        ("custom_segment", {"POST": Operation.SEGMENT_CREATE}),
        ("custom_segment/([0-9]{1,18})", {"PATCH": Operation.SEGMENT_UPDATE}),
    )
)


def find_route(path: str) -> Route | None:
    """Find what a path stands for; None where there is nothing. The slash at the end belongs to it, as published."""
    for pattern, operations in _PATHS:
        if found := pattern.fullmatch(path):
            return Route(operations, int(found[1]) if found.groups() else 0)
    return None
