"""Where is the project, and what does its file say?"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from td_line_connectors import validators
from td_line_connectors.errors import ConfigError
from td_line_connectors.guards import UNGUARDED, Guards, read_max_invalid, read_max_shrink
from td_line_connectors.issues import InvalidValueError, ValidationIssue
from td_line_connectors.project.notification import Notification, read_notification
from td_line_connectors.schema.parameters import nearest
from td_line_connectors.settings.document import read_document
from td_line_connectors.settings.node import Node
from td_line_connectors.settings.secrets import Secrets
from td_line_connectors.settings.text import read_text

__all__ = ["PROJECT_FILE", "Project", "ProjectExamination", "examine_project", "find_project", "read_project"]

PROJECT_FILE: Final = "td-line.yml"
STATE: Final = ".td-line"
KEEP_DAYS: Final = 30
KEEP_HISTORY_DAYS: Final = 90
KEEP_HANDED_OVER_DAYS: Final = 7
KEYS: Final = (
    "state",
    "base_url",
    "keep_days",
    "keep_history_days",
    "keep_handed_over_days",
    "max_invalid",
    "max_shrink",
    "metrics_textfile",
    "notify",
    "connections",
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What `td-line.yml` says.

    Attributes:
        folder: the project's folder.
        state: the folder of databases, runs and secrets; it need not exist.
        keep_days: days for which rejects and unfinished snapshots are kept.
        keep_history_days: days for which runs are remembered; never less than `keep_days`.
        keep_handed_over_days: days for which rows that are at Treasure Data are kept here too, so that an event that
            comes again is left out.
        guards: what a result may be like and still be sent, unless the command says otherwise.
        base_url: what comes before `/v1/task/…` in a webhook's URL, without a slash at its end; None where not given.
        connections: name → block as written. `project.connections` knows what a block may say.
        secrets: what `${secret:key}` stands for.
        metrics_textfile: where the figures of runs are written for Prometheus; None: nowhere.
        notification: who is told that a run has ended; None: nobody.
    """

    folder: Path
    state: Path
    base_url: str | None
    keep_days: int
    connections: Mapping[str, Node]
    secrets: Secrets
    guards: Guards = UNGUARDED
    keep_history_days: int = KEEP_HISTORY_DAYS
    keep_handed_over_days: int = KEEP_HANDED_OVER_DAYS
    metrics_textfile: Path | None = None
    notification: Notification | None = None


@dataclass(frozen=True, slots=True)
class ProjectExamination:
    """What looking at a project file showed.

    Attributes:
        project: what is right with it; defaults and nothing for the rest.
        issues: everything that is wrong.
    """

    project: Project
    issues: tuple[ValidationIssue, ...]


def find_project(start: Path) -> Path:
    """Give the project's folder: `start`, or the nearest folder above it that holds `td-line.yml`.

    Raises:
        ConfigError: if there is none.
    """
    folder = start.absolute()
    for each in (folder, *folder.parents):
        if (each / PROJECT_FILE).is_file():
            return each
    raise _no_project(f"neither in {folder.name or folder} nor in a folder above it")


def read_project(folder: Path, environ: Mapping[str, str] = os.environ) -> Project:
    """Read the project file of `folder`. What the connections say is judged where they are used.

    Args:
        folder: the project's folder.
        environ: where secrets are looked up first.

    Raises:
        ConfigError: with everything that is wrong with the file.
    """
    examination = examine_project(folder, environ)
    if examination.issues:
        raise ConfigError(examination.issues)
    return examination.project


