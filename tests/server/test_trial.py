"""The store is tried as a call would."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.server.trial import try_databases
from td_line_connectors.storage.databases import Databases


class Look(NamedTuple):
    """What another process sees of a database."""

    commits: int
    version: int
    tables: int


def look(observer: sqlite3.Connection) -> Look:
    asked = ("PRAGMA data_version", "PRAGMA user_version", "SELECT count(*) FROM sqlite_schema")
    return Look(*(observer.execute(sql).fetchone()[0] for sql in asked))


@pytest.fixture
def databases(tmp_path: Path) -> Databases:
    databases = Databases(tmp_path)
    databases.create("line")
    return databases


def test_a_trial_writes_to_the_database_and_leaves_it_as_it_was(databases: Databases) -> None:
    with closing(sqlite3.connect(databases.path("line"))) as observer:
        before = look(observer)
        try_databases(databases, ["line"])
        after = look(observer)

    assert after.commits != before.commits
    assert (after.version, after.tables) == (before.version, before.tables)


def test_a_database_that_is_not_there_is_a_configuration_error(databases: Databases) -> None:
    with pytest.raises(ConfigError, match="elsewhere"):
        try_databases(databases, ["elsewhere", "line"])


def test_a_disk_without_room_for_calls_is_found_before_the_first_call_is_lost(databases: Databases) -> None:
    with pytest.raises(StoreError, match=r"line: its disk has [\d,]+ bytes left.*; make room"):
        try_databases(databases, ["line"], room=2**62)
