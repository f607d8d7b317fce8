"""Show all of it, in a temporary project."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click

from td_line_connectors.cli.groups import Command
from td_line_connectors.cli.invocation import Invocation
from td_line_connectors.cli.output import Output
from td_line_connectors.cli.report import tell
from td_line_connectors.cli.running import new_session, prepare
from td_line_connectors.demo.people import BLOCKED, REFUSED_MOBILE
from td_line_connectors.demo.project import WORKFLOW, make_project
from td_line_connectors.plugins import default_registry
from td_line_connectors.report import RunReport
from td_line_connectors.secret import Secret
from td_line_connectors.testing import Account, FastClock, MaacEmulator
from td_line_connectors.workflow.reader import read_workflow

__all__ = ["demo"]

TOKEN: Final = Secret("demo-token")
REJECTS_SHOWN: Final = 3
MEMBERS_SHOWN: Final = 5
TIME_SCALE: Final = 60.0


@click.command(cls=Command)
@click.pass_obj
def demo(invocation: Invocation) -> int:
    """Send a made-up table of people to an emulated MAAC on this machine, and show what became of every row.

    Nothing leaves the machine, and nothing stays on it.
    """
    output = invocation.output
    with (
        tempfile.TemporaryDirectory(prefix="td-line-demo-") as folder,
        MaacEmulator(token=TOKEN.reveal(), time_scale=TIME_SCALE) as maac,
    ):
        account = maac.account()
        account.blocked, account.refuse_mobiles = set(BLOCKED), {REFUSED_MOBILE}
        project = make_project(Path(folder), maac.url, TOKEN)
        workflow = read_workflow(project.folder / WORKFLOW, project, default_registry(), new_session())
        with invocation.watching() as observer:
            report = prepare(project, observer, FastClock(TIME_SCALE).runtime()).run(workflow.tasks)
        rejects = list(islice(_rejects(report), REJECTS_SHOWN))
        report = replace(report, tasks=[replace(task, rejects=None) for task in report.tasks])  # gone with the folder
        if output.as_json:
            held = {"members": len(account.members), "segments": [each.name for each in account.segments]}
            output.document({**report.to_json(), "rejects": rejects, "maac": held})
        else:
            _tell(output, report, rejects, account)
    return report.exit_code


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


def _tell(output: Output, report: RunReport, rejects: Sequence[dict[str, Any]], account: Account) -> None:
    output.write("A made-up table of people went to an emulated MAAC, where a minute lasts a second.\n")
    output.write("Where every row ended:\n\n")
    tell(output, report)
    output.write(f"\n{REJECTS_SHOWN} of the rows set aside, as the rejects file has them:\n\n")
    output.table(("row", "outcome", "reason"), [_reject(each) for each in rejects], header=True)
    members, segments = account.members, account.segments
    output.write(f"\nWhat MAAC holds now: {len(members)} members, {len(segments)} segment. The first members:\n\n")
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
