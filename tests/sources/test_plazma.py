"""A source whose rows go on to Treasure Data."""

import sys
from pathlib import Path
from typing import Any

import pytest

from td_line_connectors.errors import ConfigError
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import Project, read_project
from td_line_connectors.sources.creating import SourceFields, create_source
from td_line_connectors.sources.places import Places, local_database
from td_line_connectors.sources.plazma import promises, write_account
from td_line_connectors.sources.source import Source
from td_line_connectors.sources.store import SourceStore
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.tables import ROW_NUMBER
from tests.sources.conftest import NOON, Create

PROJECT = """
connections:
  line_oa: {type: line_oa_streaming, channel_secret: x, td_api_key: 1/k, region: tokyo}
  keyless: {type: line_oa_streaming, channel_secret: x}
  maac: {type: line_via_crescendo, api_token: x}
"""


@pytest.fixture
def brand(tmp_path: Path) -> Project:
    (tmp_path / "td-line.yml").write_text(PROJECT)
    return read_project(tmp_path, {})


def create_in(project: Project, *, create_tables: bool = False, **said: Any) -> Source:
    usual = {
        "name": "Shop",
        "connection": "line_oa",
        "database": "line",
        "raw_table": "calls",
        "events_table": "events",
        "datastore": "plazma",
    }
    return create_source(
        SourceFields(**{**usual, **said}),
        project,
        default_registry(),
        store=SourceStore(project.state / "sources.sqlite"),
        databases=Databases(project.state / "databases"),
        now=NOON,
        create_tables=create_tables,
    )


def issues(project: Project, **said: Any) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as caught:
        create_in(project, **said)
    return [(issue.field, issue.code) for issue in caught.value.issues]


@pytest.mark.parametrize(("said", "writer"), [(None, "ingest"), ("ingest", "ingest"), ("import", "import")])
def test_a_source_has_a_writer(brand: Project, said: str | None, writer: str) -> None:
    assert create_in(brand, writer=said).writer == writer


def test_its_tables_are_made_here_numbered_and_in_a_file_of_its_own(brand: Project) -> None:
    first, second = create_in(brand), create_in(brand, name="Second")
    databases, name = Places(brand.state).holding(first)
    assert databases.tables(name) == ("calls", "events")
    assert databases.columns(name, "events") == (ROW_NUMBER,)
    assert Places(brand.state).path(local_database(first)).parent == brand.state / "plazma"
    assert local_database(first) != local_database(second)
    assert not (brand.state / "databases").exists()


def test_the_name_of_its_file_tells_nothing_of_its_id(brand: Project) -> None:
    made = create_in(brand)
    name = local_database(made)
    assert name.startswith("plazma/line_")
    assert not [digits for digits in str(made.id).split("-") if digits in name]


@pytest.mark.parametrize(
    ("said", "issue"),
    [
        ({"connection": "keyless"}, ("connection", "required")),
        ({"writer": "imports"}, ("writer", "choice")),
        ({"create_tables": True}, ("create_tables", "not_applicable")),
        ({"connection": "maac"}, ("connection", "not_an_input")),
        ({"connection": "nobody"}, ("connection", "unknown_connection")),
    ],
    ids=str,
)
def test_what_cannot_be_is_told_and_nothing_is_made(
    brand: Project, said: dict[str, Any], issue: tuple[str, str]
) -> None:
    assert issues(brand, **said) == [issue]
    assert not (brand.state / "plazma").exists()


def test_an_input_whose_connections_know_no_key_cannot_go_on_to_treasure_data(create: Create) -> None:
    with pytest.raises(ConfigError, match="connections of type knocking have no td_api_key"):
        create(datastore="plazma")


def test_the_writer_import_needs_its_package(brand: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "msgpack", None)  # Python then says that there is no such package
    assert issues(brand, writer="import") == [("writer", "extra")]
    assert create_in(brand, writer="ingest").writer == "ingest"


def test_what_a_write_only_key_cannot_do_is_said_before_the_first_event(brand: Project) -> None:
    made = create_in(brand)
    said = promises(made, write_account("line_oa", brand, default_registry()))
    assert "region tokyo (https://ap01.records.in.treasuredata.com)" in said
    assert "cannot be checked with a write-only key: make sure that the database line and its tables calls and" in said


def test_a_table_there_has_one_role_for_all_sources_and_tables_here_do_not_count(brand: Project) -> None:
    create_in(brand)
    swapped = {"name": "Second", "raw_table": "events", "events_table": "calls"}
    assert issues(brand, **swapped) == [("events_table", "role"), ("raw_table", "role")]
    assert create_in(brand, **swapped, datastore="sqlite", create_tables=True).datastore == "sqlite"


def test_a_source_stored_here_is_where_it_always_was(brand: Project) -> None:
    made = create_in(brand, datastore="sqlite", create_tables=True)
    assert Places(brand.state).path(local_database(made)) == brand.state / "databases" / "line.sqlite"
