"""The Data Ingestion API: records in, a receipt for each.

Published: the table must be there; columns that are new are added; `time` is in unix seconds, else it is the current
time; `uuid` is the pipeline's own, given back in the receipt and not stored.
Unpublished, and chosen here: the receipt calls it `uuid`; a table that is not there is 404; a record that is too
large, or whose `uuid` is none, is a receipt with an error; a batch of which nothing was taken is 206 all the same; a
`uuid` that comes again is taken again, and counted.
"""

from collections.abc import Iterator
from secrets import token_hex
from typing import Any
from uuid import UUID

from td_line_connectors.testing.emulation.answers import Answer, json_answer
from td_line_connectors.testing.emulation.faults import FaultKind
from td_line_connectors.testing.treasure_data.account import Account, Delivery
from td_line_connectors.testing.treasure_data.admitted import AdmittedCall
from td_line_connectors.testing.treasure_data.answers import not_found
from td_line_connectors.testing.treasure_data.batches import RECORD_BYTES, read_batch
from td_line_connectors.testing.treasure_data.judging import RecordError, judge, unix_seconds

__all__ = ["ingest"]


def ingest(account: Account, call: AdmittedCall) -> Answer:
    """Take records, each for itself."""
    database, name = call.parts
    table = account.tables.find(database, name)
    if table is None:
        raise not_found("the table")
    records, sizes = read_batch(account, call.request)
    fault = call.fault(FaultKind.RECORD_ERRORS)
    told = dict.fromkeys(fault.records, RecordError(fault.error, "told to fail")) if fault else {}
    receipts, rows = [], []
    now = account.now()
    with account.tables.lock:
        columns = set(table.columns)
        for place, (record, size, made) in enumerate(zip(records, sizes, _made_uuids(len(records)), strict=True)):
            given = record.pop("uuid", None)
            error = told.get(place) or _error_of(record, size, given, columns)
            receipts.append(_receipt(given or made, error))
            if error is None:
                columns |= record.keys()
                record["time"] = _seconds(account, record, now)
                rows.append(record)
                if given is not None:
                    table.pipeline_uuids[given] += 1
        table.append(rows, now)
        account.deliveries.append(Delivery(database, name, len(records), len(rows), now))
    whole = len(rows) == len(records)
    return json_answer(200 if whole else 206, {"receipts": _miscounted(receipts, call)})


def _error_of(record: dict[str, Any], size: int, pipeline_uuid: object, columns: set[str]) -> RecordError | None:
    if size > RECORD_BYTES:
        return RecordError("InvalidPropertyValueError", f"the record has more than {RECORD_BYTES} bytes")
    if pipeline_uuid is not None and not _is_uuid(pipeline_uuid):
        return RecordError("InvalidPropertyValueError", "uuid: must be a UUID; it is no column of yours")
    return judge(record, columns)


def _made_uuids(count: int) -> Iterator[str]:
    """Make random UUIDs of version 4; many at once, as UUID objects are slow."""
    digits = token_hex(16 * count)
    for at in range(0, 32 * count, 32):
        one = digits[at : at + 32]
        yield f"{one[:8]}-{one[8:12]}-4{one[13:16]}-a{one[17:20]}-{one[20:]}"


def _is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _seconds(account: Account, record: dict[str, Any], now: float) -> int:
    given = record.get("time")
    seconds = unix_seconds(given)
    if seconds is None and given is not None:
        account.report("time")
    return int(now) if seconds is None else seconds


def _receipt(pipeline_uuid: object, error: RecordError | None) -> dict[str, object]:
    receipt: dict[str, object] = {"success": error is None, "uuid": pipeline_uuid}
    return receipt if error is None else receipt | {"error": error._asdict()}


def _miscounted(receipts: list[dict[str, object]], call: AdmittedCall) -> list[dict[str, object]]:
    """Give as many receipts as a fault has it; without one, all."""
    fault = call.fault(FaultKind.WRONG_COUNTS)
    if fault is None:
        return receipts
    return (receipts + [{"success": True}] * max(0, fault.off_by))[: max(0, len(receipts) + fault.off_by)]
