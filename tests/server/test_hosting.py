"""A project's receiver: its sources, secrets, databases, pages and log."""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from td_line_connectors.errors import ConfigError
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import Project, read_project
from td_line_connectors.server.call_log import CallLog
from td_line_connectors.server.hosting import hosting
from td_line_connectors.server.listening import listen
from tests.server.conftest import BODY, SECRET, signature
from tests.server.project import databases, make_project, make_source, path_of, receiving, store, write_secret

SECONDS = 10.0
BOTH = """["${secret:line.new}", "${secret:line.channel_secret}"]"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


def soon(holds: Callable[[], bool]) -> bool:
    """Say whether something comes true in time; the receiver looks twice a second."""
    until = monotonic() + SECONDS
    while monotonic() < until:
        if holds():
            return True
    return False


def count(project: Project, table: str, database: str = "line") -> int:
    [[number]] = databases(project).query(database, f"SELECT count(*) FROM {table}").rows  # noqa: S608 - our own names
    return int(str(number))


def write_project_file(project: Project, old: str, new: str) -> None:
    """Replace a text in the project's file."""
    file = project.folder / "td-line.yml"
    file.write_text(file.read_text().replace(old, new))


def test_a_call_is_in_both_tables_when_it_has_been_answered(project: Project) -> None:
    source = make_source(project)
    with receiving(project) as receiver:
        assert receiver.call(path_of(source), BODY) == 200
        assert (count(project, "calls"), count(project, "events")) == (1, 1)
        assert receiver.call(path_of(source), BODY) == 200

    assert (count(project, "calls"), count(project, "events")) == (2, 1)


def test_a_broken_body_is_kept_among_the_calls(project: Project) -> None:
    source = make_source(project)
    with receiving(project) as receiver:
        assert receiver.call(path_of(source), b'{"events": [NaN]}') == 400

    [[body]] = databases(project).query("line", "SELECT body FROM calls").rows
    assert body == '{"events": [NaN]}'


def test_sources_that_are_made_and_deleted_meanwhile_take_effect(project: Project) -> None:
    with receiving(project) as receiver:
        source = make_source(project)
        assert soon(lambda: receiver.call(path_of(source), BODY) == 200)
        other = make_source(project, "other", "elsewhere")
        assert soon(lambda: receiver.call(path_of(other), BODY) == 200)
        store(project).delete(source.id)
        assert soon(lambda: receiver.call(path_of(source), BODY) == 404)
        assert receiver.call(path_of(other), BODY) == 200

    assert count(project, "events", "elsewhere") == 1


def test_a_secret_that_is_replaced_meanwhile_takes_effect(project: Project) -> None:
    source = make_source(project)
    with receiving(project) as receiver:
        assert receiver.call(path_of(source), BODY, "new") == 401
        write_secret(project.folder, "new", "line.new")
        write_project_file(project, "${secret:line.channel_secret}", BOTH)
        assert soon(lambda: receiver.call(path_of(source), BODY, "new") == 200)
        assert receiver.call(path_of(source), BODY, SECRET) == 200
        write_project_file(project, BOTH, "${secret:line.new}")
        assert soon(lambda: receiver.call(path_of(source), BODY, SECRET) == 401)
        assert receiver.call(path_of(source), BODY, "new") == 200


def test_a_connection_that_is_broken_meanwhile_asks_for_the_calls_again_until_it_is_mended(project: Project) -> None:
    source = make_source(project)
    secrets = project.state / "secrets.yml"
    with receiving(project) as receiver:
        secrets.unlink()
        assert soon(lambda: receiver.call(path_of(source), BODY) == 503)
        write_secret(project.folder, SECRET)
        assert soon(lambda: receiver.call(path_of(source), BODY) == 200)

    assert any("source shop takes no calls: " in line for line in "".join(receiver.log).splitlines())


