"""Which files are a project's workflows?"""

from collections.abc import Sequence
from pathlib import Path

__all__ = ["workflow_files"]


def workflow_files(folder: Path) -> Sequence[Path]:
    """Give every `*.dig` in a folder and in the folders directly below it; hidden folders are left out.

    Args:
        folder: the project's.
    """
    inside = sorted(each for each in folder.glob("*/*.dig") if not each.parent.name.startswith("."))
    return [*sorted(folder.glob("*.dig")), *inside]
