"""A Prefect task: tried again where time may cure what went wrong, and only there."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

from prefect import flow, task

from td_line_connectors import Row, RunFailedError, Runtime, default_registry, export


def may_be_cured_by_time(_task: object, _run: object, state: Any) -> bool:  # noqa: ANN401 - Prefect's state
    """Say whether a failed task is worth another try: the far side could not be reached."""
    error = state.result(raise_on_failure=False)
    told = error.report.first_error if isinstance(error, RunFailedError) else None
    return told is not None and told.kind == "unreachable"


@task(retries=3, retry_delay_seconds=60, retry_condition_fn=may_be_cured_by_time)
def export_rows(rows: Iterable[Row], connector: str, settings: Mapping[str, object]) -> dict[str, object]:
    """Export rows through an output connector, and give the report of where each one ended."""
    runtime = Runtime()
    with closing(default_registry().output(connector).connect(settings, runtime)) as output:
        return dict(export(rows, output, runtime).to_json())


@flow
def line_members(rows: list[dict[str, object]], settings: dict[str, object]) -> dict[str, object]:
    """Export members; give the token from a Prefect secret block."""
    report: dict[str, object] = export_rows(rows, "line_via_crescendo", settings)
    return report
