"""Answers as Treasure Data words them.

The members of an error body are those that td-client-java reads: `error`, `text`, `severity` and, for a conflict,
`details`. Times are as the published OpenAPI description writes them.
"""

import time
from math import inf

from td_line_connectors.testing.emulation.answers import Answer, RequestRefusedError, json_answer

__all__ = ["not_found", "refused_answer", "timestamp"]


def refused_answer(refused: RequestRefusedError) -> Answer:
    """Make the answer to a request that is refused."""
    document: dict[str, object] = {"error": refused.detail, "text": refused.detail, "severity": "error"}
    if refused.details:
        document["details"] = dict(refused.details)
    return json_answer(refused.status, document, headers=refused.headers)


def not_found(what: str) -> RequestRefusedError:
    """Make the refusal of a request for what is not there."""
    return RequestRefusedError(404, f"Resource not found: {what}")


def timestamp(seconds: float | None) -> str:
    """Write epoch seconds as `2020-12-31 11:22:33 UTC`; empty text for a moment that has not come."""
    return "" if seconds is None or seconds == inf else time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))
