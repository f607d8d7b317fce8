"""What is said of one request?"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from td_line_connectors.runs.history import RequestRecord

__all__ = ["HEADINGS", "request_cells", "request_json"]

HEADINGS: Final = ("request", "rows", "task id", "outcome", "written", "mismatched", "seconds", "attempts")


def request_json(request: RequestRecord) -> dict[str, object]:
    """Give a request as JSON values."""
    return {
        "request": request.number,
        "rows": request.rows,
        "ticket": _ticket(request),
        "outcome": request.outcome,
        "written": request.written,
        "mismatched": request.mismatched,
        "seconds": None if request.seconds is None else round(request.seconds, 3),
        "attempts": request.attempts,
    }


def request_cells(request: RequestRecord) -> Sequence[str | int | float | None]:
    """Give what stands under `HEADINGS`."""
    return (
        request.number,
        request.rows,
        _in_words(_ticket(request)),
        request.outcome,
        request.written,
        request.mismatched,
        request.seconds,
        request.attempts,
    )


def _ticket(request: RequestRecord) -> Any:  # noqa: ANN401 - any JSON: a connector's own
    """Give the far side's ticket as JSON values; its text where it is no JSON."""
    try:
        return None if request.ticket is None else json.loads(request.ticket)
    except ValueError:
        return request.ticket


def _in_words(ticket: object) -> str | None:
    if isinstance(ticket, Mapping):
        return ", ".join(f"{name} {value}" for name, value in ticket.items())
    return None if ticket is None else str(ticket)
