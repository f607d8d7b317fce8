"""What Prometheus is told."""

import asyncio

import pytest

from td_line_connectors.server.calls import Call
from td_line_connectors.server.metrics import Metrics

CALL = Call(1_700_000_000.0, "203.0.113.7", b"", "POST", "/v1/task/****", 200, "shop", 2, 0.02)


def figures(metrics: Metrics) -> dict[str, float]:
    page = asyncio.run(metrics.page())
    assert (page.status, dict(page.headers)[b"content-type"].split(b";")[0]) == (200, b"text/plain")
    lines = [line.rsplit(" ", 1) for line in page.body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_calls_are_counted_by_source_and_status_and_events_by_source() -> None:
    metrics = Metrics()
    for call in (CALL, CALL, CALL._replace(status=401, events=0), CALL._replace(source="", status=404, events=0)):
        metrics(call)
    shown = figures(metrics)

    assert shown['td_line_calls_total{source="shop",status="200"}'] == 2
    assert shown['td_line_calls_total{source="shop",status="401"}'] == 1
    assert shown['td_line_calls_total{source="",status="404"}'] == 1
    assert shown['td_line_events_total{source="shop"}'] == 4


@pytest.mark.parametrize(
    ("seconds", "below"), [(0.0009, "0.001"), (0.001, "0.001"), (0.0011, "0.0025"), (1.9, "2.0"), (3, "+Inf")]
)
def test_a_calls_time_is_counted_in_the_first_bucket_that_holds_it(seconds: float, below: str) -> None:
    metrics = Metrics()
    metrics(CALL._replace(seconds=seconds))
    shown = figures(metrics)
    filled = [name for name, value in shown.items() if "bucket" in name and value]

    assert filled[0] == f'td_line_call_seconds_bucket{{le="{below}"}}'
    assert shown["td_line_call_seconds_count"] == 1
    assert shown["td_line_call_seconds_sum"] == seconds


def test_a_sources_name_cannot_forge_a_figure() -> None:
    metrics = Metrics()
    metrics(CALL._replace(source='x"} 1\nforged 1\n'))

    assert "forged" not in [name.split("{")[0] for name in figures(metrics)]


def test_gauges_are_looked_up_when_the_page_is_made() -> None:
    values = {("td_line_queued_calls", "Calls that wait."): 3.0, ("td_line_commits_total", "Commits."): 7.0}
    metrics = Metrics(lambda: values)
    values["td_line_queued_calls", "Calls that wait."] = 4.0

    shown = figures(metrics)
    assert (shown["td_line_queued_calls"], shown["td_line_commits_total"]) == (4, 7)
