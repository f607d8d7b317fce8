"""Which workflows are scheduled, as their files say now?"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from td_line_connectors.issues import ValidationIssue
from td_line_connectors.workflow.files import workflow_files
from td_line_connectors.workflow.timing import Timing, find_timing

__all__ = ["Change", "Watch"]

Examine = Callable[[Path], Sequence[ValidationIssue]]
Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Change:
    """A file that is new, or another one than at the last look.

    Attributes:
        workflow: the file, seen from the project's folder.
        issues: what is wrong with it.
    """

    workflow: str
    issues: Sequence[ValidationIssue]


@dataclass(slots=True)
class Watch:
    """The workflow files of a project, each read again when it has changed.

    Attributes:
        folder: the project's.
        examine: gives what is wrong with a workflow file.
    """

    folder: Path
    examine: Examine
    _stamps: dict[str, Stamp | None] = field(default_factory=dict)
    _timings: dict[str, Timing] = field(default_factory=dict)

    @property
    def scheduled(self) -> Mapping[str, Timing]:
        """The times of every workflow that has a schedule, by its file; of a broken file those that it had before."""
        return {workflow: timing for workflow, timing in self._timings.items() if timing.schedule}

    @property
    def unreadable(self) -> Collection[str]:
        """The workflows of whose times nothing is known, because their files are broken."""
        return self._stamps.keys() - self._timings.keys()

    def look(self) -> Sequence[Change]:
        """Look at all files, and give those that have changed since the last look; at first that is all of them."""
        paths = {path.relative_to(self.folder).as_posix(): path for path in workflow_files(self.folder)}
        for gone in self._stamps.keys() - paths.keys():
            del self._stamps[gone]
            self._timings.pop(gone, None)
        return [self._read(workflow, path) for workflow, path in paths.items() if self._has_changed(workflow, path)]

    def _has_changed(self, workflow: str, path: Path) -> bool:
        stamp, before = _stamp(path), self._stamps.get(workflow)
        known = workflow in self._stamps
        self._stamps[workflow] = stamp
        return not known or stamp != before

    def _read(self, workflow: str, path: Path) -> Change:
        timing = find_timing(path, workflow)
        if timing is not None:
            self._timings[workflow] = timing
        return Change(workflow, self.examine(path))


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:  # a link to nowhere, or gone this moment
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
