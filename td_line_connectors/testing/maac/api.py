"""The MAAC Open API: an operation's answer."""

from collections.abc import Callable
from typing import Final

from td_line_connectors.testing.emulation.answers import Answer, Request, RequestRefusedError
from td_line_connectors.testing.emulation.faults import WireFault
from td_line_connectors.testing.maac import member_calls, segment_calls
from td_line_connectors.testing.maac.account import Account
from td_line_connectors.testing.maac.answers import refused_answer
from td_line_connectors.testing.maac.routes import Operation

__all__ = ["carry_out"]


def carry_out(
    operation: Operation, account: Account, request: Request, number: int, fault: WireFault | None = None
) -> Answer:
    """Do what a request asks for.

    Args:
        operation: what it asks for.
        account: whose it is.
        request: the request.
        number: the number in its path.
        fault: spoils the task of an import.
    """
    try:
        if operation is Operation.MEMBER_IMPORT:
            return member_calls.member_import(account, request, fault)
        return _CALLS[operation](account, request, number)
    except RequestRefusedError as refused:
        return refused_answer(refused)


_CALLS: Final[dict[Operation, Callable[[Account, Request, int], Answer]]] = {
    Operation.MEMBER_TASK: member_calls.member_task,
    Operation.MISMATCH_EXPORT: member_calls.mismatch_export,
    Operation.SEGMENT_LIST: segment_calls.segment_list,
    Operation.SEGMENT_GET: segment_calls.segment_get,
    Operation.SEGMENT_CREATE: segment_calls.segment_create,
    Operation.SEGMENT_UPDATE: segment_calls.segment_update,
    Operation.SEGMENT_DELETE: segment_calls.segment_delete,
    Operation.SEGMENT_MEMBERS: segment_calls.segment_members,
}
