"""Which pages does the code write, and which parts of others?"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from td_line_connectors.plugins import BUILT_IN
from td_line_connectors.schema.render import markdown
from tools.reference.codes import ROOT
from tools.reference.commands import commands
from tools.reference.error_kinds import error_kinds
from tools.reference.floors import floors_picture, rooms
from tools.reference.hosts import HOSTS
from tools.reference.metrics import receiver_metrics, run_metrics
from tools.reference.public_names import public_names

__all__ = ["ROOT", "pages"]

REFERENCE: Final = ROOT / "docs" / "reference"

PARTS: Final[Mapping[str, Callable[[], str]]] = {
    "commands": commands,
    "error kinds": error_kinds,
    "public names": public_names,
    "receiver metrics": receiver_metrics,
    "rooms": rooms,
    "run metrics": run_metrics,
    **HOSTS,
}
"""What stands between `<!-- made: NAME -->` and `<!-- end -->`, by that name."""

MARKED: Final = re.compile(r"(<!-- made: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> Mapping[Path, str]:
    """Give each file that holds something made, with what it should hold as a whole.

    Raises:
        KeyError: where a page asks for a part that there is not.
    """
    made = {ROOT / "docs" / "pictures" / "floors.svg": floors_picture()}
    for plugin in BUILT_IN:
        page = markdown(plugin.name, plugin.title, plugin.parameters, plugin.columns)
        made[REFERENCE / f"{plugin.name}.md"] = page
    for path in sorted((ROOT / "docs").rglob("*.md")):
        written = path.read_text(encoding="utf-8")
        if MARKED.search(written):
            made[path] = MARKED.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n{found[3]}", written)
    return made
