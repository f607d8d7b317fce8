"""When, and in which zone, does a workflow run?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import available_timezones

from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.schema.parameters import nearest
from td_line_connectors.settings.document import read_document
from td_line_connectors.settings.node import Node
from td_line_connectors.settings.text import read_text
from td_line_connectors.workflow.schedule import Schedule, read_schedule
from td_line_connectors.workflow.session import find_zone

__all__ = ["Timing", "find_timing", "read_timing"]

UTC_NAME: Final = "UTC"


@dataclass(frozen=True, slots=True)
class Timing:
    """What a workflow file says of its times.

    Attributes:
        timezone: the IANA name of the zone of the session's variables and of the schedule.
        zone: that zone.
        schedule: when the workflow runs by itself; None where it does not.
    """

    timezone: str
    zone: tzinfo
    schedule: Schedule | None


def find_timing(path: Path, shown: str) -> Timing | None:
    """Look for a file's times alone: they may be well where its tasks are not.

    Args:
        path: the workflow file.
        shown: its name as messages show it.

    Returns:
        the times; None where something is wrong with them, or with the file as a whole.
    """
    issues: list[ValidationIssue] = []
    try:
        root = read_document(read_text(path, shown), shown).root
    except ConfigError:
        return None
    timing = read_timing(root, issues) if isinstance(root.value, Mapping) else None
    return None if issues else timing


def read_timing(root: Node, issues: list[ValidationIssue]) -> Timing:
    """Read `timezone:` and `schedule:`.

    Args:
        root: the whole file, a mapping.
        issues: where everything that is wrong is added.

    Returns:
        the times; UTC and no schedule in the place of what is wrong.
    """
    timezone, zone = _timezone(root.items.get("timezone"), issues)
    block = root.items.get("schedule")
    return Timing(timezone, zone, read_schedule(block, issues) if block else None)


def _timezone(node: Node | None, issues: list[ValidationIssue]) -> tuple[str, tzinfo]:
    """Give the zone's name and the zone; UTC where none is given or it is wrong, which is an issue then."""
    if node is None or (node.value is None and not node.commented):
        return UTC_NAME, UTC
    name = node.value.strip() if isinstance(node.value, str) else ""
    zone = find_zone(name) if name else None
    if zone is not None:
        return name, zone
    if name:
        near = nearest(name, available_timezones())
        message = f"must be a zone's name such as Asia/Taipei; abbreviations such as CST are not read.{near}"
        issues.append(node.issue("timezone", message))
    else:
        issues.append(node.key_issue("timezone", node.blank if node.value is None else "must be a zone's name"))
    return UTC_NAME, UTC
