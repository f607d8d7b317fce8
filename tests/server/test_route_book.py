"""What becomes of the routes when what they come from changes, or cannot be read."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import Project
from td_line_connectors.server.route_book import RouteBook
from td_line_connectors.sources.source import Source
from tests.server.project import make_project, make_source, store


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


@pytest.fixture
def source(project: Project) -> Source:
    return make_source(project)


@pytest.fixture
def book(project: Project, source: Source) -> RouteBook:
    """A book that knows the source, and looks again only when it is told to."""
    book = RouteBook(project, default_registry())
    book.start()
    book.close()
    assert book.find(str(source.id))
    return book


def test_a_source_that_is_deleted_is_forgotten_at_the_next_look(
    project: Project, source: Source, book: RouteBook
) -> None:
    store(project).delete(source.id)
    book.refresh()

    assert book.find(str(source.id)) is None


def test_a_file_of_sources_that_is_damaged_changes_nothing_and_is_told_once(
    project: Project, source: Source, book: RouteBook, caplog: pytest.LogCaptureFixture
) -> None:
    store(project).path.write_bytes(b"this is no database" * 100)
    for _ in range(3):
        book.refresh()

    assert book.find(str(source.id))
    [told] = caplog.messages
    assert told.startswith("the sources stay as they were: opening sources.sqlite: ")


def test_what_could_not_be_read_is_read_again_at_the_next_look(
    project: Project, book: RouteBook, caplog: pytest.LogCaptureFixture
) -> None:
    other = make_source(project, "other")
    with closing(sqlite3.connect(store(project).path, isolation_level=None)) as sources:
        sources.execute("UPDATE source SET tags = '['")
        book.refresh()
        sources.execute("UPDATE source SET tags = '[]'")
    assert book.find(str(other.id)) is None
    book.refresh()

    assert book.find(str(other.id))
    [told] = caplog.messages
    assert told.startswith("the sources stay as they were: JSONDecodeError at ")


@pytest.mark.parametrize("name", ["td-line.yml", ".td-line/secrets.yml"])
def test_a_file_whose_rights_have_changed_is_read_again(
    project: Project, source: Source, book: RouteBook, name: str
) -> None:
    before = book.find(str(source.id))
    (project.folder / name).chmod(0o640)
    book.refresh()

    assert book.find(str(source.id)) is not before


def test_a_file_of_sources_that_is_gone_changes_nothing_until_there_is_another(
    project: Project, source: Source, book: RouteBook, caplog: pytest.LogCaptureFixture
) -> None:
    store(project).path.unlink()
    for _ in range(3):
        book.refresh()
    assert book.find(str(source.id))
    assert caplog.messages == ["the sources stay as they were: sources.sqlite is gone; bring it back"]

    other = make_source(project, "other")
    book.refresh()
    assert book.find(str(other.id))
    assert book.find(str(source.id)) is None
