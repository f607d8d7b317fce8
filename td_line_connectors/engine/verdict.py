"""May what was read be sent?"""

from typing import Any

from td_line_connectors.errors import DataError
from td_line_connectors.report import RowCounts
from td_line_connectors.spi import OutputConnector

__all__ = ["verdict_on"]


def verdict_on(counts: RowCounts, requests: int, connector: OutputConnector[Any]) -> DataError | None:
    """Judge a result as a whole, after its last row and before the first request.

    Args:
        counts: rows read and rows invalid.
        requests: requests that were cut from the valid ones.
        connector: whose rules apply.

    Returns:
        why nothing may be sent; None where it may.
    """
    what = connector.data_object
    if counts.invalid and not connector.skip_invalid:
        message = (
            f"{_rows(counts.invalid)} of {counts.read:,} invalid, and skipping is off: nothing was sent; mend the rows"
        )
        return DataError.of(what, "invalid_rows", message)
    if counts.read and not requests:
        message = f"none of the {counts.read:,} rows is valid: nothing was sent; mend the query"
        return DataError.of(what, "no_valid_row", message)
    if not requests and connector.limits.minimum:
        message = "the result has no row, and an empty list is not sent: what is there stays as it was"
        return DataError.of(what, "no_rows", message)
    return None


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"
