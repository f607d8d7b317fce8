"""What does an output connector promise?"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest

from td_line_connectors.errors import DataError
from td_line_connectors.rows import Row
from td_line_connectors.spi import Checkable, OutputConnector, OutputPlugin
from td_line_connectors.testing.clock import StillClock
from td_line_connectors.testing.contracts.declaration import DeclarationPromises, printed
from td_line_connectors.testing.contracts.disclosure import found_in
from td_line_connectors.testing.contracts.faults import FaultPromises
from td_line_connectors.testing.contracts.rehearsals import Rehearsals
from td_line_connectors.testing.contracts.stage import FarSide, staged

__all__ = ["OutputContract"]

F = TypeVar("F", bound=FarSide)

REHEARSALS = pytest.StashKey[Rehearsals]()

RECOGNISABLE = 6
"""Characters from which on a text is no part of another by chance."""


class OutputContract(DeclarationPromises, FaultPromises, ABC, Generic[F]):
    """The promises of an output connector, as tests to inherit: name your class `Test…` and fill this in.

    The tests export the sample rows, over a real socket, to new far sides that fail when told to.

    Attributes:
        plugin: the plugin.
        good_rows: sample rows that are valid; at least two keys, one of them in two rows that complete each other.
        bad_rows: sample rows that are not; at least one.
        personal: the columns whose values must never come to light.
        late_seconds: for how long a late answer is kept back; `settings` should make the connector wait for less.
    """

    plugin: OutputPlugin[Any]
    good_rows: Sequence[Row]
    bad_rows: Sequence[Row]
    personal: Sequence[str]

    @abstractmethod
    def far_side(self, clock: StillClock) -> AbstractContextManager[F]:
        """Make a far side with nothing in it, which listens within its `with`.

        Args:
            clock: what it must live by, if time matters to it.
        """

    @abstractmethod
    def settings(self, far_side: F) -> Mapping[str, object]:
        """Give the raw settings of a connector that reaches `far_side`, secrets among them."""

    @abstractmethod
    def held(self, far_side: F) -> object:
        """Give what the far side holds, as a value to compare with `==`; what is there twice must show twice."""

    def broken_limits(self, far_side: F) -> Sequence[object]:
        """Give the limits of the far side that were not kept, if it notices such things."""
        del far_side
        return ()

    @pytest.fixture
    def rehearsals(self, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rehearsals:
        """Give the exports that all tests of this class look at."""
        stash: pytest.Stash = request.node.getparent(pytest.Class).stash
        return stash.setdefault(REHEARSALS, Rehearsals(self, partial(tmp_path_factory.mktemp, "contract")))

    def test_the_samples_are_what_these_tests_need(self, rehearsals: Rehearsals) -> None:
        sensitive = rehearsals.sensitive()
        with staged(self) as stage:
            rows, key = stage.connector.rows, stage.connector.key
            keys = [key(record) for row in self.good_rows if not isinstance(record := rows.parse(row, 1), list)]
            wrong = [row for row in self.bad_rows if isinstance(rows.parse(row, 1), list)]

        assert len(keys) == len(self.good_rows), "every row of `good_rows` must be valid"
        assert len(wrong) == len(self.bad_rows) > 0, "every row of `bad_rows` must be invalid, and there must be one"
        assert 1 < len(set(keys)) < len(keys), "`good_rows` must have at least two keys, and one of them twice"
        for text in [*sensitive.secrets, *sensitive.personal]:
            assert len(text) >= RECOGNISABLE, f"{text!r} is too short to be told from other texts: take a longer one"

    def test_making_a_connector_asks_nobody(self) -> None:
        with staged(self) as stage:
            assert list(stage.far_side.calls) == []

    def test_no_secret_is_printed_with_the_connector(self, rehearsals: Rehearsals) -> None:
        with staged(self) as stage:
            config = self.plugin.parameters.parse(stage.settings)

            assert found_in(printed(config, stage.connector), rehearsals.sensitive().secrets) == []

    def test_the_account_betrays_no_secret(self, rehearsals: Rehearsals) -> None:
        with staged(self) as stage:
            assert found_in([stage.connector.account], rehearsals.sensitive().secrets) == []

    def test_close_may_be_called_twice(self, tmp_path: Path) -> None:
        with staged(self) as stage:
            unused, used = stage.another(), stage.another()
            stage.task(used, tmp_path).run(self.good_rows)

            for connector in (unused, unused, used, used):
                connector.close()  # raises nothing
            assert unused.name == used.name == self.plugin.name

    def test_looking_changes_nothing(self, tmp_path: Path) -> None:
        with staged(self) as stage:
            before = deepcopy(self.held(stage.far_side))
            stage.task(stage.connector, tmp_path).plan(self.good_rows)
            if isinstance(stage.connector, Checkable):
                stage.connector.check()

            assert self.held(stage.far_side) == before

    def test_the_counts_cover_every_row(self, rehearsals: Rehearsals) -> None:
        done = rehearsals.undisturbed()
        rows = done.counts

        assert [str(each) for each in done.causes] == []
        assert (rows.invalid, rows.rejected, rows.unsettled) == (len(self.bad_rows), 0, 0)
        told = sum(each.written + each.mismatched + each.unsettled for each in done.notes.outcomes)
        assert told == rows.written + rows.mismatched, "what `settle` counts must be the records that were sent"

    def test_an_invalid_row_is_not_sent(self, rehearsals: Rehearsals) -> None:
        assert rehearsals.undisturbed().held == rehearsals.rehearse([self.good_rows]).held

    def test_equal_records_encode_to_equal_bytes(self) -> None:
        with staged(self) as one, staged(self) as another:
            records = _records(one.connector, self.good_rows)
            another.clock.sleep(3600)
            copies = [another.connector.rows.record(json.loads(json.dumps(record))) for record in records]

            assert copies == records, "a record must survive the way through JSON"
            assert another.connector.encode(copies) == one.connector.encode(records)

    def test_merging_does_what_sending_one_after_the_other_does(self, rehearsals: Rehearsals) -> None:
        together = rehearsals.rehearse([self.good_rows])
        with staged(self) as stage:
            if stage.connector.limits.overflow == "cut":
                one_by_one = [[row] for row in self.good_rows]
            else:  # such a list replaces another, and cannot be sent in parts: its rows are folded by hand
                one_by_one = [_folded(stage.connector, self.good_rows)]
        apart = rehearsals.rehearse(one_by_one)

        assert together.held == apart.held

    def test_a_merged_record_keeps_its_key(self) -> None:
        with staged(self) as stage:
            key, merge = stage.connector.key, stage.connector.merge
            first: dict[str, Any] = {}
            for record in _records(stage.connector, self.good_rows):
                merged = merge(first.setdefault(key(record), record), record)
                assert merged is None or key(merged) == key(record)

    def test_a_request_carries_its_own_records_and_no_others(self, rehearsals: Rehearsals) -> None:
        with staged(self) as stage:
            limits = stage.connector.limits
            rows = list(
                {
                    stage.connector.key(record): row
                    for record, row in zip(_records(stage.connector, self.good_rows), self.good_rows, strict=True)
                }.values()
            )
        done = rehearsals.rehearse([rows], limits=replace(limits, rows=1, minimum=0))

        assert limits.rows > 0 < limits.bytes
        if limits.overflow == "refuse":
            assert isinstance(done.causes[0], DataError)
            assert done.calls == []
            return
        expected = []
        for row in rows:
            with staged(self) as stage:
                expected.append(stage.connector.encode(_records(stage.connector, [row])))
        assert done.notes.bodies == expected


def _records(connector: OutputConnector[Any], rows: Sequence[Row]) -> list[Any]:
    judged = [connector.rows.parse(row, number) for number, row in enumerate(rows, start=1)]
    return [each for each in judged if not isinstance(each, list)]


def _folded(connector: OutputConnector[Any], rows: Sequence[Row]) -> list[Row]:
    """Give the rows of one key as one row, folded by the connector's own merging."""
    found: dict[str, Any] = {}
    for record in _records(connector, rows):
        key = connector.key(record)
        found[key] = connector.merge(found[key], record) if key in found else record
    return [dict(zip(connector.rows.names, record, strict=True)) for record in found.values()]
