"""Why were rows set aside?"""

from collections import Counter
from dataclasses import replace
from pathlib import Path

from td_line_connectors.report import Reason
from td_line_connectors.runs.rejects import read_rejects

__all__ = ["reasons_in"]


def reasons_in(rejects: Path) -> tuple[Reason, ...]:
    """Count the rows of a rejects file by the column and rule that they break; the most frequent first.

    A row that breaks several rules counts under each; one whose fate is unknown has no reason. However long the file
    is, one of each reason is held.

    Args:
        rejects: the file, as `runs.rejects` writes it.

    Raises:
        StoreError: if it cannot be read, or is not as it was written.
    """
    rows: Counter[tuple[str, str]] = Counter()
    firsts: dict[tuple[str, str], Reason] = {}
    for line in read_rejects(rejects):
        issues = {(issue["field"], issue["code"]): issue["message"] for issue in line["issues"]}
        for (field, code), message in issues.items():
            first = Reason(field=field, code=code, message=message, rows=0, row=line["rows"][0], example=None)
            firsts.setdefault((field, code), first)
            rows[field, code] += len(line["rows"])
    found = [replace(firsts[key], rows=number) for key, number in rows.items()]
    return tuple(sorted(found, key=lambda each: (-each.rows, each.row)))