def test_a_project_file_that_is_broken_meanwhile_changes_nothing(project: Project) -> None:
    source = make_source(project)
    with receiving(project) as receiver:
        (project.folder / "td-line.yml").write_text("connections: [")
        assert soon(lambda: any("the sources stay as they were" in lines for lines in receiver.log))
        assert receiver.call(path_of(source), BODY) == 200


def test_a_broken_connection_does_not_keep_the_receiver_from_starting(project: Project) -> None:
    source = make_source(project)
    write_project_file(project, "line_oa:", "renamed:")
    with receiving(read_project(project.folder)) as receiver:
        assert receiver.call(path_of(source), BODY) == 503
        write_project_file(project, "renamed:", "line_oa:")
        assert soon(lambda: receiver.call(path_of(source), BODY) == 200)


def test_it_is_healthy_and_ready(project: Project) -> None:
    make_source(project)
    with receiving(project) as receiver:
        assert receiver.get("/healthz") == (200, "healthy\n")
        assert receiver.get("/readyz") == (200, "ready\n")


def test_it_is_ready_before_it_has_a_source(project: Project) -> None:
    with receiving(project) as receiver:
        assert receiver.get("/readyz")[0] == 200


def test_a_database_that_is_gone_makes_it_unready_but_not_unhealthy_and_its_calls_come_again(project: Project) -> None:
    source = make_source(project)
    file = databases(project).path("line")
    with receiving(project) as receiver:
        file.rename(file.with_suffix(".away"))
        assert receiver.get("/readyz")[0] == 503
        assert receiver.get("/healthz")[0] == 200
        assert receiver.call(path_of(source), BODY) == 503
        file.with_suffix(".away").rename(file)
        assert receiver.call(path_of(source), BODY) == 200
        assert soon(lambda: receiver.get("/readyz")[0] == 200)


def test_a_database_that_may_only_be_read_makes_it_unready(project: Project) -> None:
    if os.geteuid() == 0:
        file = databases(project).folder / "line.sqlite"
        make_source(project)
        file.write_bytes(b"this is no database, and root may write anywhere")
    else:
        make_source(project)
        databases(project).path("line").chmod(0o400)
    with receiving(project) as receiver:
        assert receiver.get("/readyz")[0] == 503


def test_metrics_name_the_source_and_never_its_id(project: Project) -> None:
    source = make_source(project)
    with receiving(project) as receiver:
        receiver.call(path_of(source), BODY)
        receiver.call(path_of(source), BODY, "another")
        status, page = receiver.get("/metrics")

    assert status == 200
    assert 'td_line_calls_total{source="shop",status="200"} 1.0' in page
    assert 'td_line_calls_total{source="shop",status="401"} 1.0' in page
    assert "td_line_stored_calls_total 1.0" in page
    assert "td_line_commits_total 1.0" in page
    assert str(source.id) not in page


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_has_one_line_for_each_call_and_nothing_of_what_was_in_it(project: Project, form: str) -> None:
    source = make_source(project)
    with receiving(project, form) as receiver:
        receiver.call(path_of(source), BODY)
        receiver.call(path_of(source), BODY, "another")
        receiver.request("GET", f"/{source.id}?secret={SECRET}")

    log = "".join(receiver.log)
    assert [re.findall(r"\b(200|401|404)\b", line) for line in log.splitlines()] == [["200"], ["401"], ["404"]]
    for hidden in (str(source.id), source.id.hex, SECRET, "hidden", signature(BODY), "U8e742f61"):
        assert hidden not in log


@pytest.mark.parametrize("package", ["uvicorn", "prometheus_client"])
def test_without_the_serve_extra_it_does_not_start_and_says_what_to_install(
    project: Project, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # Python then says that there is no such package

    with pytest.raises(ConfigError, match=re.escape("install td-line-connectors[serve]")), receiving(project):
        pass


def test_an_address_in_use_keeps_it_from_starting(project: Project) -> None:
    with listen("127.0.0.1", 0) as taken:
        place = hosting(project, default_registry(), CallLog(len), port=taken.getsockname()[1])
        with pytest.raises(ConfigError, match="in use"):
            place.__enter__()
