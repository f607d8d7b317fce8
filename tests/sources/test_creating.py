from typing import Any

import pytest

from td_line_connectors.errors import ConfigError
from td_line_connectors.sources.store import SourceStore
from td_line_connectors.storage.databases import Databases
from tests.sources.conftest import NOON, Create


def issues(create: Create, **said: Any) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as caught:
        create(**said)
    return [(issue.field, issue.code) for issue in caught.value.issues]


def message(create: Create, **said: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        create(**said)
    return str(caught.value)


def test_a_source_is_written_down_as_it_was_said(create: Create, store: SourceStore) -> None:
    made = create(name=" Shop ", tags=["tw", " ", "tw", "vip "])
    assert store.list() == [made]
    assert (made.name, made.tags, made.datastore, made.writer) == ("Shop", ("tw", "vip"), "sqlite", None)
    assert (made.connection, made.database, made.created_at) == ("line_oa", "shop", NOON)
    assert (made.raw_table, made.events_table) == ("raw_calls", "events")


def test_every_source_has_a_random_id_of_its_own(create: Create) -> None:
    ids = {create(name=f"Shop {number}").id for number in range(20)}
    assert len(ids) == 20
    assert {each.version for each in ids} == {4}


def test_a_name_is_given_once(create: Create) -> None:
    create()
    assert issues(create) == [("name", "exists")]


@pytest.mark.parametrize(
    ("name", "code"),
    [(" ", "required"), ("a\nb", "name"), ("a\x1b[31m", "name"), ("x" * 129, "name"), ("\ud800", "name")],
    ids=["blank", "line break", "escape", "long", "half a character"],
)
def test_a_name_that_a_log_cannot_show_is_refused(create: Create, name: str, code: str) -> None:
    assert issues(create, name=name) == [("name", code)]


@pytest.mark.parametrize(
    ("connection", "said"),
    [
        ("line_ao", "«line_ao» is no connection of this project. Did you mean «line_oa»? Known: line_oa"),
        ("maac", "«maac» is a connection for sending out (sending); a source needs one of type knocking"),
        ("unheard", "«unheard»: «knoking» is no registered connector. Did you mean «knocking»?"),
        ("no_type", "«no_type»: «» is no registered connector"),
        ("no_secret", "line.other"),
    ],
    ids=["unknown", "an output", "unknown type", "no type", "no secret"],
)
def test_a_connection_that_cannot_take_calls_is_refused(create: Create, connection: str, said: str) -> None:
    assert said in message(create, connection=connection)


def test_what_is_missing_is_named_and_nothing_is_made(create: Create, databases: Databases, store: SourceStore) -> None:
    said = {"database": "shop", "raw_table": "raw_cals", "events_table": "line_events"}
    assert issues(create, **said) == [("raw_table", "unknown_table"), ("events_table", "unknown_table")]
    assert "there is no table raw_cals in shop; make it, or say --create-tables. Did you mean «raw_calls»?" in (
        message(create, **said)
    )
    assert databases.tables("shop") == ("events", "raw_calls")
    assert store.list() == []


def test_a_missing_database_is_named_with_its_tables(create: Create) -> None:
    assert issues(create, database="shup") == [
        ("database", "unknown_database"),
        ("raw_table", "unknown_table"),
        ("events_table", "unknown_table"),
    ]
    assert "Did you mean «shop»?" in message(create, database="shup")


def test_what_is_missing_is_made_if_that_is_asked_for(create: Create, databases: Databases) -> None:
    create(database="line", raw_table="calls", create_tables=True)
    create(name="second", raw_table="calls", create_tables=True)
    assert databases.tables("line") == ("calls", "events")
    assert databases.tables("shop") == ("calls", "events", "raw_calls")


def test_with_another_fault_nothing_is_made(create: Create, databases: Databases) -> None:
    assert issues(create, name="", database="line", create_tables=True) == [("name", "required")]
    assert databases.names() == ("shop",)


def test_raw_and_events_are_two_tables(create: Create) -> None:
    assert issues(create, events_table="raw_calls") == [("events_table", "same")]


def test_sources_may_share_their_tables_in_the_same_roles(create: Create, store: SourceStore) -> None:
    create()
    create(name="Second")
    assert len(store.list()) == 2


def test_a_table_has_one_role_for_all_sources(create: Create) -> None:
    create()
    swapped = {"name": "Second", "raw_table": "events", "events_table": "raw_calls"}
    assert issues(create, **swapped) == [("events_table", "role"), ("raw_table", "role")]


@pytest.mark.parametrize(
    ("said", "issue"),
    [
        ({"datastore": "plasma"}, ("datastore", "choice")),
        ({"writer": "ingest"}, ("writer", "not_applicable")),
        ({"tags": ["x" * 256]}, ("tags", "length")),
        ({"database": "a/b"}, ("database", "name")),
        ({"raw_table": "Raw Calls"}, ("raw_table", "name")),
        ({"events_table": "sqlite_events"}, ("events_table", "name")),
    ],
    ids=str,
)
def test_a_field_that_breaks_its_rule_is_refused(create: Create, said: dict[str, Any], issue: tuple[str, str]) -> None:
    assert issues(create, **said) == [issue]


def test_everything_that_is_wrong_is_told_at_once(create: Create) -> None:
    said = {"name": "", "connection": "x", "datastore": "y", "database": "!", "tags": ["x" * 256]}
    assert [field for field, _ in issues(create, **said)] == ["name", "connection", "datastore", "database", "tags"]
