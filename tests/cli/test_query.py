"""A query's rows are printed whole, and can do nothing to whoever reads them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import TdLine
from tests.cli.terminal import ROOT, in_terminal

NASTY = (
    "SELECT char(27) || '[31m' AS esc, 'a' || char(8238) || 'b' AS bidi, "
    "'[bold]x[/]' AS markup, 'a' || char(9, 10) AS lines"
)
NUMBERS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {rows}) "
    "SELECT i, hex(randomblob(40)) AS x FROM n"
)


@pytest.mark.usefixtures("shop")
def test_rows_are_lines_with_tabs_under_the_columns_names(td_line: TdLine) -> None:
    ended = td_line("query", "shop", "SELECT name, age FROM people ORDER BY name")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "name\tage\nAnn\t31\nBen\t\nCho\t45\n"


@pytest.mark.usefixtures("shop")
def test_json_is_an_array_of_objects(td_line: TdLine) -> None:
    sql = "SELECT name, age, 7 AS n, 0.5 AS f, NULL AS nil, x'00ff' AS b FROM people ORDER BY name LIMIT 2"

    assert td_line("query", "shop", sql, "--json").json == [
        {"name": "Ann", "age": "31", "n": 7, "f": 0.5, "nil": None, "b": "00ff"},
        {"name": "Ben", "age": "", "n": 7, "f": 0.5, "nil": None, "b": "00ff"},
    ]


@pytest.mark.usefixtures("shop")
def test_no_rows_are_an_empty_array_or_the_names_alone(td_line: TdLine) -> None:
    sql = "SELECT name FROM people WHERE 0"

    assert td_line("query", "shop", sql, "--json").out == "[]\n"
    assert td_line("query", "shop", sql).out == "name\n"


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("limit", [0, 2, 9])
def test_a_limit_is_kept_in_both_forms(td_line: TdLine, limit: int) -> None:
    arguments = ("query", "shop", "SELECT name FROM people", "--limit", str(limit))

    assert len(td_line(*arguments).out.splitlines()) == 1 + min(limit, 3)
    assert len(td_line(*arguments, "--json").json) == min(limit, 3)


@pytest.mark.usefixtures("shop")
def test_what_commands_the_terminal_appears_as_escapes_in_lines(td_line: TdLine) -> None:
    assert td_line("query", "shop", NASTY).out.splitlines()[1] == "\\x1b[31m\ta\\u202eb\t[bold]x[/]\ta\\t\\n"


@pytest.mark.usefixtures("shop")
def test_what_commands_the_terminal_is_exact_and_harmless_in_json(td_line: TdLine) -> None:
    ended = td_line("query", "shop", NASTY, "--json")

    assert ended.json == [{"esc": "\x1b[31m", "bidi": "a\u202eb", "markup": "[bold]x[/]", "lines": "a\t\n"}]
    assert "\x1b" not in ended.out
    assert "\u202e" not in ended.out


def test_a_terminal_gets_a_table_in_which_nothing_commands_it(shop: Path) -> None:
    code, shown = in_terminal(["query", "shop", NASTY], shop, NO_COLOR="1")

    assert code == 0
    assert "\\x1b[31m" in shown
    assert "a\\u202eb" in shown
    assert "[bold]x[/]" in shown
    assert "\x1b[31m" not in shown
    assert "───" in shown


def test_a_drawn_table_keeps_to_the_columns_there_are(shop: Path) -> None:
    _, shown = in_terminal(
        ["query", "shop", "SELECT printf('%.*c', 300, 'x') AS wide"], shop, COLUMNS="40", NO_COLOR="1"
    )

    lines = [line for line in shown.splitlines() if "x" in line]
    assert sum(line.count("x") for line in lines) == 300
    assert max(len(line) for line in lines) <= 40


def test_a_terminal_is_told_that_there_are_more_rows(shop: Path) -> None:
    code, shown = in_terminal(["query", "shop", NUMBERS.format(rows=1001)], shop)

    assert code == 0
    assert "These are the first 1,000 rows; --limit N shows more." in shown


@pytest.mark.usefixtures("shop")
def test_a_query_that_fails_half_way_prints_its_error_alone(td_line: TdLine) -> None:
    sql = f"WITH numbers AS ({NUMBERS.format(rows=6000)}) SELECT json(iif(i = 5000, '{{', '1')) AS value FROM numbers"  # noqa: S608 - our own text

    ended = td_line("query", "shop", sql, "--json")

    assert ended.code == 2
    assert "malformed JSON" in ended.json["error"]["message"]


@pytest.mark.usefixtures("shop")
def test_two_columns_of_one_name_are_refused_as_json_and_printed_as_lines(td_line: TdLine) -> None:
    assert "rename one with AS" in td_line("query", "shop", "SELECT 1 AS a, 2 AS a", "--json").json["error"]["message"]
    assert td_line("query", "shop", "SELECT 1 AS a, 2 AS a").out == "a\ta\n1\t2\n"


@pytest.mark.usefixtures("shop")
def test_an_unknown_table_is_told_with_the_nearest(td_line: TdLine) -> None:
    ended = td_line("query", "shop", "SELECT * FROM peopel")

    assert ended.code == 2
    assert "Did you mean «people»?" in ended.err


def test_a_large_result_is_printed_as_json_in_bounded_memory(shop: Path) -> None:
    code = (
        "import resource, sys; from td_line_connectors.cli import main; main(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )

    def printed(rows: int) -> tuple[list[dict[str, object]], int]:
        command = [sys.executable, "-c", code, "query", "shop", NUMBERS.format(rows=rows), "--json"]
        done = subprocess.run(command, cwd=shop, capture_output=True, check=True, env={"PYTHONPATH": str(ROOT)})
        return json.loads(done.stdout), int(done.stderr)

    _, memory_for_few = printed(10)
    found, memory_for_many = printed(200_000)

    assert [found[0]["i"], found[-1]["i"], len(found)] == [1, 200_000, 200_000]
    assert memory_for_many < 1.6 * memory_for_few
