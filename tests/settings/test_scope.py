"""A name stands for the nearest exported value, and for nothing else."""

from itertools import pairwise

import pytest

from td_line_connectors.issues import ValidationIssue
from td_line_connectors.settings.document import read_document
from td_line_connectors.settings.node import Mark, Node
from td_line_connectors.settings.scope import Scope

EXPORTS = """
name: Ann
greeting: Hello ${name}
td: {database: db1, engine: duckdb}
settings: {a: "${name}", b: [1, "${td.database}"]}
token: ${secret:key}
nothing:
loop: ${pool}
pool: ${loop}
bad: ${1 + 1}
"""


def scope(text: str = EXPORTS) -> Scope:
    return Scope({"session_date": "2026-11-21"}, read_document(text, "wf.dig").root, {"session_id": "is not here"})


def expanded(text: str, *, secrets: bool = False, exports: str = EXPORTS) -> tuple[object, list[ValidationIssue]]:
    issues: list[ValidationIssue] = []
    node = read_document(f"x: {text}", "use.dig").root.items["x"]
    return scope(exports).expand(node, issues, secrets=secrets).plain, issues


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("on ${session_date}!", "on 2026-11-21!"),
        ("${greeting}, ${name}", "Hello Ann, Ann"),
        ("${td.database}", "db1"),
        ("${settings}", {"a": "Ann", "b": ["1", "db1"]}),
        ("json ${settings}", 'json {"a": "Ann", "b": ["1", "db1"]}'),
        ("['${name}', {k: '${name}'}]", ["Ann", {"k": "Ann"}]),
        ("${nothing}", None),
        ("$name $ {name} {name}", "$name $ {name} {name}"),
    ],
)
def test_names_give_their_values(text: str, value: object) -> None:
    assert expanded(text) == (value, [])


@pytest.mark.parametrize(
    ("text", "where", "word"),
    [
        ("a ${nmae}", "use.dig:1:4", "Did you mean «name»?"),
        ("${td.databse}", "use.dig:1:4", "Did you mean «td.database»?"),
        ("${session_id}", "use.dig:1:4", "is not here"),
        ("${loop}", "wf.dig:9:7", "stands for itself"),
        ("${bad}", "wf.dig:10:6", "no JavaScript"),
        ("a ${nothing}", "use.dig:1:4", "without a value"),
        ("${secret:key}", "use.dig:1:4", "secret"),
        ("${token}", "use.dig:1:4", "secret"),
        ("{'${name}': 1}", "use.dig:1:5", "key cannot hold"),
    ],
)
def test_what_stands_for_nothing_is_named_with_its_place(text: str, where: str, word: str) -> None:
    _, issues = expanded(text)
    assert [issue.where for issue in issues] == [where]
    assert word in issues[0].message


def test_every_fault_of_a_text_is_reported() -> None:
    assert len(expanded("${a} ${b} ${1+1} ${")[1]) == 4


def test_secrets_stay_for_later_where_they_may() -> None:
    assert expanded("Bearer ${token} ${secret:other}", secrets=True) == ("Bearer ${secret:key} ${secret:other}", [])


def test_inner_exports_lie_over_outer_ones_key_by_key() -> None:
    inner = scope().nested(read_document("td: {engine: presto}\nname: Bob", "wf.dig").root)
    issues: list[ValidationIssue] = []
    node = read_document("x: ${td.database} ${td.engine} ${greeting}", "use.dig").root
    assert inner.expand(node, issues).plain == {"x": "db1 presto Hello Bob"}
    assert scope().find("td.engine").plain == "duckdb"  # type: ignore[union-attr]  # it is there


def test_an_expanded_text_keeps_the_place_where_it_is_used() -> None:
    node = scope().expand(read_document("x: ${name}", "use.dig").root, [])
    assert str(node.items["x"].at) == "use.dig:1:4"


def test_faults_in_a_file_are_shown_in_its_own_lines() -> None:
    issues: list[ValidationIssue] = []
    sql = Node(value="SELECT 1,\n  '${nmae}',\n  ${x y}", at=Mark("q.sql", 1, 1))
    assert scope().expand_text(sql, issues).broken
    assert [issue.where for issue in issues] == ["q.sql:2:4", "q.sql:3:3"]


def test_variables_made_of_variables_cannot_grow_beyond_use() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    exports = "\n".join(f"{x}: {f'${{{y}}}' * 10}" for x, y in pairwise(letters)) + "\nz: zzzzzzzzzz"
    _, issues = expanded("${a}", exports=exports)
    assert [issue.code for issue in issues] == ["too_large"]


def test_a_long_chain_of_variables_is_no_recursion_error() -> None:
    exports = "\n".join(f"v{number}: ${{v{number + 1}}}" for number in range(2000))
    _, issues = expanded("${v0}", exports=exports)
    assert [issue.code for issue in issues] == ["too_large"]
