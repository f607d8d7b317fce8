import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from td_line_connectors.errors import StoreError
from td_line_connectors.rows import EventRow, Row
from td_line_connectors.spi import Delivery
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.events import Arrival, EventTables

DESTINATION = "U8e742f61d673b39c7fff3cecb7536ef0"


def event(number: object, **properties: object) -> Row:
    named = {"event_type": "message", "event_webhookeventid": number, "destination": DESTINATION}
    return {**named, "record_uuid": "5289e93e", "time": 1_700_000_000, **properties}


def call(*events: Row, body: str = "{}", raw: str = "raw_calls", table: str = "events") -> Arrival:
    row = {"record_uuid": "c32f42c1", "destination": DESTINATION, "body": body, "event_count": len(events), "time": 17}
    return Arrival("shop", raw, table, Delivery(row, events))


@pytest.fixture
def shop(databases: Databases) -> Databases:
    for table in ("raw_calls", "events"):
        databases.create_table("shop", table)
    return databases


@pytest.fixture
def tables(shop: Databases) -> Iterator[EventTables]:
    made = EventTables(shop)
    yield made
    made.close()


def stored(databases: Databases, sql: str = "SELECT * FROM events") -> list[dict[str, object]]:
    return [dict(row) for row in databases.query("shop", sql).mappings()]


def ids(databases: Databases) -> list[object]:
    return [row["event_webhookeventid"] for row in stored(databases)]


def count(databases: Databases, table: str) -> object:
    return stored(databases, f"SELECT count(*) AS n FROM {table}")[0]["n"]  # noqa: S608 - our own tables


def tool(databases: Databases, *statements: str) -> None:
    """Do what a person does with a SQLite tool of their own, while we have the file open."""
    with closing(sqlite3.connect(databases.path("shop"), isolation_level=None)) as connection:
        for sql in statements:
            connection.execute(sql)


def test_a_call_goes_into_both_tables(shop: Databases, tables: EventTables) -> None:
    tables.append([call(event("01A"), event("01B"), body='{"events":[…]}')])
    assert stored(shop, "SELECT * FROM raw_calls") == [
        dict(call(event("01A"), event("01B"), body='{"events":[…]}').delivery.raw)
    ]
    assert stored(shop) == [dict(event("01A")), dict(event("01B"))]


def test_events_keep_the_order_in_which_they_came(shop: Databases, tables: EventTables) -> None:
    numbers = [f"{number:04}" for number in range(200)]
    events = [event(number, **{f"event_{number[-1]}": "odd"}) for number in numbers]
    tables.append([call(*events[:150]), call(*events[150:])])
    assert ids(shop) == numbers


def test_a_call_without_events_is_a_raw_row(shop: Databases, tables: EventTables) -> None:
    tables.append([call()])
    assert (count(shop, "raw_calls"), count(shop, "events")) == (1, 0)


def test_columns_come_in_the_order_of_the_wire(shop: Databases, tables: EventTables) -> None:
    tables.append([call({"event_type": "follow", "event_follow": "{}"}), call({"event_beacon": "{}"})])
    key = ("event_webhookeventid", "destination")
    assert shop.columns("shop", "events") == ("event_type", "event_follow", *key, "event_beacon")


def test_the_same_call_twice_is_two_raw_rows_and_each_event_once(shop: Databases, tables: EventTables) -> None:
    again = event("01A", event_deliverycontext='{"isRedelivery":true}')
    tables.append([call(event("01A"))])
    tables.append([call(again)])
    assert count(shop, "raw_calls") == 2
    assert ids(shop) == ["01A"]
    assert shop.columns("shop", "raw_calls")


def test_repeats_within_one_commit_are_stored_once(shop: Databases, tables: EventTables) -> None:
    tables.append([call(event("01A"), event("01A")), call(event("01A"))])
    assert (count(shop, "raw_calls"), count(shop, "events")) == (2, 1)


def test_a_redelivery_storm_adds_raw_rows_only(shop: Databases, tables: EventTables) -> None:
    calls = [call(event(f"{number:04}")) for number in range(500)]
    for _ in range(10):
        tables.append(calls)
    assert (count(shop, "raw_calls"), count(shop, "events")) == (5000, 500)


@pytest.mark.parametrize("number", [None, 7, 7.5], ids=["missing", "integer", "float"])
def test_an_event_without_a_text_as_its_id_is_never_taken_for_a_repeat(
    shop: Databases, tables: EventTables, number: object
) -> None:
    tables.append([call(event(number), event(number))])
    tables.append([call(event(number))])
    assert count(shop, "events") == 3


