"""A terminal shows the outcomes as bars, as wide as there is place."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from td_line_connectors.cli.chart import drawn_with_chart
from td_line_connectors.report import RowCounts
from td_line_connectors.testing import MaacEmulator
from tests.cli.batches import write_batches
from tests.cli.conftest import TdLine
from tests.cli.terminal import in_terminal

HEADINGS = ("task", "read", "written", "invalid")
ROWS = [("+members", "1,000", "750", "250")]
COUNTS = RowCounts(read=1_000, written=750, invalid=250)
STYLES = re.compile(r"\x1b\[([0-9;]*)m")
BAR = re.compile(r"[█▏▎▍▌▋▊▉]+")


def drawn(counts: RowCounts = COUNTS) -> list[str]:
    return STYLES.sub("", drawn_with_chart(HEADINGS, ROWS, counts)).splitlines()


@pytest.fixture(params=[120, 80, 60])
def wide(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("COLUMNS", str(request.param))
    return int(request.param)


def test_each_outcome_that_has_rows_has_a_bar_as_long_as_its_share(wide: int) -> None:
    lines = [line for line in drawn() if BAR.search(line)]

    assert [re.findall(r"(\w+) +([0-9,]+) +([0-9.]+%)", line)[0] for line in lines] == [
        ("written", "750", "75.0%"),
        ("invalid", "250", "25.0%"),
    ]
    written, invalid = (cell_len("".join(BAR.findall(line))) for line in lines)
    assert abs(written - 3 * invalid) <= 3


def test_the_chart_stands_beside_the_table_where_there_is_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert [line for line in drawn() if "task" in line and BAR.search(line)]

    monkeypatch.setenv("COLUMNS", "45")
    below = drawn()
    assert not [line for line in below if "task" in line and BAR.search(line)]
    assert "".join(below).index("task") < "".join(below).index("75.0%")


@pytest.mark.parametrize("columns", ["24", "10", "1"])
def test_without_place_for_bars_there_is_the_table_alone(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    assert not BAR.search("".join(drawn()))


def test_without_rows_there_is_the_table_alone(wide: int) -> None:
    assert not BAR.search("".join(drawn(RowCounts())))


@settings(max_examples=50)
@given(st.integers(1, 150), st.lists(st.integers(0, 10**8), min_size=6, max_size=6))
def test_no_line_is_wider_than_the_terminal(columns: int, numbers: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        lines = drawn(RowCounts(sum(numbers), *numbers))

    assert max(map(cell_len, lines)) <= columns


def test_no_colour_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert "32" in "".join(STYLES.findall(drawn_with_chart(HEADINGS, ROWS, COUNTS)))

    monkeypatch.setenv("NO_COLOR", "1")
    assert set(STYLES.findall(drawn_with_chart(HEADINGS, ROWS, COUNTS))) <= {"0", "1"}


@pytest.fixture
def batches(folder: Path, maac: MaacEmulator, td_line: TdLine) -> Path:
    write_batches(folder, maac)
    assert td_line("run", "campaign.dig").code == 0
    return folder


def test_runs_show_draws_the_chart_on_a_terminal_and_nowhere_else(batches: Path, td_line: TdLine) -> None:
    _, shown = in_terminal(["runs", "show"], batches, NO_COLOR="1")

    assert re.search(r"written +25 +59\.5% █+", shown)
    assert "█" not in td_line("runs", "show").out
