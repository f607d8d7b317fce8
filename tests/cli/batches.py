"""A workflow whose few rows need several requests, so that there is something to stop in the middle."""

from pathlib import Path
from typing import Any

from td_line_connectors.cli import main
from td_line_connectors.testing import MaacEmulator
from tests.cli.rehearsal import MEMBERS, SEGMENT, uid, write_project

BATCHES = 4
PEOPLE = 5

ROWS = {"read": 21, "written": 20, "mismatched": 0, "invalid": 1, "merged": 0, "rejected": 0, "unsettled": 0}
"""Where the rows of `+members` are once all was sent."""


def rows() -> str:
    """Give a CSV: each member comes in every batch, with more tags than two batches may carry in one request."""
    lines = ["line_uid,tags"]
    for batch in range(BATCHES):
        tags = ", ".join(f"t{batch}-{number}" for number in range(60))
        lines += [f'{uid(each)},"{tags}"' for each in range(PEOPLE)]
    return "\n".join([*lines, "nobody,"]) + "\n"


def write_batches(folder: Path, maac: MaacEmulator) -> None:
    """Write a project with a workflow of two tasks: members in four requests, then a segment."""
    write_project(folder, maac)
    settings = folder / "td-line.yml"
    settings.write_text(f"{settings.read_text()}    request_timeout: 1\n")
    (folder / "people.csv").write_text(rows())
    (folder / "campaign.dig").write_text(MEMBERS.replace("line_uid, birthday", "line_uid, tags") + SEGMENT)
    for command in (
        ["db", "create", "shop"],
        ["table", "create", "shop", "people"],
        ["table", "import", "shop", "people", str(folder / "people.csv")],
    ):
        assert main(["--project", str(folder), *command]) == 0


def held_by(maac: MaacEmulator) -> tuple[Any, Any]:
    """Give what the far side has: its members and its segments."""
    account = maac.account()
    return account.members, [(each.name, sorted(each.uids)) for each in account.segments]
