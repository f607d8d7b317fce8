"""Show all of it, in a temporary project."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click

from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.output import Output
from td_line_connectors.cli.preview import HEADINGS, Preview, Row, cells
from td_line_connectors.cli.report import tell
from td_line_connectors.cli.running import new_session, prepare
from td_line_connectors.demo.people import BLOCKED, REFUSED_MOBILE
from td_line_connectors.demo.project import DATABASE, EVENTS, RAW, WORKFLOW, TreasureData, make_project
from td_line_connectors.demo.receiving import Received, receive
from td_line_connectors.plugins import default_registry
from td_line_connectors.report import RunReport
from td_line_connectors.secret import Secret
from td_line_connectors.sources.places import PLAZMA, Places
from td_line_connectors.storage.quota_folder import QuotaFolder
from td_line_connectors.testing import Account, FastClock, MaacEmulator, TreasureDataEmulator
from td_line_connectors.workflow.orders import WorkflowOrder
from td_line_connectors.workflow.reader import read_workflow

__all__ = ["demo"]

TOKEN: Final = Secret("demo-token")
CHANNEL_SECRET: Final = Secret("demo-channel-secret")
REJECTS_SHOWN: Final = 3
MEMBERS_SHOWN: Final = 5
EVENTS_SHOWN: Final = 8
TIME_SCALE: Final = 60.0


@click.command(cls=Command)
@click.option(
    "--store",
    default="sqlite",
    show_default=True,
    type=click.Choice(["sqlite", PLAZMA]),
    help="Where LINE's events are; plazma: at an emulated Treasure Data, which is asked for them too.",
)
@click.pass_obj
def demo(invocation: Invocation, *, store: str) -> int:
    """Let a simulated LINE call in, send people to an emulated MAAC, and show what became of every call and row.

    Nothing leaves the machine, and nothing stays on it.
    """
    output = invocation.output
    with (
        tempfile.TemporaryDirectory(prefix="td-line-demo-") as folder,
        MaacEmulator(token=TOKEN.reveal(), time_scale=TIME_SCALE) as maac,
        _treasure_data() if store == PLAZMA else nullcontext() as treasure_data,
    ):
        account = maac.account()
        account.blocked, account.refuse_mobiles = set(BLOCKED), {REFUSED_MOBILE}
        project = make_project(Path(folder), maac.url, TOKEN, CHANNEL_SECRET, treasure_data)
        registry = default_registry()
        received = receive(project, registry, CHANNEL_SECRET, store)
        latest = Preview(*Places(project.state).holding(received.source), EVENTS).latest(EVENTS_SHOWN)
        session = new_session()
        workflow = read_workflow(project.folder / WORKFLOW, project, registry, session)
        order = WorkflowOrder(
            file=workflow.path, only=None, session=session, tasks=[task.name for task in workflow.tasks]
        )
        runtime = replace(FastClock(TIME_SCALE).runtime(), quota=QuotaFolder(project.state / "quota"))
        with invocation.watching() as observer, prepare(project, observer, order, runtime) as runner:
            report = runner.run(workflow.tasks)
        rejects = list(islice(_rejects(report), REJECTS_SHOWN))
        report = replace(report, tasks=[replace(task, rejects=None) for task in report.tasks])  # gone with the folder
        if output.as_json:
            held = {"members": len(account.members), "segments": [each.name for each in account.segments]}
            line = _in_json(received)
            output.document({**report.to_json(), "rejects": rejects, "maac": held, "line": line})
        else:
            _tell_what_came(output, received, latest)
            _tell(output, report, rejects, account)
    return report.exit_code


@contextmanager
def _treasure_data() -> Iterator[TreasureData]:
    """Play a Treasure Data whose tables for LINE's events are there, and empty."""
    with TreasureDataEmulator(time_scale=TIME_SCALE) as emulator:
        emulator.add_tables(DATABASE, RAW, EVENTS)
        yield TreasureData(emulator.url, Secret(emulator.api_key), Secret(emulator.write_key))


def _rejects(report: RunReport) -> Iterator[dict[str, Any]]:
    """Give the rows set aside: one of each kind of reason first."""
    lines: list[dict[str, Any]] = []
    for task in report.tasks:
        if task.rejects:
            lines += [json.loads(line) for line in task.rejects.read_text(encoding="utf-8").splitlines()]
    seen: set[str] = set()
    for line in sorted(lines, key=lambda each: each["outcome"] == "invalid"):
        if (code := line["issues"][0]["code"]) not in seen:
            seen.add(code)
            yield line


def _in_json(received: Received) -> dict[str, int | None]:
    return {
        "calls": received.tally.calls,
        "accepted": received.tally.accepted,
        "raw": received.calls,
        "events": received.events,
        "repeats": received.sent - received.events,
        "forgotten": received.forgotten.events,
        "handed_over": received.handed_over,
    }


def _tell_what_came(output: Output, received: Received, latest: Sequence[Row]) -> None:
    output.write("A simulated LINE called the receiver, which says 200 when the rows are on disk:\n\n")
    rows = [
        ("calls sent", received.tally.calls),
        ("accepted", received.tally.accepted),
        ("rows of Raw, one for each call", received.calls),
        ("events in them", received.sent),
        ("rows of Events, one for each event", received.events),
        ("repeats that were left out", received.sent - received.events),
        ("messages taken back, and forgotten", received.forgotten.events),
    ]
    if received.handed_over is not None:
        rows.append(("rows handed over to an emulated Treasure Data", received.handed_over))
    output.table(("what", "count"), rows, header=True)
    output.write("\nThe latest events, as `source preview` shows them:\n\n")
    output.table(HEADINGS, map(cells, latest), header=True)
    output.write("\n")


def _tell(output: Output, report: RunReport, rejects: Sequence[dict[str, Any]], account: Account) -> None:
    output.write(
        "A made-up table of people, and LINE's friends, went to an emulated MAAC, where a minute lasts a second.\n"
    )
    output.write("Where every row ended:\n\n")
    tell(output, report)
    output.write(f"\n{REJECTS_SHOWN} of the rows set aside, as the rejects file has them:\n\n")
    output.table(("row", "outcome", "reason"), [_reject(each) for each in rejects], header=True)
    members, segments = account.members, account.segments
    output.write(f"\nWhat MAAC holds now: {len(members)} members, {len(segments)} segments. The first members:\n\n")
    columns = ("line_display_name", "email", "mobile", "gender", "birthday", "tags")
    shown = [tuple(_cell(each.get(name)) for name in columns) for each in members[:MEMBERS_SHOWN]]
    output.table(columns, shown, header=True)
    for segment in segments:
        friends = sum(map(account.is_friend, segment.uids))
        output.write(
            f"\nsegment «{segment.name}»: {len(segment.uids)} people, {friends} of them reached by the account\n"
        )


def _reject(line: dict[str, Any]) -> tuple[str, str, str]:
    reasons = "; ".join(f"{issue['field']}: {issue['message']}" for issue in line["issues"])
    return ", ".join(map(str, line["rows"])), line["outcome"], reasons


def _cell(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value or "")
