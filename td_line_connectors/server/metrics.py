"""What do the figures say?"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from itertools import accumulate
from typing import Any, Final

from td_line_connectors.errors import ConfigError
from td_line_connectors.server.answers import Answer, answer
from td_line_connectors.server.calls import Call

__all__ = ["Metrics", "require_prometheus"]

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0)
"""Upper bounds of the histogram. LINE waits 2 s."""


class Metrics:
    """Counts calls as they end, and shows the counts as Prometheus reads them. It has sources' names, never ids.

    Counting is additions to plain dicts; prometheus_client only writes the page.

    Args:
        gauges: figures that are looked up when the page is made: (name, what it means) → value. A name that ends in
            `_total` is a counter.
    """

    def __init__(self, gauges: Callable[[], Mapping[tuple[str, str], float]] = dict) -> None:
        self._gauges = gauges
        self._calls: Counter[tuple[str, int]] = Counter()
        self._events: Counter[str] = Counter()
        self._buckets = [0] * (len(SECONDS) + 1)
        self._seconds = 0.0

    def __call__(self, call: Call) -> None:
        """Count a call; returns at once."""
        self._calls[call.source, call.status] += 1
        if call.events:
            self._events[call.source] += call.events
        if call.source:
            self._buckets[bisect_left(SECONDS, call.seconds)] += 1
            self._seconds += call.seconds

    async def page(self) -> Answer:
        """Answer GET /metrics."""
        exposition = _load("prometheus_client")
        registry = exposition.CollectorRegistry()
        registry.register(_Collector(self))
        content_type: str = exposition.CONTENT_TYPE_LATEST
        return answer(200, exposition.generate_latest(registry), content_type=content_type.encode("ascii"))

    def families(self) -> Iterator[Any]:
        """Give the figures as prometheus_client has them."""
        core = _load("prometheus_client.core")
        calls = core.CounterMetricFamily("td_line_calls", "Calls answered.", labels=["source", "status"])
        for (source, status), number in sorted(self._calls.items()):
            calls.add_metric([source, str(status)], number)
        yield calls
        events = core.CounterMetricFamily("td_line_events", "Events taken, repeats included.", labels=["source"])
        for source, number in sorted(self._events.items()):
            events.add_metric([source], number)
        yield events
        bounds = [*map(str, SECONDS), "+Inf"]
        buckets = list(zip(bounds, accumulate(self._buckets), strict=True))
        meaning = "Seconds from the head of a call for a source to its answer."
        yield core.HistogramMetricFamily("td_line_call_seconds", meaning, buckets=buckets, sum_value=self._seconds)
        for (name, meaning), value in self._gauges().items():
            kind = core.CounterMetricFamily if name.endswith("_total") else core.GaugeMetricFamily
            yield kind(name, meaning, value=value)


class _Collector:
    """What prometheus_client asks."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Any]:
        """Give the figures."""
        return self._metrics.families()


def require_prometheus() -> None:
    """Do nothing if the page can be made.

    Raises:
        ConfigError: prometheus-client is not installed.
    """
    _load("prometheus_client")


def _load(package: str) -> Any:  # noqa: ANN401 - a module; no foreign type leaves this door
    try:
        return import_module(package)
    except ImportError as error:
        rule = "prometheus-client is not installed; install td-line-connectors[serve]"
        raise ConfigError.of(package, "extra", rule) from error
