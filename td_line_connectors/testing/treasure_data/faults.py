"""How can Treasure Data fail?"""

from dataclasses import dataclass
from typing import ClassVar, Final

from td_line_connectors.testing.emulation.faults import FaultKind, WireFault
from td_line_connectors.testing.treasure_data.routes import TreasureDataOperation

__all__ = ["TreasureDataFault"]

_INGESTION: Final = frozenset({TreasureDataOperation.INGEST})
_JOBS: Final = frozenset({TreasureDataOperation.JOB_ISSUE})


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


@dataclass(frozen=True, slots=True)
class TreasureDataFault(WireFault):
    """One line of the script: how to fail, on what, how often.

    `record_errors` means the Data Ingestion API: 206, the records at `records` are refused with `error`, the others
    are taken. `wrong_counts` means it too: all records are taken, and the answer has `off_by` more receipts.
    `job_error` and `stuck` mean the issue of a job: the job ends with the error text `message`, or does not end.
    A result whose line is cut in its middle is `cut_midway:job_result`.

    Attributes:
        kind: how to fail.
        on: the `TreasureDataOperation` that fails, or `any`.
        times: how many calls fail; None: all.
        after: how many calls of that operation pass unharmed first.
        status: the HTTP status of `refused` (401), `server_error` (500), `html` (502), `garbage` (200) and `redirect`
            (302).
        acts: whether the call takes effect all the same: for `server_error`, `html`, `redirect` and `garbage`.
        retry_after: for `rate_limited`; as in `WireFault`.
        seconds: for `slow`, how late the answer comes, in real seconds; for `stuck`, how long the job lasts, in the
            emulator's (None: for ever).
        records: for `record_errors`: places in the batch, from 0; those that the batch does not have mean nothing.
        error: for `record_errors`: the error's name in the receipt. The default is made up: the names of errors that
            pass are not published.
        message: for `job_error`: the error text of the job.
        off_by: for `wrong_counts`: how many receipts there are too many, or, below 0, too few.
    """

    OPERATIONS: ClassVar = TreasureDataOperation
    OWN_KINDS: ClassVar = {
        FaultKind.RECORD_ERRORS: _INGESTION,
        FaultKind.WRONG_COUNTS: _INGESTION,
        FaultKind.JOB_ERROR: _JOBS,
        FaultKind.STUCK: _JOBS,
    }
    READERS: ClassVar = {"records": _numbers, "error": str, "message": str, "off_by": int}

    records: tuple[int, ...] = (0,)
    error: str = "InternalServerError"
    message: str = "the job was told to fail"
    off_by: int = -1