def examine_project(folder: Path, environ: Mapping[str, str] = os.environ) -> ProjectExamination:
    """Look at the project file of `folder`. The arguments are those of `read_project`.

    Raises:
        ConfigError: if there is no such file, or it is no mapping in YAML.
    """
    file = folder / PROJECT_FILE
    if not file.is_file():
        raise _no_project(f"in {folder.name or folder}")
    root = read_document(read_text(file, PROJECT_FILE), PROJECT_FILE).root
    if root.value is not None and not isinstance(root.value, Mapping):
        raise ConfigError([root.issue("type", f"must be a mapping with the keys {', '.join(KEYS)}")])
    issues = [
        node.key_issue("unknown", f"is no key of {PROJECT_FILE}.{nearest(key, KEYS)} Known: {', '.join(KEYS)}.")
        for key, node in root.items.items()
        if key not in KEYS
    ]
    state = _state(folder, root.items.get("state"), issues)
    base_url = _read(root.items.get("base_url"), _url, None, issues)
    keep_days = _read(root.items.get("keep_days"), _days, KEEP_DAYS, issues)
    keep_history_days = _read(root.items.get("keep_history_days"), _days, KEEP_HISTORY_DAYS, issues)
    guards = Guards(
        max_invalid=_read(root.items.get("max_invalid"), read_max_invalid, None, issues),
        max_shrink=_read(root.items.get("max_shrink"), read_max_shrink, None, issues),
    )
    textfile = _read(root.items.get("metrics_textfile"), _textfile, None, issues)
    connections = _connections(root.items.get("connections"), issues)
    project = Project(
        folder=folder,
        state=state,
        base_url=base_url,
        keep_days=keep_days,
        connections=connections,
        secrets=Secrets(environ, state / "secrets.yml"),
        guards=guards,
        keep_history_days=max(keep_history_days, keep_days),
        keep_handed_over_days=_read(root.items.get("keep_handed_over_days"), _days, KEEP_HANDED_OVER_DAYS, issues),
        metrics_textfile=textfile and folder / textfile,
        notification=read_notification(root.items.get("notify"), issues),
    )
    return ProjectExamination(project, tuple(issues))


def _no_project(where: str) -> ConfigError:
    return ConfigError.of(PROJECT_FILE, "not_found", f"there is no such file {where}: `td-line init` makes a project")


def _text(node: Node | None, issues: list[ValidationIssue]) -> str | None:
    """Give the text of an optional key."""
    if node is None or node.value is None:
        if node is not None and node.commented:
            issues.append(node.key_issue("comment", node.blank))
        return None
    if not isinstance(node.value, str):
        issues.append(node.issue("type", "must be a text"))
        return None
    if "${" in node.value:
        issues.append(node.issue("template", f"`${{…}}` stands in {PROJECT_FILE} only in a connection's secrets"))
        return None
    return node.value.strip() or None


def _state(folder: Path, node: Node | None, issues: list[ValidationIssue]) -> Path:
    text = _text(node, issues)
    state = Path(os.path.normpath(folder / (text or STATE)))
    if node is not None and text and ("\0" in text or folder.absolute().is_relative_to(state.absolute())):
        issues.append(node.issue("state", "must be a folder of its own: it becomes readable for this user alone"))
    return state


def _read(node: Node | None, read: Callable[[str], T], default: T, issues: list[ValidationIssue]) -> T:
    """Give the value of an optional key; the default where it is not given, or wrong, which is an issue then."""
    text = _text(node, issues)
    if node is None or text is None:
        return default
    try:
        return read(text)
    except InvalidValueError as error:
        issues.append(node.issue(error.code, error.message))
        return default


def _url(text: str) -> str:
    return str(validators.url(text))


def _days(text: str) -> int:
    return int(str(validators.integer(1, 3650)(text)))


def _textfile(text: str) -> Path:
    if "\0" in text or not text.endswith(".prom"):
        raise InvalidValueError("textfile", "must be a path that ends in .prom: node_exporter reads no other file")
    return Path(text)


def _connections(node: Node | None, issues: list[ValidationIssue]) -> Mapping[str, Node]:
    if node is None or node.value is None:
        return {}
    if not isinstance(node.value, Mapping):
        issues.append(node.issue("type", "must be a mapping of connection names to blocks"))
        return {}
    blocks = {name: block for name, block in node.value.items() if isinstance(block.value, Mapping)}
    for name, block in node.value.items():
        if "${" in name:
            issues.append(block.key_issue("template", "a connection's name cannot hold `${…}`: write it out"))
        elif name not in blocks:
            message = "must be a block of its own, indented deeper, with `type:` first"
            issues.append(block.key_issue("type", message))
    return blocks
