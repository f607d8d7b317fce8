"""What does an output keep, whatever fails?"""

import json
import pickle
from collections.abc import Mapping
from typing import Final

import pytest

from td_line_connectors.errors import ConfigError, RemoteError
from td_line_connectors.testing.contracts.disclosure import found_in, pickled, texts_of
from td_line_connectors.testing.contracts.rehearsals import Rehearsal, Rehearsals
from td_line_connectors.testing.emulation.faults import FaultKind, WireFault

__all__ = ["FaultPromises"]

LATE: Final = "late answer"
UNDISTURBED: Final = "no fault"

FAULTS: Final[Mapping[str, WireFault | None]] = {
    "401": WireFault(FaultKind.REFUSED, status=401),
    "404": WireFault(FaultKind.REFUSED, status=404),
    "429": WireFault(FaultKind.RATE_LIMITED, retry_after=2),
    "500": WireFault(FaultKind.SERVER_ERROR),
    "503 after it acted": WireFault(FaultKind.SERVER_ERROR, status=503, acts=True),
    "line cut before it acted": WireFault(FaultKind.CUT_BEFORE),
    "line cut after it acted": WireFault(FaultKind.CUT_AFTER),
    "line cut within the answer": WireFault(FaultKind.CUT_MIDWAY),
    "garbage": WireFault(FaultKind.GARBAGE),
    "garbage after it acted": WireFault(FaultKind.GARBAGE, acts=True),
    "page of a proxy": WireFault(FaultKind.HTML),
    "redirect": WireFault(FaultKind.REDIRECT),
    "process killed after it acted": None,
}

under_every_fault = pytest.mark.parametrize("fault", [*FAULTS, LATE])
with_and_without_faults = pytest.mark.parametrize("fault", [UNDISTURBED, *FAULTS, LATE])


class FaultPromises:
    """What an output keeps under every fault of its far side.

    Every fault befalls each call of an export once. The export is then resumed, by another connector as another
    process would, until it is finished.
    """

    late_seconds: float = 1.5

    @under_every_fault
    def test_every_row_ends_in_one_place(self, rehearsals: Rehearsals, fault: str) -> None:
        expected = rehearsals.undisturbed().counts

        for call, done in self.under(rehearsals, fault):
            for report in done.reports:
                assert report.rows.unaccounted == 0, call
                assert report.rows.read == expected.read, call
            assert done.counts == expected, f"{call}: not what an undisturbed export counts"

    @under_every_fault
    def test_nothing_is_doubled_and_nothing_is_lost(self, rehearsals: Rehearsals, fault: str) -> None:
        expected = rehearsals.undisturbed().held

        for call, done in self.under(rehearsals, fault):
            assert done.held == expected, f"{call}: not what an undisturbed export leaves at the far side"

    @with_and_without_faults
    def test_the_far_sides_limits_are_kept(self, rehearsals: Rehearsals, fault: str) -> None:
        for call, done in self.under(rehearsals, fault):
            assert list(done.broken_limits) == [], call

    def test_a_401_is_not_repeated(self, rehearsals: Rehearsals) -> None:
        for place, (call, done) in enumerate(self.under(rehearsals, "401")):
            refused, later = done.calls[place], [(each.method, each.path) for each in done.calls[place + 1 :]]

            assert (refused.method, refused.path) not in later, f"{call}, {refused.method} {refused.path}"

    def test_a_late_answer_is_not_waited_for(self, rehearsals: Rehearsals) -> None:
        patient = rehearsals.undisturbed().calls

        for call, done in self.under(rehearsals, LATE):
            gave_up = len(done.calls) > len(patient) or bool(done.causes)
            assert gave_up, f"{call}: it was waited for, for {self.late_seconds:g} s; `settings` should allow less"

    @under_every_fault
    def test_a_failure_is_sorted_by_who_must_act(self, rehearsals: Rehearsals, fault: str) -> None:
        for call, done in self.under(rehearsals, fault):
            for error in done.notes.errors:
                assert isinstance(error, RemoteError | ConfigError), f"{call}: {type(error).__name__}"

    @under_every_fault
    def test_an_error_survives_the_way_to_another_process(self, rehearsals: Rehearsals, fault: str) -> None:
        for call, done in self.under(rehearsals, fault):
            for error in done.errors:
                copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

                assert type(copy) is type(error), call
                assert (str(copy), copy.args) == (str(error), error.args), call

    @with_and_without_faults
    def test_no_secret_comes_to_light(self, rehearsals: Rehearsals, fault: str) -> None:
        secrets = rehearsals.sensitive().secrets

        for call, done in self.under(rehearsals, fault):
            assert found_in(_texts(done), secrets) == [], call
            for where, content in _bytes(done):
                assert not any(each.encode() in content for each in secrets), f"{call}: {where}"

    @with_and_without_faults
    def test_no_personal_value_comes_to_light(self, rehearsals: Rehearsals, fault: str) -> None:
        personal = rehearsals.sensitive().personal

        for call, done in self.under(rehearsals, fault):
            assert found_in(_texts(done), personal) == [], call

    def under(self, rehearsals: Rehearsals, fault: str) -> list[tuple[str, Rehearsal]]:
        """Rehearse a fault on each call of an export; give each with words for a failed assertion."""
        if fault == UNDISTURBED:
            return [(fault, rehearsals.undisturbed())]
        known = WireFault(FaultKind.SLOW, seconds=self.late_seconds) if fault == LATE else FAULTS[fault]
        done = rehearsals.disturbed(known)
        assert done, "the export made no call that this could befall: does the far side refuse its requests?"
        return [(f"«{fault}» on call {number}", each) for number, each in enumerate(done, start=1)]


def _texts(done: Rehearsal) -> list[str]:
    """Give every text of a rehearsal that people may see: logs, errors, reports, events, tickets."""
    shown = [
        *done.told,
        *done.notes.tickets,
        *(json.dumps(each.to_json(), ensure_ascii=False) for each in done.reports),
    ]
    return shown + [text for error in done.errors for text in texts_of(error)]


def _bytes(done: Rehearsal) -> list[tuple[str, bytes]]:
    """Give what leaves the process besides."""
    files = [("a file in the work folder", done.on_disk)]
    return files + [("an error, pickled", each) for error in done.errors for each in pickled(error)]
