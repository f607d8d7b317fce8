"""Which codes can an issue have, and where are they given?"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

__all__ = ["ROOT", "codes"]

ROOT: Final = Path(__file__).parents[2]

TAKERS: Final = {
    "ConfigError.of": 1,
    "DataError.of": 1,
    "InvalidValueError": 0,
    "Refusal": 0,
    "ValidationIssue": 1,
    "issue": 0,
    "key_issue": 0,
    "refuse": 0,
    "stop": 0,
}
"""What takes a code, and as which of its arguments; methods by their bare name, but for `of`, which others have too."""

COMPUTED: Final = {
    "f'unknown_{kind}'": ("unknown_database", "unknown_table"),
    "guard": ("max_invalid", "max_shrink"),
}
"""Codes that are put together, by the expression that does it."""


def codes() -> Mapping[str, list[str]]:
    """Give every code that the package's own text gives, with the modules that give it.

    Raises:
        ValueError: where a code is neither written out, nor handed on, nor in `COMPUTED`.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for path in _modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = dict(_constants(tree))
        for argument in _arguments(tree):
            for code in _values(argument, constants, f"{path.relative_to(ROOT)}:{argument.lineno}"):
                found[code].add(".".join(path.relative_to(ROOT).with_suffix("").parts[1:]))
    return {code: sorted(found[code]) for code in sorted(found)}


def _modules() -> Iterator[Path]:
    """Give the package's modules; those of the far sides that we play speak of what others refuse."""
    package = ROOT / "td_line_connectors"
    return (path for path in sorted(package.rglob("*.py")) if path.relative_to(package).parts[0] != "testing")


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(code))):
                yield name, code
            case _:
                pass


def _arguments(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := _name(node.func)) in TAKERS:
            given = [each.value for each in node.keywords if each.arg == "code"]
            code_and_message = node.args[TAKERS[name] : TAKERS[name] + 2]
            yield from (
                given or code_and_message[: len(code_and_message) // 2]
            )  # one alone: another's method of that name


def _name(function: ast.expr) -> str:
    match function:
        case ast.Attribute(value=ast.Name(id=owner), attr="of"):
            return f"{owner}.of"
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _values(argument: ast.expr, constants: Mapping[str, str], place: str) -> tuple[str, ...]:
    match argument:
        case ast.Constant(value=str(code)):
            return (code,)
        case ast.IfExp(body=one, orelse=other):
            return _values(one, constants, place) + _values(other, constants, place)
        case ast.Name(id=name) if name in constants:
            return (constants[name],)
        case ast.Name(id="code") | ast.Attribute(attr="code") | ast.Starred():
            return ()  # handed on: it was written where it came from
        case _:
            pass
    written = ast.unparse(argument)
    if written not in COMPUTED:
        raise ValueError(f"{place}: which code is `{written}`? Write it out, or add it to COMPUTED")
    return COMPUTED[written]
