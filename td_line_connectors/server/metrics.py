"""What do the figures say?"""

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from itertools import accumulate
from typing import Any, Final

from td_line_connectors.errors import ConfigError
from td_line_connectors.server.answers import Answer, answer
from td_line_connectors.server.calls import Call

__all__ = ["Figures", "Metrics", "require_prometheus"]

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0)
"""Upper bounds of the histogram. LINE waits 2 s."""


Figures = Mapping[tuple[str, str], float]
"""A figure's name and what it means → its value."""

NONE: Final[Mapping[str, Figures]] = {}


class Metrics:
    """Counts calls as they end, and shows the counts as Prometheus reads them. It has sources' names, never ids.

    Counting is additions to plain dicts; prometheus_client only writes the page.

    Args:
        gauges: figures that are looked up when the page is made: (name, what it means) → value. A name that ends in
            `_total` is a counter.
        by_source: the same for each source, by its name; they may be looked up on the disk.
    """

    def __init__(
        self, gauges: Callable[[], Figures] = dict, by_source: Callable[[], Mapping[str, Figures]] = dict
    ) -> None:
        self._gauges = gauges
        self._by_source = by_source
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
        by_source = await asyncio.get_running_loop().run_in_executor(None, self._by_source)
        registry.register(_Collector(lambda: self.families(by_source)))
        content_type: str = exposition.CONTENT_TYPE_LATEST
        return answer(200, exposition.generate_latest(registry), content_type=content_type.encode("ascii"))

    def families(self, by_source: Mapping[str, Figures] = NONE) -> Iterator[Any]:
        """Give the figures as prometheus_client has them.

        Args:
            by_source: those that were looked up for each source.
        """
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
        for name, meaning in dict.fromkeys(key for figures in by_source.values() for key in figures):
            gauge = core.GaugeMetricFamily(name, meaning, labels=["source"])
            for source, figures in sorted(by_source.items()):
                gauge.add_metric([source], figures[name, meaning])
            yield gauge


class _Collector:
    """What prometheus_client asks."""

    def __init__(self, families: Callable[[], Iterator[Any]]) -> None:
        self._families = families

    def collect(self) -> Iterator[Any]:
        """Give the figures."""
        return self._families()


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