def test_another_destination_is_another_event(shop: Databases, tables: EventTables) -> None:
    tables.append([call(event("01A"), event("01A", destination="U1"), event("01A", destination=None))])
    tables.append([call(event("01A", destination=None), event("01A", destination="U1"))])
    assert [row["destination"] for row in stored(shop)] == [DESTINATION, "U1", None]


def test_times_that_step_back_keep_nothing_from_being_stored(shop: Databases, tables: EventTables) -> None:
    for number, time in enumerate([1_700_000_000, 4_000_000_000, -1, 0, 1_600_000_000]):
        tables.append([call(event(f"0{number}", time=time, event_timestamp=time * 1000))])
    assert [row["time"] for row in stored(shop)] == [1_700_000_000, 4_000_000_000, -1, 0, 1_600_000_000]


def test_a_table_that_a_person_filled_takes_events_too(shop: Databases, tables: EventTables) -> None:
    tool(shop, "CREATE TABLE old (Event_Type, note DEFAULT 'mine')", "INSERT INTO old VALUES ('follow', 'x')")
    tables.append([call(event("01A"), event("01A"), table="old")])
    found = stored(shop, "SELECT event_type, note, event_webhookeventid FROM old")
    assert [tuple(row.values()) for row in found] == [("follow", "x", None), ("message", "mine", "01A")]


def test_a_table_that_holds_an_event_twice_is_refused_by_name(shop: Databases, tables: EventTables) -> None:
    tool(shop, "CREATE TABLE old (event_webhookeventid)", "INSERT INTO old VALUES ('01A'), ('01A')")
    for _ in range(2):
        with pytest.raises(StoreError, match=r"'old' holds an event twice .* delete the repeats first"):
            tables.append([call(event("01B"), table="old")])
    tool(shop, "DELETE FROM old WHERE rowid = 2")
    tables.append([call(event("01A", destination=None), event("01B"), table="old")])
    assert count(shop, "old") == 2


def test_a_unique_index_of_a_persons_own_swallows_no_row(shop: Databases, tables: EventTables) -> None:
    tables.append([call(event("01A"))])
    tool(shop, "CREATE UNIQUE INDEX mine ON events (record_uuid)")
    with pytest.raises(StoreError, match=r"UNIQUE constraint failed: events.record_uuid"):
        tables.append([call(event("01B"))])
    assert count(shop, "raw_calls") == 1


def test_an_index_that_someone_dropped_is_made_again(shop: Databases, tables: EventTables) -> None:
    tables.append([call(event("01A"))])
    tool(shop, 'DROP INDEX "events once 1"')
    tables.append([call(event("01A"))])
    assert ids(shop) == ["01A"]


def test_a_table_put_aside_under_another_name_is_followed_by_a_new_one(shop: Databases, tables: EventTables) -> None:
    tables.append([call(event("01A"))])
    tool(shop, "ALTER TABLE events RENAME TO events_2025")
    shop.create_table("shop", "events")
    tables.append([call(event("01A"), event("01A"))])
    assert (count(shop, "events"), count(shop, "events_2025")) == (1, 1)


def test_columns_that_others_add_and_drop_are_noticed(shop: Databases, tables: EventTables) -> None:
    tables.append([call(event("01A", event_link="{}"))])
    tool(shop, "ALTER TABLE events DROP COLUMN event_link", "ALTER TABLE events ADD COLUMN event_beacon")
    tables.append([call(event("01B", event_link="{}", event_beacon="{}"))])
    assert [row["event_link"] for row in stored(shop)] == [None, "{}"]


def wide(columns: int) -> Mapping[str, object]:
    return {f"event_p{number}": number for number in range(columns)}


def test_a_table_of_two_hundred_columns_grows_no_more(shop: Databases, tables: EventTables) -> None:
    tables.append([call(event("01A", **wide(195)))])
    assert len(shop.columns("shop", "events")) == 200
    late = {"event_new": '{"a":1.10}', "event_text": "[not JSON", "event_none": None, "event_n": 2**63 - 1}
    tables.append([call(event("01B", **late)), call(event("01C", event_p7="has a column"))])
    found = stored(shop, "SELECT event_other, event_p7 FROM events WHERE event_webhookeventid > '01A'")
    assert found[0]["event_other"] == '{"new":{"a":1.10},"text":"[not JSON","n":9223372036854775807}'
    assert found[1] == {"event_other": None, "event_p7": "has a column"}
    assert len(shop.columns("shop", "events")) == 201


