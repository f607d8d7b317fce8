"""The calls about segments."""

import time
from typing import Any
from urllib.parse import parse_qs

from td_line_connectors.testing.emulation.answers import Answer, Request, RequestRefusedError, json_answer
from td_line_connectors.testing.emulation.forms import parse_form
from td_line_connectors.testing.maac.account import Account
from td_line_connectors.testing.maac.answers import csv_answer
from td_line_connectors.testing.maac.segments import CUSTOM, Segment, SegmentLimitError
from td_line_connectors.testing.maac.uploads import parse_uids

__all__ = ["segment_create", "segment_delete", "segment_get", "segment_list", "segment_members", "segment_update"]


def segment_list(account: Account, request: Request, _number: int) -> Answer:
    """List a page of segments."""
    query = parse_qs(request.query)
    try:
        with account.lock:
            page, token = account.segment_book.page(query.get("name", [""])[0], query.get("start", [""])[0])
    except ValueError as error:
        raise RequestRefusedError(400, "start: must be the next of an earlier answer") from error
    return json_answer(200, {"results": [_segment_document(account, segment) for segment in page], "next": token})


def segment_get(account: Account, _request: Request, number: int) -> Answer:
    """Give one segment."""
    return json_answer(200, _segment_document(account, _find_segment(account, number)))


def segment_create(account: Account, request: Request, _number: int) -> Answer:
    """Make a custom segment, even if its name is there already."""
    name, description, uids = _read_segment(request)
    if name is None or uids is None:
        raise RequestRefusedError(400, "name, file: both are required")
    try:
        with account.lock:
            account.segment_book.check_room(account.segment_limit)
            segment = account.segment_book.add(
                name, uids, description=description or "", segment_type=CUSTOM, ready_at=_ready_at(account)
            )
    except SegmentLimitError as error:
        raise RequestRefusedError(400, str(error)) from error
    return json_answer(201, _segment_document(account, segment))


def segment_update(account: Account, request: Request, number: int) -> Answer:
    """Change a custom segment; a file is its new list."""
    name, description, uids = _read_segment(request)
    if name is None and description is None and uids is None:
        raise RequestRefusedError(400, "name, description, file: at least one is required")
    with account.lock:
        segment = _find_segment(account, number)
        if segment.segment_type != CUSTOM:
            raise RequestRefusedError(404, "no such custom segment")
        changed = account.segment_book.change(
            segment, name=name, description=description, uids=uids, ready_at=_ready_at(account)
        )
    return json_answer(200, _segment_document(account, changed))


def segment_delete(account: Account, _request: Request, number: int) -> Answer:
    """Remove a segment of either type."""
    with account.lock:
        if not account.segment_book.remove(number):
            raise RequestRefusedError(404, "no such segment")
    return Answer(204)


def segment_members(account: Account, _request: Request, number: int) -> Answer:
    """Give the people of a segment whom the account reaches."""
    segment = _find_segment(account, number)
    uids = _reached(account, segment) if account.tempo.now() >= segment.ready_at else []
    day = time.strftime("%Y-%m-%d", time.gmtime(account.tempo.now()))
    return csv_answer(uids, f"{day}_segment_{number}_members.csv")


def _read_segment(request: Request) -> tuple[str | None, str | None, list[str] | None]:
    form = parse_form(request.headers.get("content-type", ""), request.body)
    name = form.fields.get("name")
    if name is not None and not name.strip():
        raise RequestRefusedError(400, "name: must not be blank")
    uids = parse_uids(form.files["file"]) if "file" in form.files else None
    return name, form.fields.get("description"), uids


def _find_segment(account: Account, number: int) -> Segment:
    with account.lock:
        segment = account.segment_book.find(number)
    if segment is None:
        raise RequestRefusedError(404, "no such segment")
    return segment


def _ready_at(account: Account) -> float:
    return account.tempo.now() + account.tempo.scaled(account.tempo.segment_seconds)


def _reached(account: Account, segment: Segment) -> list[str]:
    return [uid for uid in segment.uids if account.is_friend(uid)]


def _segment_document(account: Account, segment: Segment) -> dict[str, Any]:
    ready = account.tempo.now() >= segment.ready_at
    return {
        "id": segment.id,
        "name": segment.name,
        "description": segment.description,
        "segment_type": segment.segment_type,
        "member_count": len(_reached(account, segment)) if ready else -1,
        "status": 2 if ready else 1,
        "last_updated_time": account.rules.timestamp(segment.ready_at) if ready else None,
    }
