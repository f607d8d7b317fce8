"""What was asked for reads back as it was, wherever the project has gone meanwhile."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from td_line_connectors.errors import StoreError
from td_line_connectors.guards import Guards, Percent
from td_line_connectors.project.targets import Target
from td_line_connectors.workflow.orders import (
    FileOrder,
    Order,
    RejectsOrder,
    Terms,
    WorkflowOrder,
    order_of,
    order_to_json,
    words_for,
)
from td_line_connectors.workflow.session import Session

HOME = Path("/project")
SESSION = Session(datetime(2026, 11, 21, 7, 30, tzinfo=UTC), UUID(int=7))
TARGET = Target(
    connection="c", plugin="p", settings={"a": "b"}, left_out=["s"], secrets={"t": ["k"]}, values={"a": "b"}
)
WORKFLOW = WorkflowOrder(file=HOME / "flows" / "x.dig", only="+a", session=SESSION, tasks=("+a", "+a+b"))
ORDERS = {
    "a workflow": (WORKFLOW, "x.dig +a"),
    "a whole workflow": (WorkflowOrder(file=Path("/else/y.dig"), only=None, session=SESSION, tasks=()), "y.dig"),
    "a file": (FileOrder(name="m.csv", file=HOME / "m.csv", format="csv", encoding="cp932", target=TARGET), "m.csv"),
    "standard input": (
        FileOrder(name="standard input", file=None, format=None, encoding=None, target=TARGET),
        "standard input",
    ),
    "rejects": (
        RejectsOrder(run_id="r", files={"+a": HOME / "a"}, encoding=None, targets={"+a": TARGET}, origin=WORKFLOW),
        "rejects of r",
    ),
}


@pytest.mark.parametrize(("order", "words"), ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("terms", [Terms(), Terms(guards=Guards(max_invalid=5, max_shrink=Percent(30)), plan=True)])
def test_an_order_reads_back_as_it_was(order: Order, words: str, terms: Terms) -> None:
    known = json.loads(json.dumps(order_to_json(order, terms, HOME)))

    assert order_of(known, HOME) == (order, terms)
    assert words_for(order) == words


def test_files_below_the_project_move_with_it() -> None:
    known = order_to_json(WORKFLOW, Terms(), HOME)
    order, _ = order_of(known, Path("/moved"))

    assert isinstance(order, WorkflowOrder)
    assert order.file == Path("/moved/flows/x.dig")


@pytest.mark.parametrize("known", [{}, {"guards": {}, "plan": False}, {"guards": None, "plan": False, "workflow": 1}])
def test_what_is_no_order_is_said_to_be_none(known: dict[str, object]) -> None:
    with pytest.raises(StoreError, match="what was asked for is not as it was written"):
        order_of(known, HOME)
