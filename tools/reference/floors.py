"""How do the floors look?"""

import ast
from typing import Final

from tools.reference.codes import ROOT
from tools.reference.tables import table

__all__ = ["floors", "floors_picture", "rooms"]

WIDTH: Final = 760
STEP: Final = 38


def floors() -> list[list[str]]:
    """Give the rooms by floor, from the ground up, as the test has them that holds the house to them."""
    tree = ast.parse((ROOT / "tests" / "test_floors.py").read_text(encoding="utf-8"))
    [written] = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "FLOORS"
    ]
    found: list[list[str]] = ast.literal_eval(written)
    return found


def floors_picture() -> str:
    """Draw the floors, the ground below, as an SVG of its own."""
    storeys = floors()
    height = STEP * len(storeys) + 40
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>The floors: a module imports from its own room and from lower floors only</title>",
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>',
        '<g font-family="system-ui, sans-serif" font-size="14">',
    ]
    for number, each in enumerate(storeys):
        names = " · ".join(room or "td_line_connectors" for room in each)
        top = 20 + STEP * (len(storeys) - 1 - number)
        lines += [
            f'<rect x="20" y="{top}" width="{WIDTH - 40}" height="{STEP - 6}" rx="4" fill="#eef4ee" stroke="#7a9a7a"/>',
            f'<text x="36" y="{top + 21}" fill="#56705a">{number}</text>',
            f'<text x="70" y="{top + 21}" fill="#1d2b1f">{names}</text>',
        ]
    return "\n".join([*lines, "</g>", "</svg>"]) + "\n"


def rooms() -> str:
    """Write every room with its floor and the question that it answers: its docstring's first line."""
    return table(
        ("floor", "room", "its question"),
        [(str(number), f"`{room}`", _question(room)) for number, each in enumerate(floors()) for room in each if room],
    )


def _question(room: str) -> str:
    place = ROOT.joinpath("td_line_connectors", *room.split("."))
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").splitlines()[0]