def test_many_calls_of_very_many_columns_are_more_than_one_statement(shop: Databases, tables: EventTables) -> None:
    tables.append([call()])
    connection: Any = tables._file("shop")._connection
    connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 32_766)  # some builds allow more
    raw = {f"c{number}": number for number in range(600)}
    tables.append([Arrival("shop", "raw_calls", "events", Delivery(raw, ()))] * 70)
    assert count(shop, "raw_calls") == 71


def test_an_event_keeps_names_and_values_without_a_column_as_they_were_sent(
    shop: Databases, tables: EventTables
) -> None:
    sent = {"Late": "true", "news": '"[1]"', "LATE": "2" * 5000, "none": "null", "rate": "1.10"}
    row = EventRow(event("01B", event_late="true", event_news="[1]", event_none=None, event_rate=1.1))
    row["event_other"] = f'{{"LATE":{sent["LATE"]}}}'
    row.properties = {"type": '"message"', "webhookEventId": '"01B"', **sent}
    tables.append([call(event("01A", **wide(195))), call(row)])
    found = stored(shop, "SELECT event_type, event_other FROM events WHERE event_webhookeventid = '01B'")
    moved = f'{{"LATE":{sent["LATE"]},"Late":true,"news":"[1]","none":null,"rate":1.10}}'
    assert found == [{"event_type": "message", "event_other": moved}]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"Late":1.0, "x":[]}', {"Late": 1.0, "x": [], "late": "v"}),
        ('{"late":1}', {"late": 1, "event_late": "v"}),
        ("{}", {"late": "v"}),
        ("[1]", {"event_other": [1], "late": "v"}),
        ("{broken", {"event_other": "{broken", "late": "v"}),
        (None, {"late": "v"}),
    ],
    ids=["beside", "same name", "empty", "no object", "no JSON", "nothing"],
)
def test_what_finds_no_column_joins_what_is_in_event_other(
    shop: Databases, tables: EventTables, before: object, after: object
) -> None:
    tables.append([call(event("01A", **wide(195)))])
    tables.append([call(event("01B", event_other=before, event_late="v"))])
    found = stored(shop, "SELECT event_other FROM events WHERE event_webhookeventid = '01B'")
    assert json.loads(str(found[0]["event_other"])) == after


def test_a_crowded_table_of_a_person_still_gets_the_columns_of_the_key(shop: Databases, tables: EventTables) -> None:
    shop.create_table("shop", "crowd")
    tool(shop, *(f"ALTER TABLE crowd ADD COLUMN c{number}" for number in range(299)))
    tables.append([call(event("01A"), event("01A"), table="crowd")])
    found = stored(shop, "SELECT event_webhookeventid, event_other FROM crowd")
    assert [tuple(row.values()) for row in found] == [("01A", '{"type":"message"}')]


def test_hostile_column_names_are_names_only(shop: Databases, tables: EventTables) -> None:
    name = 'event_x"); DROP TABLE events; --'
    tables.append([call(event("01A", **{name: 1, "event_select": 2}))])
    assert stored(shop)[0][name] == 1


NAMES = st.one_of(
    st.from_regex(r"event_[a-z][a-z0-9_]{0,12}", fullmatch=True).filter(lambda name: name != "event_webhookeventid"),
    st.sampled_from(
        ["event_other", "record_uuid", "time", "event_type", "event_select", "group", "a b", 'q"', "[", "é"]
    ),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VALUES = st.one_of(
    st.none(),
    TEXTS,
    st.sampled_from(["\0", "a\0b", "'", '"', "\ufeff", "🤨", "1", "1.0", "NULL"]),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.binary(max_size=20),
)
ROWS = st.lists(st.dictionaries(NAMES, VALUES, max_size=8), min_size=1, max_size=90)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS, ROWS)
def test_any_rows_with_any_columns_are_read_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, first: list[Row], second: list[Row]
) -> None:
    databases = Databases(tmp_path_factory.mktemp("law"))
    databases.create("shop")
    for table in ("raw_calls", "events"):
        databases.create_table("shop", table)
    with closing(EventTables(databases)) as tables:
        tables.append([call(*first)])
        tables.append([call(row) for row in second])
    with closing(sqlite3.connect(databases.path("shop"))) as plain:
        cursor = plain.execute("SELECT * FROM events")
        names = [each[0] for each in cursor.description]
        found = [
            {name: value for name, value in zip(names, values, strict=True) if value is not None} for values in cursor
        ]
    expected = [{name: value for name, value in row.items() if value is not None} for row in (*first, *second)]
    assert [_typed(row) for row in found] == [_typed(row) for row in expected]


def _typed(row: Row) -> set[tuple[str, str]]:
    return {(name, repr(value)) for name, value in row.items()}
