"""The rows set aside, with their reasons, for a person to mend."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from td_line_connectors.errors import StoreError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report import RowOutcome
from td_line_connectors.runs.journal import Part, State
from td_line_connectors.runs.snapshot import Snapshot

__all__ = ["read_rejects", "refusal_issue", "write_rejects"]

ROWS_IN_A_LINE: Final = 10_000
"""A record into which more rows than this were merged has several lines, so that no line fills the memory."""


def write_rejects(
    path: Path, snapshot: Snapshot, parts: Iterable[Part], names: Sequence[str], data_object: str
) -> bool:
    """Write every invalid, rejected and unsettled row, one JSON object a line, and drop the file of an earlier attempt.

    Args:
        path: the file to make; an older one stays until this one is whole.
        snapshot: has the invalid rows as the query gave them, the others as they were or would be sent.
        parts: know which of the others were refused or never settled; none of them: invalid rows alone.
        names: the names of the record's values, in order.
        data_object: the `field` of a refusal.

    Returns:
        whether there were any; the file is there only if so.

    Raises:
        StoreError: if the disk cannot take it.
    """
    unfinished = path.with_suffix(".unfinished")
    try:
        try:
            some = _write_all(unfinished, _lines(snapshot, parts, names, data_object))
            if some:
                unfinished.replace(path)
            else:
                path.unlink(missing_ok=True)  # of an earlier attempt, whose unsettled rows have been sent since
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"writing the rejects: {error.strerror}") from error
    return some


def read_rejects(path: Path) -> Iterator[Mapping[str, Any]]:
    """Give the objects of a rejects file, as `write_rejects` writes it, one after the other.

    Raises:
        StoreError: if it cannot be read, or is not as it was written.
    """
    try:
        with path.open("rb") as file:
            yield from map(json.loads, file)
    except OSError as error:
        raise StoreError(f"reading {path.name}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise StoreError(f"reading {path.name}: it is not as it was written") from error


def refusal_issue(part: Part, data_object: str, row: int | None) -> ValidationIssue:
    """Give a part's refusal as an issue."""
    assert part.outcome is not None
    assert part.outcome.refused is not None
    return ValidationIssue(data_object, part.outcome.refused.code, part.outcome.refused.message, row)


def _write_all(path: Path, lines: Iterator[Mapping[str, object]]) -> bool:
    some = False
    path.touch(mode=0o600)
    path.chmod(0o600)
    with path.open("wb") as file:
        for line in lines:
            some = True
            file.write(_encoded(line))
        file.flush()
        os.fsync(file.fileno())
    return some


def _lines(
    snapshot: Snapshot, parts: Iterable[Part], names: Sequence[str], data_object: str
) -> Iterator[Mapping[str, object]]:
    for aside in snapshot.invalid():
        yield _line([aside.row], RowOutcome.INVALID, aside.issues, aside.record)
    for part in parts:
        if part.state in {State.ACCEPTED, State.SPLIT}:
            continue
        rejected = part.state is State.REJECTED
        outcome = RowOutcome.REJECTED if rejected else RowOutcome.UNSETTLED
        issues = [refusal_issue(part, data_object, None)] if rejected else []
        behind = groupby(snapshot.rows_behind(part.request, part.low, part.high), key=itemgetter(0))
        records = snapshot.record_values(part.request, part.low, part.high)
        for (_, pairs), values in zip(behind, records, strict=True):
            known = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            while numbers := [row for _, row in islice(pairs, ROWS_IN_A_LINE)]:
                yield _line(numbers, outcome, issues, known)


def _line(
    rows: Sequence[int], outcome: RowOutcome, issues: Sequence[ValidationIssue], record: Mapping[str, object]
) -> Mapping[str, object]:
    reasons = [{"field": each.field, "code": each.code, "message": each.message} for each in issues]
    return {"rows": list(rows), "outcome": outcome.value, "issues": reasons, "record": record}


def _encoded(line: Mapping[str, object]) -> bytes:
    """Give the line in UTF-8, readable; one with half a character in it, in ASCII."""
    try:
        return json.dumps(line, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(line).encode() + b"\n"
