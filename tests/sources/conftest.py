"""What the tests of sources share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from td_line_connectors.project.project import Project, read_project
from td_line_connectors.registry import Registry
from td_line_connectors.schema.parameters import Parameter, ParameterSchema, Place
from td_line_connectors.schema.types import SECRET
from td_line_connectors.secret import Secret
from td_line_connectors.sources.creating import SourceFields, create_source
from td_line_connectors.sources.source import Source
from td_line_connectors.sources.store import SourceStore
from td_line_connectors.spi import Delivery, InputPlugin, OutputPlugin
from td_line_connectors.storage.databases import Databases

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)

PROJECT = """
connections:
  line_oa:
    type: knocking
    key: ${secret:line.key}
  no_secret:
    type: knocking
    key: ${secret:line.other}
  maac:
    type: sending
    key: ${secret:line.key}
  no_type:
    key: ${secret:line.key}
  unheard:
    type: knoking
"""


@dataclass(frozen=True)
class Config:
    key: Secret


@dataclass(frozen=True)
class Knocking:
    config: Config

    def receive(self, body: bytes, headers: Mapping[str, str], received_at: datetime) -> Delivery:
        return Delivery({"body": body}, ())


PARAMETERS = ParameterSchema(
    Config,
    (Parameter(name="key", label="Key", help="The key.", type=SECRET, required=True, place=Place.CONNECTION),),
)


def _never(*_: object) -> Any:
    raise AssertionError("an output is not built here")


@pytest.fixture
def registry() -> Registry:
    knocking = InputPlugin(
        name="knocking",
        title="Knocking",
        parameters=PARAMETERS,
        columns={"raw": ()},
        signature_header="x-signature",
        build=Knocking,
    )
    sending = OutputPlugin(name="sending", title="Sending", parameters=PARAMETERS, columns={"rows": ()}, build=_never)
    return Registry([knocking, sending])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "td-line.yml").write_text(PROJECT)
    return read_project(tmp_path, {"TD_LINE_SECRET_LINE_KEY": "opens nothing"})


@pytest.fixture
def store(project: Project) -> SourceStore:
    return SourceStore(project.state / "sources.sqlite")


@pytest.fixture
def databases(project: Project) -> Databases:
    made = Databases(project.state / "databases")
    made.create("shop")
    for table in ("raw_calls", "events"):
        made.create_table("shop", table)
    return made


Create = Callable[..., Source]


@pytest.fixture
def create(project: Project, registry: Registry, store: SourceStore, databases: Databases) -> Create:
    def make(*, create_tables: bool = False, **said: Any) -> Source:
        usual = {
            "name": "Shop",
            "connection": "line_oa",
            "database": "shop",
            "raw_table": "raw_calls",
            "events_table": "events",
        }
        return create_source(
            SourceFields(**{**usual, **said}),
            project,
            registry,
            store=store,
            databases=databases,
            now=NOON,
            create_tables=create_tables,
        )

    return make


@pytest.fixture
def source() -> Source:
    return Source(
        id=UUID("9f1cf64d-4b35-4d2f-8b38-7f0a7d3d1a55"),
        name="Shop",
        connection="line_oa",
        database="shop",
        raw_table="raw_calls",
        events_table="events",
        tags=("tw", "花"),
        created_at=NOON,
    )
