"""May this source be made?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID, uuid4

from td_line_connectors import validators
from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import InvalidValueError, ValidationIssue
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.schema.parameters import nearest
from td_line_connectors.sources.connecting import connect_input
from td_line_connectors.sources.places import PLAZMA, Places
from td_line_connectors.sources.plazma import faults_of_plazma, make_queue
from td_line_connectors.sources.source import Source
from td_line_connectors.sources.store import SourceStore
from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.names import database_name, table_name
from td_line_connectors.treasure_data.account import WRITERS

__all__ = ["SourceFields", "create_source"]

_DATASTORES: Final = ("sqlite", PLAZMA)
_LONGEST: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFields:
    """What a person says of a new source, unchecked. `Source` tells what each means.

    Attributes:
        name, connection, database, raw_table, events_table, datastore, writer: texts, as they were written.
        tags: texts; blanks and repeats are dropped.
    """

    name: str
    connection: str
    database: str
    raw_table: str
    events_table: str
    datastore: str = "sqlite"
    writer: str | None = None
    tags: Sequence[str] = ()


def create_source(
    fields: SourceFields,
    project: Project,
    registry: Registry,
    *,
    store: SourceStore,
    databases: Databases,
    now: datetime,
    create_tables: bool = False,
    new_id: Callable[[], UUID] = uuid4,
) -> Source:
    """Check what a person says of a new source, and write it down.

    Args:
        fields: what is said.
        project: whose connections count.
        registry: the connectors there are.
        store: where sources are written down.
        databases: the project's embedded ones.
        now: the present moment, aware of its zone.
        create_tables: make the database and the tables that are missing, which Treasure Data's cannot be.
        new_id: gives an id that nobody can guess.

    Raises:
        ConfigError: with everything that is wrong; nothing was made.
        StoreError: the disk could not do it.
    """
    name, is_plazma = fields.name.strip(), fields.datastore == PLAZMA
    issues = [
        *_faults_of_name(name),
        *_faults_of_connection(fields, project, registry),
        *_faults_of_datastore(fields, project, registry, create_tables=create_tables),
        *(places := list(_faults_of_places(fields))),
        *_faults_beside(name, fields, store.list()),
        *_faults_of_tags(fields),
    ]
    missing = [] if places or is_plazma else list(_missing(fields, databases))
    if not create_tables:
        issues += [issue for issue, _ in missing]
    if issues:
        raise ConfigError(issues)
    source = Source(
        id=new_id(),
        name=name,
        connection=fields.connection,
        datastore=fields.datastore,
        writer=fields.writer or WRITERS[0] if is_plazma else None,
        database=fields.database,
        raw_table=fields.raw_table,
        events_table=fields.events_table,
        tags=tuple(validators.tags(tuple(fields.tags))),
        created_at=now,
    )
    for _, make in missing:
        make()
    if is_plazma:
        make_queue(Places(project.state), source)
    store.create(source)
    return source


def _faults_of_name(name: str) -> Iterator[ValidationIssue]:
    if not name:
        yield ValidationIssue("name", "required", "is required: how people, logs and metrics call the source")
    elif len(name) > _LONGEST or not name.isprintable():
        rule = f"must be at most {_LONGEST} characters, none of them a control character"
        yield ValidationIssue("name", "name", rule)


def _faults_of_connection(fields: SourceFields, project: Project, registry: Registry) -> Sequence[ValidationIssue]:
    try:
        connect_input(fields.connection, project, registry)
    except ConfigError as error:
        return error.issues
    return ()


def _faults_of_datastore(
    fields: SourceFields, project: Project, registry: Registry, *, create_tables: bool
) -> Iterator[ValidationIssue]:
    if fields.datastore not in _DATASTORES:
        hint = nearest(fields.datastore, _DATASTORES)
        yield ValidationIssue("datastore", "choice", f"must be one of: {', '.join(_DATASTORES)}.{hint}")
    elif fields.datastore == PLAZMA:
        yield from faults_of_plazma(fields.connection, fields.writer, project, registry, create_tables=create_tables)
    elif fields.writer is not None:
        yield ValidationIssue("writer", "not_applicable", "applies only where datastore is plazma; leave it out")


def _faults_of_places(fields: SourceFields) -> Iterator[ValidationIssue]:
    named = {
        "database": (fields.database, database_name),
        "raw_table": (fields.raw_table, table_name),
        "events_table": (fields.events_table, table_name),
    }
    for field, (text, accept) in named.items():
        try:
            accept(text)
        except ConfigError as error:
            yield from (ValidationIssue(field, each.code, each.message) for each in error.issues)
    if fields.raw_table == fields.events_table:
        yield ValidationIssue("events_table", "same", "must be another table than raw_table: their rows differ")


def _faults_beside(name: str, fields: SourceFields, others: Sequence[Source]) -> Iterator[ValidationIssue]:
    """Say where the new source and another one get into each other's way. Equal tables in equal roles do not."""
    for other in others:
        if other.name == name:
            yield ValidationIssue("name", "exists", "another source has this name; choose another")
        if (other.datastore, other.database) == (fields.datastore, fields.database):
            if other.raw_table == fields.events_table:
                message = f"is the raw table of the source «{other.name}»; choose another"
                yield ValidationIssue("events_table", "role", message)
            if other.events_table == fields.raw_table:
                message = f"is the events table of the source «{other.name}»; choose another"
                yield ValidationIssue("raw_table", "role", message)


def _faults_of_tags(fields: SourceFields) -> Iterator[ValidationIssue]:
    try:
        validators.tags(tuple(fields.tags))
    except InvalidValueError as error:
        yield ValidationIssue("tags", error.code, error.message)


def _missing(fields: SourceFields, databases: Databases) -> Iterator[tuple[ValidationIssue, Callable[[], None]]]:
    """Give what is missing: how to say so, and how to make it, in the order in which it must be made."""
    cure = "make it, or say --create-tables"
    known = databases.names()
    exists = fields.database in known
    if not exists:
        hint = nearest(fields.database, known)
        message = f"there is no database {fields.database}; {cure}.{hint}"
        yield ValidationIssue("database", "unknown_database", message), partial(databases.create, fields.database)
    tables = databases.tables(fields.database) if exists else ()
    for field, table in (("raw_table", fields.raw_table), ("events_table", fields.events_table)):
        if table not in tables:
            message = f"there is no table {table} in {fields.database}; {cure}.{nearest(table, tables)}"
            yield (
                ValidationIssue(field, "unknown_table", message),
                partial(databases.create_table, fields.database, table),
            )
