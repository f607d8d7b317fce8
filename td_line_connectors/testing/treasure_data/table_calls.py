"""The calls about databases and tables, and the one about the server.

Unpublished, and chosen here: a name that cannot be is 400.
"""

import json
import re
import time
from typing import Final

from td_line_connectors.testing.emulation.answers import Answer, RequestRefusedError, json_answer
from td_line_connectors.testing.treasure_data.account import Account
from td_line_connectors.testing.treasure_data.admitted import AdmittedCall
from td_line_connectors.testing.treasure_data.answers import not_found, timestamp
from td_line_connectors.testing.treasure_data.tables import Database, Table

__all__ = ["NAME", "database_create", "database_list", "server_status", "table_create", "table_list"]

NAME: Final = re.compile("[a-z0-9_]{3,128}")
"""What a database or table may be called."""


def server_status(_account: Account, _call: AdmittedCall) -> Answer:
    """Say that there is somebody; it takes no key."""
    return json_answer(200, {"status": "ok"})


def database_list(account: Account, _call: AdmittedCall) -> Answer:
    """List the databases."""
    with account.tables.lock:
        documents = [_database_document(database) for database in account.tables.databases.values()]
    return json_answer(200, {"databases": documents})


def database_create(account: Account, call: AdmittedCall) -> Answer:
    """Make a database; 409 if it is there."""
    (name,) = call.parts
    _check_name(name)
    if not account.tables.create_database(name, account.now()):
        raise RequestRefusedError(409, f"Database {name} already exists")
    return json_answer(200, {"database": name})


def table_list(account: Account, call: AdmittedCall) -> Answer:
    """List the tables of a database."""
    with account.tables.lock:
        documents = [_table_document(table) for table in _find(account, call.parts[0]).tables.values()]
    return json_answer(200, {"database": call.parts[0], "tables": documents})


def table_create(account: Account, call: AdmittedCall) -> Answer:
    """Make a table; 409 if it is there."""
    database, name = call.parts
    _check_name(name)
    with account.tables.lock:
        _find(account, database)
        if not account.tables.create_table(database, name, account.now()):
            raise RequestRefusedError(409, f"Table {database}.{name} already exists")
    return json_answer(200, {"database": database, "table": name, "type": "log"})


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise RequestRefusedError(400, f"a name must be {NAME.pattern}")


def _find(account: Account, name: str) -> Database:
    database = account.tables.databases.get(name)
    if database is None:
        raise not_found("the database")
    return database


def _database_document(database: Database) -> dict[str, object]:
    updated = max((table.updated_at for table in database.tables.values()), default=database.created_at)
    return {
        "name": database.name,
        "count": sum(len(table.rows) for table in database.tables.values()),
        "created_at": timestamp(database.created_at),
        "updated_at": timestamp(updated),
        "organization": None,
        "permission": "administrator",
        "delete_protected": False,
    }


def _table_document(table: Table) -> dict[str, object]:
    filled = bool(table.rows)
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(table.updated_at))
    columns = [[name, kind, name] for name, kind in table.columns.items() if name != "time"]
    return {
        "id": table.number,
        "name": table.name,
        "type": "log",
        "count": len(table.rows),
        "schema": json.dumps(columns),
        "estimated_storage_size": 0,
        "last_log_timestamp": None,
        "counter_updated_at": moment if filled else None,
        "created_at": timestamp(table.created_at),
        "updated_at": timestamp(table.updated_at),
        "expire_days": None,
        "include_v": True,
        "delete_protected": False,
    }
