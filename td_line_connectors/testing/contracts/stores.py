"""What does a store of calls promise?"""

import pickle
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from td_line_connectors.errors import StoreError
from td_line_connectors.ingest.intake import Store
from td_line_connectors.rows import Row
from td_line_connectors.spi import Delivery
from td_line_connectors.storage.events import Arrival
from td_line_connectors.testing.contracts.disclosure import found_in, logged, texts_of

__all__ = ["StoreContract"]

RAW: Final = "raw_calls"
EVENTS: Final = "events"
PERSONAL: Final = "Ann Lee-Smith"
TIME: Final = 1_795_262_400


class Unkeepable:
    """A value that no table keeps."""

    def __repr__(self) -> str:
        return PERSONAL


class StoreContract(ABC):
    """The promises of a store of calls, as tests to inherit: name your class `Test…` and fill this in.

    Attributes:
        database: the name of the database that calls are stored in.
    """

    database: str = "shop"

    @abstractmethod
    def prepare(self, folder: Path) -> None:
        """Make, in an empty folder, the database with the tables `raw_calls` and `events`."""

    @abstractmethod
    def open(self, folder: Path) -> Store:
        """Open the store."""

    @abstractmethod
    def read(self, folder: Path, table: str) -> Iterator[Row]:
        """Read a table's rows in the order of their storing, one by one, as another process would: with an own line."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """Give a folder in which the store can be opened."""
        folder = tmp_path / "store"
        folder.mkdir()
        self.prepare(folder)
        return folder

    @pytest.fixture
    def store(self, folder: Path) -> Iterator[Store]:
        """Give an open store."""
        with closing(self.open(folder)) as opened:
            yield opened

    def call(self, number: int, *ids: object, **properties: object) -> Arrival:
        """Make a call for `raw_calls` and `events`.

        Args:
            number: tells it from others.
            ids: of its events, in order; None: an event without one.
            properties: further columns of each event.
        """
        body = f"call {number} of {PERSONAL}"
        raw = {"record_uuid": f"{number}", "destination": "U1", "body": body, "event_count": len(ids), "time": TIME}
        events = [
            {
                "event_type": "message",
                "event_webhookeventid": each,
                "destination": "U1",
                "record_uuid": f"{number}/{place}",
                "time": TIME,
                **properties,
            }
            for place, each in enumerate(ids)
        ]
        return Arrival(self.database, RAW, EVENTS, Delivery(raw, tuple(events)))

    def ids(self, folder: Path) -> list[object]:
        """Read the ids of the events that are stored."""
        return [row.get("event_webhookeventid") for row in self.read(folder, EVENTS)]

    def calls(self, folder: Path) -> list[object]:
        """Read the numbers of the calls that are stored."""
        return [row["record_uuid"] for row in self.read(folder, RAW)]

    def test_what_is_stored_can_be_read_at_once_as_it_was(self, store: Store, folder: Path) -> None:
        arrivals = [
            self.call(1, "01A", "01B"),
            self.call(2, "01C", event_size=7, event_text="漢字 \N{BEAR FACE}"),
            self.call(3),
        ]

        assert list(store.store(self.database, arrivals)) == [None, None, None]

        raw, events = list(self.read(folder, RAW)), list(self.read(folder, EVENTS))
        assert _given(raw) == _given([each.delivery.raw for each in arrivals])
        assert _given(events) == _given([row for each in arrivals for row in each.delivery.events])

    def test_what_is_stored_outlives_the_process(self, store: Store, folder: Path, tmp_path: Path) -> None:
        store.store(self.database, [self.call(1, "01A")])
        store.store(self.database, [self.call(2, "01B")])

        left = shutil.copytree(folder, tmp_path / "as a kill leaves it")

        assert (self.calls(left), self.ids(left)) == (["1", "2"], ["01A", "01B"])
        with closing(self.open(left)) as reopened:
            assert list(reopened.store(self.database, [self.call(3, "01C")])) == [None]
        assert self.ids(left) == ["01A", "01B", "01C"]

    def test_an_event_is_stored_once_and_its_call_each_time(self, store: Store, folder: Path) -> None:
        store.store(self.database, [self.call(1, "01A", "01B"), self.call(1, "01A", "01B")])
        store.store(self.database, [self.call(1, "01A", "01B"), self.call(2, "01B", "01C")])

        assert self.calls(folder) == ["1", "1", "1", "2"]
        assert self.ids(folder) == ["01A", "01B", "01C"]

    def test_an_event_without_an_id_is_taken_for_no_other(self, store: Store, folder: Path) -> None:
        store.store(self.database, [self.call(1, None, None), self.call(2, None)])

        assert len(self.ids(folder)) == 3

    def test_one_bad_call_costs_no_other(self, store: Store, folder: Path) -> None:
        bad = self.call(2, "01B", event_odd=Unkeepable())

        outcomes = list(store.store(self.database, [self.call(1, "01A"), bad, self.call(3, "01C")]))

        assert (outcomes[0], outcomes[2]) == (None, None)
        assert {"01A", "01C"} <= set(self.ids(folder))
        assert ("2" in self.calls(folder)) == ("01B" in self.ids(folder)) == (outcomes[1] is None), "all or nothing"

    def test_a_property_that_is_new_is_kept(self, store: Store, folder: Path) -> None:
        store.store(self.database, [self.call(1, "01A")])
        store.store(self.database, [self.call(2, "01B", event_notyet="invented later")])

        *_, last = self.read(folder, EVENTS)
        assert "invented later" in str(dict(last))

    def test_somebody_who_reads_neither_waits_nor_is_waited_for(self, store: Store, folder: Path) -> None:
        store.store(self.database, [self.call(number, f"{number:04}") for number in range(1500)])
        reading = self.read(folder, EVENTS)
        next(reading)

        assert list(store.store(self.database, [self.call(9999, "9999", event_notyet="a new column")])) == [None]
        assert len(list(reading)) >= 1499
        assert len(self.ids(folder)) == 1501

    def test_what_was_stored_stays_when_the_store_is_closed_twice(self, folder: Path) -> None:
        store = self.open(folder)
        store.store(self.database, [self.call(1, "01A")])
        store.upkeep()
        store.close()
        store.close()

        assert self.ids(folder) == ["01A"]

    def test_a_store_that_took_nothing_can_be_closed(self, folder: Path) -> None:
        self.open(folder).close()

        assert self.calls(folder) == []

    def test_an_error_betrays_nothing_and_survives_the_way_to_another_process(self, store: Store) -> None:
        with logged() as told:
            outcomes: Sequence[StoreError | None] = store.store(
                self.database, [self.call(1, "01A", event_odd=Unkeepable())]
            )

        assert found_in(told, [PERSONAL]) == []
        for error in outcomes:
            if error is not None:
                copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
                assert (type(copy), str(copy)) == (type(error), str(error))
                assert found_in(texts_of(error), [PERSONAL]) == []


def _given(rows: Sequence[Row]) -> list[dict[str, object]]:
    return [{name: value for name, value in row.items() if value is not None} for row in rows]
