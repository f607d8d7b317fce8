"""Which names may other people's code use?"""

import ast
import inspect
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

from tools.reference.tables import table

__all__ = ["FACE", "public_names"]

FACE: Final = (
    "td_line_connectors",
    "td_line_connectors.spi",
    "td_line_connectors.schema",
    "td_line_connectors.validators",
    "td_line_connectors.transport",
    "td_line_connectors.errors",
    "td_line_connectors.server",
    "td_line_connectors.testing",
    "td_line_connectors.testing.contracts",
    "td_line_connectors.testing.fixtures",
)
"""The public modules, in the order in which people need them."""


def public_names() -> str:
    """Give a table of each public module's names."""
    return "\n\n".join(_section(import_module(name)) for name in FACE)


def _section(module: ModuleType) -> str:
    rows = [(f"`{name}`", _sentence(module, name)) for name in module.__all__]
    return f"### `{module.__name__}`\n\n" + table(("name", "what it is"), rows)


def _sentence(module: ModuleType, name: str) -> str:
    """Give the first line of a name's docstring, or of the text that stands beneath it in its source."""
    value = getattr(module, name)
    if inspect.isroutine(value) or (inspect.isclass(value) and value.__module__.startswith("td_line_connectors")):
        return (inspect.getdoc(value) or "").split("\n")[0]
    if getattr(value, "__name__", "") == name:  # a pytest fixture
        return (inspect.getdoc(value) or "").split("\n")[0]
    return _text_beneath(module, name)


def _text_beneath(module: ModuleType, name: str) -> str:
    """Find the assignment that makes a name, in the module or in those that it takes names from."""
    assert module.__file__
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    for node, following in zip(tree.body, [*tree.body[1:], None], strict=True):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(each, ast.Name) and each.id == name for each in targets):
            text = ast.get_docstring(ast.Module([following], [])) if isinstance(following, ast.Expr) else None
            return (text or "").split("\n")[0]
    sources = [each for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    home = next(each.module for each in sources if name in [alias.name for alias in each.names])
    return _text_beneath(import_module(home or ""), name)
