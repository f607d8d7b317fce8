"""How does Prometheus read figures?

The form is three kinds of line, so no package is needed for it:
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

__all__ = ["Family", "exposition"]


@dataclass(frozen=True, slots=True)
class Family:
    """A gauge, with all its values.

    Attributes:
        name: its name.
        meaning: what it says, in a sentence on one line.
        samples: for each value its labels, and the value.
    """

    name: str
    meaning: str
    samples: Iterable[tuple[Mapping[str, str], float]]


def exposition(families: Iterable[Family]) -> bytes:
    """Give gauges in Prometheus's text form, version 0.0.4."""
    return "".join(line for family in families for line in _lines(family)).encode(errors="replace")


def _lines(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {family.meaning}\n# TYPE {family.name} gauge\n"
    for labels, value in family.samples:
        shown = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        yield f"{family.name}{{{shown}}} {value!r}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
