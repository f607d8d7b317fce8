"""How do outcomes and rates look as a picture?

Pictures are SVG inside the page. Each says in words beside it what it shows, so that none needs its colours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from td_line_connectors.cli.markup import Element, element

__all__ = ["Stretch", "bar", "rates", "stretches"]

MOST_STRETCHES: Final = 120
"""Columns of the picture of rates; where there are more requests, neighbours share one."""

PLAIN: Final = "#5f7490"
"""The colour where a reader of mail leaves the page's style out."""

WIDTH: Final = 720
HEIGHT: Final = 160


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the sending: a request, or neighbouring ones.

    Attributes:
        seconds: how long it lasted.
        rows: rows that came to an end in it.
    """

    seconds: float
    rows: int

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


def stretches(requests: Sequence[tuple[float, int]]) -> list[Stretch]:
    """Give the stretches to draw, in order.

    Args:
        requests: for each its seconds, more than none, and its rows, in the order in which they ended.
    """
    share = -(-len(requests) // MOST_STRETCHES) or 1
    groups = [requests[start : start + share] for start in range(0, len(requests), share)]
    return [Stretch(sum(seconds for seconds, _ in each), sum(rows for _, rows in each)) for each in groups]


def bar(part: float, kind: str) -> Element:
    """Draw a part of a whole, 0 to 1, as a bar."""
    filled = element("rect", class_=kind, x=0, y=0, width=f"{100 * part:.2f}", height=10, fill=PLAIN)
    return element("svg", filled, class_="bar", viewBox="0 0 100 10", preserveAspectRatio="none", aria_hidden="true")


def rates(drawn: Sequence[Stretch]) -> Element:
    """Draw rows a second over the time of sending: as wide as a stretch lasted, as high as its rate.

    Args:
        drawn: at least one.
    """
    whole, highest = sum(each.seconds for each in drawn), max(each.rate for each in drawn)
    columns, begun = [], 0.0
    for each in drawn:
        height = HEIGHT * each.rate / highest if highest else 0.0
        place = {"x": f"{WIDTH * begun / whole:.2f}", "width": f"{WIDTH * each.seconds / whole:.2f}"}
        columns.append(element("rect", y=f"{HEIGHT - height:.2f}", height=f"{height:.2f}", **place))
        begun += each.seconds
    words = f"Rows a second over {whole:,.1f} seconds of sending; {highest:,.0f} at most."
    return element(
        "svg",
        element("title", words),
        element("line", x1=0, y1=HEIGHT, x2=WIDTH, y2=HEIGHT),
        *columns,
        class_="rates",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        preserveAspectRatio="none",
        fill=PLAIN,
        role="img",
    )
