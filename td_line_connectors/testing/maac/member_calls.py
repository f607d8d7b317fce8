"""The calls about members."""

import json
from typing import Any, Final

from td_line_connectors.testing.emulation.answers import Answer, Request, RequestRefusedError, json_answer
from td_line_connectors.testing.emulation.faults import WireFault
from td_line_connectors.testing.maac.account import Account
from td_line_connectors.testing.maac.answers import csv_answer
from td_line_connectors.testing.maac.judging import IMPORT_KEYS, tag_names
from td_line_connectors.testing.maac.tasks import ImportBusyError, ImportTask

__all__ = ["BODY_BYTES", "IMPORT_ROWS", "member_import", "member_task", "mismatch_export"]

IMPORT_ROWS: Final = 10_000
BODY_BYTES: Final = 10_000_000
"""The published 10 MB, read as the smaller of its meanings. Which status a longer body gets is not published: 400."""


def member_import(account: Account, request: Request, fault: WireFault | None) -> Answer:
    """Start an import, or say why it may not.

    Args:
        account: whose members they are.
        request: the call.
        fault: spoils the task.
    """
    now = account.tempo.now()
    try:
        with account.desk.turn(now):
            if len(request.body) > BODY_BYTES:
                account.desk.report("bytes", now)
                raise RequestRefusedError(400, f"a body of at most {BODY_BYTES} bytes")
            import_key, data, tags = _read_import(request)
            if len(data) > IMPORT_ROWS:
                account.desk.report("rows", now)
                raise RequestRefusedError(400, f"data: at most {IMPORT_ROWS} rows")
            task = account.start_import(import_key, data, tags, fault)
    except ImportBusyError as busy:
        raise RequestRefusedError(429, str(busy)) from busy
    return json_answer(200, {"id": task.id, "result": "start importing"}, delivered=task.announce)


def _read_import(request: Request) -> tuple[str, list[dict[str, Any]], list[str]]:
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise RequestRefusedError(400, "Content-Type: must be application/json")
    try:
        document = json.loads(request.body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RequestRefusedError(400, "the body must be JSON in UTF-8") from error
    if not isinstance(document, dict):
        raise RequestRefusedError(400, "the body must be an object")
    import_key, data = document.get("import_key"), document.get("data")
    if import_key not in IMPORT_KEYS:
        raise RequestRefusedError(400, f"import_key: one of {', '.join(IMPORT_KEYS)}")
    if not isinstance(data, list) or not data or not all(isinstance(row, dict) for row in data):
        raise RequestRefusedError(400, "data: must be an array of objects, with at least one")
    return import_key, data, list(tag_names(document.get("tags"), "tags"))


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def member_task(account: Account, request: Request, number: int) -> Answer:
    """Tell how far an import is. The HTTP status is that of the query."""
    task = _find_task(account, number)
    now, timestamp = account.tempo.now(), account.rules.timestamp
    status = task.status(now)
    document: dict[str, Any] = {
        "category": "import_member",
        "status": status,
        "created_at": timestamp(task.accepted_at),
        "updated_at": timestamp(task.changed_at(now)),
    }
    if status == "done":
        document["result"] = dict(task.result)
        if task.result["success"]:
            document["result"]["start_time"] = timestamp(task.accepted_at)
            document["result"]["end_time"] = timestamp(task.done_at)
        if task.result["success"] and task.import_key == "line_uid":
            host = request.headers.get("host", "")
            document["result"]["mismatch_export_link"] = f"http://{host}{request.path}mismatch/"
    return json_answer(200, document)


def mismatch_export(account: Account, _request: Request, number: int) -> Answer:
    """Give the keys that an import could not reach: what its `mismatch_export_link` leads to."""
    return csv_answer(_find_task(account, number).mismatched, f"mismatch_{number}.csv")


def _find_task(account: Account, number: int) -> ImportTask:
    task = account.desk.find(number)
    if task is None:
        raise RequestRefusedError(404, "no such task")
    return task
