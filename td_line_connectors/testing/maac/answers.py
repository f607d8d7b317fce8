"""Answers as MAAC words them."""

from collections.abc import Iterable

from td_line_connectors.testing.emulation.answers import Answer, RequestRefusedError, json_answer

__all__ = ["csv_answer", "refused_answer"]


def refused_answer(refused: RequestRefusedError) -> Answer:
    """Make the answer to a request that is refused. MAAC's own error bodies are not published."""
    return json_answer(refused.status, {"detail": refused.detail}, headers=refused.headers)


def csv_answer(keys: Iterable[str], filename: str) -> Answer:
    """Make an answer of a CSV with the one column `line_uid`."""
    body = "".join(f"{key}\r\n" for key in ("line_uid", *keys)).encode("utf-8", "replace")
    return Answer(200, body, "text/csv", {"Content-Disposition": f"attachment; filename={filename}"})
