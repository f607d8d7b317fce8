"""What do the examples of hosts look like on a page?"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from tools.reference.codes import ROOT

__all__ = ["HOSTS"]

FOLDER: Final = ROOT / "examples" / "hosts"


def _fence(name: str) -> str:
    return f"```python\n{(FOLDER / name).read_text(encoding='utf-8')}```\n"


HOSTS: Final[Mapping[str, Callable[[], str]]] = {
    path.stem.replace("_", " "): partial(_fence, path.name) for path in sorted(FOLDER.glob("*.py"))
}
"""Each file of the folder, by its name in words."""
