"""What does an export do to a far side, faults or none?"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from td_line_connectors.engine.task import Ended
from td_line_connectors.report import RowCounts, TaskReport
from td_line_connectors.rows import Row
from td_line_connectors.runs.folder import RunFolder
from td_line_connectors.spi import Limits
from td_line_connectors.testing.contracts.disclosure import logged
from td_line_connectors.testing.contracts.sensitive import Sensitive, personal_in, secrets_in
from td_line_connectors.testing.contracts.stage import Stage, Suite, staged
from td_line_connectors.testing.contracts.witness import Notes, witnessed
from td_line_connectors.testing.emulation.emulator import Call
from td_line_connectors.testing.emulation.faults import FaultKind, WireFault

__all__ = ["Rehearsal", "Rehearsals"]

RESUMPTIONS = 5
"""So many are enough to finish an export that one fault has stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What exports did, and the resumptions that it took to finish them, to a far side of their own.

    Attributes:
        reports: of each export, and of each resumption after them.
        causes: what ended one of them early.
        calls: those of the exports, before any resumption.
        held: what the far side holds in the end.
        broken_limits: limits of the far side that were not kept.
        notes: what the connectors' verbs gave and raised.
        told: what was logged, and what observers were told.
        on_disk: all that lay in the work folders before any resumption.
    """

    reports: Sequence[TaskReport]
    causes: Sequence[BaseException]
    calls: Sequence[Call]
    held: object
    broken_limits: Sequence[object]
    notes: Notes
    told: Sequence[str]
    on_disk: bytes

    @property
    def counts(self) -> RowCounts:
        """Where the rows of the last export are in the end."""
        return self.reports[-1].rows

    @property
    def errors(self) -> Sequence[BaseException]:
        """Every error that came to the engine or out of it."""
        return [*self.notes.errors, *self.causes]


class Rehearsals:
    """Exports of a suite's sample rows; each is done once, however many tests look at it.

    Args:
        suite: whose connector, far side and samples.
        new_folder: gives an empty folder.
    """

    def __init__(self, suite: Suite[Any], new_folder: Callable[[], Path]) -> None:
        self._suite = suite
        self._new_folder = new_folder
        self._sensitive: Sensitive | None = None
        self._undisturbed: Rehearsal | None = None
        self._disturbed: dict[WireFault | None, list[Rehearsal]] = {}

    @property
    def all_rows(self) -> Sequence[Row]:
        """The good samples and the bad ones after them."""
        return [*self._suite.good_rows, *self._suite.bad_rows]

    def sensitive(self) -> Sensitive:
        """Give the texts of the samples that must never come to light."""
        if self._sensitive is None:
            suite = self._suite
            with staged(suite) as stage:
                secrets = secrets_in(suite.plugin, stage.settings)
                personal = personal_in(self.all_rows, suite.personal, stage.connector.rows)
            self._sensitive = Sensitive(secrets, personal)
        return self._sensitive

    def undisturbed(self) -> Rehearsal:
        """Export all sample rows."""
        if self._undisturbed is None:
            self._undisturbed = self.rehearse([self.all_rows])
        return self._undisturbed

    def disturbed(self, fault: WireFault | None) -> Sequence[Rehearsal]:
        """Export all sample rows as often as that makes calls, so that the fault befalls each call once.

        Args:
            fault: what befalls a call; a `slow` one befalls no GET, to spare the tests' time. None: the process is
                killed when it was about to write down that a request was accepted.
        """
        if fault not in self._disturbed:
            rows, whole = [self.all_rows], self.undisturbed()
            if fault is None:
                done = [self.rehearse(rows, killed_after=number) for number in range(len(whole.notes.bodies))]
            else:
                spared = "GET" if fault.kind is FaultKind.SLOW else ""
                places = [place for place, call in enumerate(whole.calls) if call.method != spared]
                done = [self.rehearse(rows, replace(fault, after=place)) for place in places]
            self._disturbed[fault] = done
        return self._disturbed[fault]

    def rehearse(
        self,
        results: Sequence[Sequence[Row]],
        fault: WireFault | None = None,
        *,
        killed_after: int | None = None,
        limits: Limits | None = None,
    ) -> Rehearsal:
        """Export results, one after the other, to a new far side; then resume what was stopped until it is finished.

        Args:
            results: the rows of each.
            fault: what befalls one of the calls.
            killed_after: the number of the request, from 0, after which the process is killed.
            limits: kept instead of the connector's own.
        """
        notes = Notes(killed_after)
        with staged(self._suite) as stage, logged() as told:
            if fault:
                stage.far_side.faults.add(fault)
            folders = [self._new_folder() for _ in results]

            def exported(rows: Sequence[Row] | None, folder: Path) -> Ended:
                return _exported(stage, rows, folder, notes, limits, told)

            ended = [exported(rows, folder) for rows, folder in zip(results, folders, strict=True)]
            calls, on_disk = list(stage.far_side.calls), _content(folders)
            for folder in folders:
                while RunFolder(folder).snapshot.exists() and len(ended) < len(results) + RESUMPTIONS:
                    ended.append(exported(None, folder))
            return Rehearsal(
                reports=[each.report for each in ended],
                causes=[each.cause for each in ended if each.cause],
                calls=calls,
                held=self._suite.held(stage.far_side),
                broken_limits=list(self._suite.broken_limits(stage.far_side)),
                notes=notes,
                told=told,
                on_disk=on_disk,
            )


def _exported(
    stage: Stage[Any],
    rows: Sequence[Row] | None,
    folder: Path,
    notes: Notes,
    limits: Limits | None,
    told: list[str],
) -> Ended:
    """Export rows with a connector of their own; None: go on with those of the folder's snapshot."""
    with closing(stage.another()) as connector:
        task = stage.task(witnessed(connector, notes, limits), folder, told)
        return task.resume() if rows is None else task.run(rows)


def _content(folders: Sequence[Path]) -> bytes:
    return b"\n".join(path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file())
