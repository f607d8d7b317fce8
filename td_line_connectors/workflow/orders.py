"""What was asked for, so that another process can go on with it?

An order is kept in the history as JSON values. It holds no secret and no row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from td_line_connectors.errors import StoreError
from td_line_connectors.guards import UNGUARDED, Guards
from td_line_connectors.project.targets import Target
from td_line_connectors.workflow.session import Session

__all__ = [
    "FileOrder",
    "Order",
    "RejectsOrder",
    "Terms",
    "WorkflowOrder",
    "order_of",
    "order_to_json",
    "origin_of",
    "words_for",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowOrder:
    """Tasks of a workflow file.

    Attributes:
        file: the file.
        only: the one task, or parent of tasks, that was asked for; None for all.
        session: the session that its variables speak of.
        tasks: the names of the tasks to run, in order, as the file had them.
    """

    file: Path
    only: str | None
    session: Session
    tasks: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOrder:
    """The export of one file of rows.

    Attributes:
        name: what the report calls it.
        file: the file; None for standard input.
        format, encoding: how it is read; None where that was not said.
        target: where its rows go.
    """

    name: str
    file: Path | None
    format: str | None
    encoding: str | None
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectsOrder:
    """The rejects of an earlier run.

    Attributes:
        run_id: that run.
        files: task → its file of rejects, in the order in which they are sent.
        encoding: of the file's text; None for UTF-8.
        targets: task → where its rows go.
        origin: the workflow whose rows they were at first; None where it was none.
    """

    run_id: str
    files: Mapping[str, Path]
    encoding: str | None
    targets: Mapping[str, Target]
    origin: WorkflowOrder | None


Order = WorkflowOrder | FileOrder | RejectsOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a run keeps to, whatever it runs.

    Attributes:
        guards: what each result may be like and still be sent.
        plan: whether nothing is sent.
    """

    guards: Guards = UNGUARDED
    plan: bool = False


def words_for(order: Order) -> str:
    """Say what was asked for: `campaign.dig +members`, `members.csv`."""
    match order:
        case WorkflowOrder(file=file, only=only):
            return f"{file.name} {only}" if only else file.name
        case FileOrder(name=name):
            return name
        case RejectsOrder(run_id=run_id):
            return f"rejects of {run_id}"


def origin_of(order: Order) -> WorkflowOrder | None:
    """Give the workflow that has an order's tasks, or had those whose rejects it sends; None where there is none."""
    if isinstance(order, RejectsOrder):
        return order.origin
    return order if isinstance(order, WorkflowOrder) else None


def order_to_json(order: Order, terms: Terms, home: Path) -> dict[str, object]:
    """Give an order as JSON values.

    Args:
        order: what was asked for.
        terms: what the run keeps to.
        home: the project's folder; files below it are named from there, so that the project may be moved.
    """
    known: dict[str, object] = {"guards": terms.guards.to_json(), "plan": terms.plan}
    match order:
        case WorkflowOrder():
            known["workflow"] = _workflow_json(order, home)
        case FileOrder(file=named):
            known["file"] = {
                "name": order.name,
                "file": None if named is None else _name(named, home),
                "format": order.format,
                "encoding": order.encoding,
                "target": order.target.to_json(),
            }
        case RejectsOrder(files=files, targets=targets):
            known["rejects"] = {
                "run_id": order.run_id,
                "files": {task: _name(file, home) for task, file in files.items()},
                "encoding": order.encoding,
                "targets": {task: target.to_json() for task, target in targets.items()},
                "origin": order.origin and _workflow_json(order.origin, home),
            }
    return known


def order_of(known: Mapping[str, Any], home: Path) -> tuple[Order, Terms]:
    """Read back what `order_to_json` gave.

    Args:
        known: the JSON values.
        home: the project's folder, as it is now.

    Raises:
        StoreError: if they are something else.
    """
    try:
        return _order(known, home), Terms(guards=Guards.from_json(known["guards"]), plan=known["plan"])
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError("reading the history: what was asked for is not as it was written; run it anew") from error


def _order(known: Mapping[str, Any], home: Path) -> Order:
    order: Order
    if workflow := known.get("workflow"):
        order = _workflow_of(workflow, home)
    elif file := known.get("file"):
        order = FileOrder(
            name=file["name"],
            file=None if file["file"] is None else home / file["file"],
            format=file["format"],
            encoding=file["encoding"],
            target=Target.from_json(file["target"]),
        )
    else:
        rejects = known["rejects"]
        order = RejectsOrder(
            run_id=rejects["run_id"],
            files={task: home / name for task, name in rejects["files"].items()},
            encoding=rejects["encoding"],
            targets={task: Target.from_json(target) for task, target in rejects["targets"].items()},
            origin=rejects["origin"] and _workflow_of(rejects["origin"], home),
        )
    return order


def _workflow_json(order: WorkflowOrder, home: Path) -> dict[str, object]:
    return {
        "file": _name(order.file, home),
        "only": order.only,
        "session": {"time": order.session.time.isoformat(), "uuid": str(order.session.uuid)},
        "tasks": list(order.tasks),
    }


def _workflow_of(known: Mapping[str, Any], home: Path) -> WorkflowOrder:
    time, uuid = known["session"]["time"], known["session"]["uuid"]
    return WorkflowOrder(
        file=home / known["file"],
        only=known["only"],
        session=Session(datetime.fromisoformat(time), UUID(uuid)),
        tasks=tuple(known["tasks"]),
    )


def _name(file: Path, home: Path) -> str:
    """Give a file's name from the project's folder on, where it is below it; else its whole path."""
    path, folder = file.absolute(), home.absolute()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
