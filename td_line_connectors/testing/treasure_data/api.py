"""Treasure Data's APIs: an operation's answer."""

from collections.abc import Callable
from typing import Final

from td_line_connectors.testing.emulation.answers import Answer, RequestRefusedError
from td_line_connectors.testing.treasure_data import ingestion, job_calls, table_calls
from td_line_connectors.testing.treasure_data.account import Account
from td_line_connectors.testing.treasure_data.admitted import AdmittedCall
from td_line_connectors.testing.treasure_data.answers import refused_answer
from td_line_connectors.testing.treasure_data.imports import import_file
from td_line_connectors.testing.treasure_data.routes import TreasureDataOperation

__all__ = ["carry_out"]


def carry_out(account: Account, call: AdmittedCall) -> Answer:
    """Do what a call asks for."""
    try:
        return _CALLS[call.operation](account, call)
    except RequestRefusedError as refused:
        return refused_answer(refused)


_CALLS: Final[dict[TreasureDataOperation, Callable[[Account, AdmittedCall], Answer]]] = {
    TreasureDataOperation.INGEST: ingestion.ingest,
    TreasureDataOperation.IMPORT: import_file,
    TreasureDataOperation.IMPORT_WITH_ID: import_file,
    TreasureDataOperation.JOB_ISSUE: job_calls.job_issue,
    TreasureDataOperation.JOB_STATUS: job_calls.job_status,
    TreasureDataOperation.JOB_SHOW: job_calls.job_show,
    TreasureDataOperation.JOB_LIST: job_calls.job_list,
    TreasureDataOperation.JOB_RESULT: job_calls.job_result,
    TreasureDataOperation.JOB_KILL: job_calls.job_kill,
    TreasureDataOperation.DATABASE_LIST: table_calls.database_list,
    TreasureDataOperation.DATABASE_CREATE: table_calls.database_create,
    TreasureDataOperation.TABLE_LIST: table_calls.table_list,
    TreasureDataOperation.TABLE_CREATE: table_calls.table_create,
    TreasureDataOperation.SERVER_STATUS: table_calls.server_status,
}
