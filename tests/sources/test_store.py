import multiprocessing
import stat
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.sources.connecting import connect_input
from td_line_connectors.sources.source import Source, masked
from td_line_connectors.sources.store import SourceStore

UNKNOWN = UUID(int=7)


def test_a_source_comes_back_as_it_was(store: SourceStore, source: Source) -> None:
    store.create(source)
    assert store.find(source.id) == store.named("Shop") == source
    assert store.find(UNKNOWN) is store.named("shop") is None


def test_sources_are_listed_by_name_and_by_tag(store: SourceStore, source: Source) -> None:
    for name, tags in [("b", ("x",)), ("a", ("x", "y")), ("c", ())]:
        store.create(replace(source, id=uuid4(), name=name, tags=tags))
    assert [each.name for each in store.list()] == ["a", "b", "c"]
    assert [each.name for each in store.list(tag="x")] == ["a", "b"]


def test_a_name_taken_by_a_faster_process_is_refused(store: SourceStore, source: Source) -> None:
    store.create(source)
    with pytest.raises(ConfigError, match=r"name: another source has this name"):
        store.create(replace(source, id=uuid4()))


def test_a_deleted_source_is_gone_once(store: SourceStore, source: Source) -> None:
    store.create(source)
    assert [store.delete(source.id), store.delete(source.id)] == [True, False]
    assert store.list() == []


def test_before_the_first_source_there_is_no_file(store: SourceStore) -> None:
    assert (store.list(), store.find(UNKNOWN), store.delete(UNKNOWN), store.version()) == ([], None, False, 0)
    assert not store.path.exists()


def test_a_file_made_a_moment_ago_has_no_sources_yet(store: SourceStore) -> None:
    store.path.parent.mkdir()
    store.path.touch()
    assert (store.list(), store.version()) == ([], 0)


def test_the_file_is_private(store: SourceStore, source: Source) -> None:
    store.create(source)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700


def _create_elsewhere(path: Path, source: Source) -> None:
    SourceStore(path).create(source)


def test_every_change_changes_the_version_whoever_makes_it(store: SourceStore, source: Source) -> None:
    seen = [store.version()]
    store.create(source)
    seen.append(store.version())
    assert store.version() == seen[-1]
    other = replace(source, id=uuid4(), name="other")
    process = multiprocessing.get_context("fork").Process(target=_create_elsewhere, args=(store.path, other))
    process.start()
    process.join()
    seen.append(store.version())
    store.delete(source.id)
    seen.append(store.version())
    assert len(set(seen)) == 4


def test_a_file_in_place_of_a_deleted_one_has_another_version(store: SourceStore, source: Source) -> None:
    store.create(source)
    before = store.version()
    store.path.unlink()
    store.create(source)
    assert store.version() != before


def test_a_damaged_file_is_said(store: SourceStore) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(b"not a database" * 100)
    for look in (store.list, store.version):
        with pytest.raises(StoreError, match=r"sources.sqlite: the file is no SQLite database"):
            look()


def test_a_file_that_cannot_be_looked_for_is_not_taken_for_no_sources(tmp_path: Path) -> None:
    store = SourceStore(tmp_path / ("x" * 300))
    for look in (store.list, store.version, lambda: store.delete(UNKNOWN)):
        with pytest.raises(StoreError, match="File name too long"):
            look()


def test_an_id_is_masked_but_for_its_beginning(source: Source) -> None:
    assert masked(source.id) == "9f1c****"


def test_a_connection_gives_its_plugin_and_a_connector_that_has_the_secret(
    project: Project, registry: Registry
) -> None:
    plugin, connector = connect_input("line_oa", project, registry)
    assert plugin.signature_header == "x-signature"
    assert connector.config.key.reveal() == "opens nothing"  # type: ignore[attr-defined]  # the fake's own
