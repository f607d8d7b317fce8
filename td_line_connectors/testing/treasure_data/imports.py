"""The Import API: a file of records, all or none, and once for each unique id.

Published: gzipped msgpack of one map after the other, `time` in integer seconds in each; a unique id that comes again
stores nothing again. Unpublished, and chosen here: a file with anything wrong in it is refused whole, 400; the unique
ids of all tables are remembered together and for ever. So one that is used for a second table, or for other content,
loses rows here, and is a limit not kept: nobody can know that more would do.
"""

import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from td_line_connectors.testing.emulation.answers import Answer, RequestRefusedError, json_answer
from td_line_connectors.testing.treasure_data.account import Account, Delivery
from td_line_connectors.testing.treasure_data.admitted import AdmittedCall
from td_line_connectors.testing.treasure_data.answers import not_found
from td_line_connectors.testing.treasure_data.judging import judge, unix_seconds
from td_line_connectors.testing.treasure_data.packing import UnreadableError, unpack_objects
from td_line_connectors.testing.treasure_data.tables import Table

__all__ = ["import_file"]


def import_file(account: Account, call: AdmittedCall) -> Answer:
    """Store a file of records, unless its unique id was there before."""
    began = time.perf_counter()
    database, name, *ids = call.parts
    unique_id = ids[0] if ids else None
    table = account.tables.find(database, name)
    if table is None:
        raise not_found("the table")
    content, records = _read(call.request.body)
    with account.tables.lock:
        known = account.unique_ids.get(unique_id) if unique_id is not None else None
        if known is None:
            _judge(records, table)
            table.append(records, account.now())
        elif known != (database, name, content):
            account.report("unique_id")
        if unique_id is not None:
            account.unique_ids.setdefault(unique_id, (database, name, content))
        taken = 0 if known else len(records)
        account.deliveries.append(Delivery(database, name, len(records), taken, account.now(), unique_id))
    document: dict[str, object] = {"database": database, "table": name, "elapsed_time": time.perf_counter() - began}
    return json_answer(200, document if unique_id is None else document | {"unique_id": unique_id})


def _read(body: bytes) -> tuple[str, list[dict[Any, Any]]]:
    """Read the records, and a digest of them all: gzip may write the same bytes down in another way."""
    try:
        packed, records = unpack_objects(body)
    except UnreadableError as error:
        raise RequestRefusedError(400, str(error)) from error
    if not records or not all(isinstance(record, dict) for record in records):
        raise RequestRefusedError(400, "the file must be of maps, with at least one")
    return sha256(packed).hexdigest(), records


def _judge(records: Sequence[dict[Any, Any]], table: Table) -> None:
    """Judge every record.

    Raises:
        RequestRefusedError: 400, something is wrong with one of them.
    """
    columns = set(table.columns)
    for place, record in enumerate(records):
        if unix_seconds(record.get("time")) is None:
            raise RequestRefusedError(400, f"record {place}: time: must be integer unix seconds")
        if error := judge(record, columns):
            raise RequestRefusedError(400, f"record {place}: {error.description}")
        columns |= record.keys()
