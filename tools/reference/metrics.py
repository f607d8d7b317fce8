"""Which figures does Prometheus get?"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from td_line_connectors.runs.figures import figures_of
from td_line_connectors.runs.history_store import History
from td_line_connectors.server.metrics import Metrics
from tools.reference.codes import ROOT
from tools.reference.tables import table

__all__ = ["receiver_metrics", "run_metrics"]

HEADINGS: Final = ("name", "type", "meaning")
HELP: Final = re.compile(r"^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$", re.MULTILINE)


def receiver_metrics() -> str:
    """Write the figures of `GET /metrics`."""
    calls = [
        (f"`{each.name}{'_total' if each.type == 'counter' else ''}`", each.type, each.documentation)
        for each in Metrics().families()
    ]
    return table(HEADINGS, [*calls, *_looked_up()])


def run_metrics() -> str:
    """Write the figures of the file that `metrics_textfile` names."""
    page = figures_of(History(Path("nowhere")), "shop").decode()
    return table(HEADINGS, [(f"`{name}`", kind, meaning) for name, meaning, kind in HELP.findall(page)])


def _looked_up() -> Iterator[tuple[str, str, str]]:
    """Give the figures that are looked up when the page is made: pairs of a name and its meaning."""
    for path in sorted((ROOT / "td_line_connectors" / "server").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Tuple(elts=[ast.Constant(value=str(name)), ast.Constant(value=str(meaning))]):
                    if name.startswith("td_line_") and meaning.endswith("."):
                        yield f"`{name}`", "counter" if name.endswith("_total") else "gauge", meaning
                case _:
                    pass
