"""A project is a folder with a file that says little, and says it right."""

from collections.abc import Callable
from pathlib import Path

import pytest

from td_line_connectors.errors import ConfigError
from td_line_connectors.guards import Guards, Percent
from td_line_connectors.project.project import Project, find_project, read_project

MakeProject = Callable[..., Project]


def test_an_empty_file_is_a_project(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project("")
    assert (project.state, project.base_url, dict(project.connections)) == (tmp_path / ".td-line", None, {})


def test_what_the_file_says_is_read(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project("state: data/x\nbase_url: https://line.example.com/\nconnections: {a: {type: b}}")
    assert (project.state, project.base_url) == (tmp_path / "data" / "x", "https://line.example.com")
    assert project.connections["a"].plain == {"type": "b"}
    assert project.secrets.file == tmp_path / "data" / "x" / "secrets.yml"


def test_guards_are_off_unless_the_file_says_otherwise(make_project: MakeProject) -> None:
    assert make_project("").guards == make_project("max_invalid: none\nmax_shrink:").guards == Guards()
    assert make_project("max_invalid: 500").guards == Guards(max_invalid=500)
    both = Guards(max_invalid=Percent(2), max_shrink=Percent(30))
    assert make_project("max_invalid: 2%\nmax_shrink: 30%").guards == both


def test_the_project_is_found_from_a_folder_below(make_project: MakeProject, tmp_path: Path) -> None:
    make_project("")
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_project(tmp_path / "a" / "b") == find_project(tmp_path) == tmp_path


def test_without_a_project_file_the_way_to_one_is_said(tmp_path: Path) -> None:
    for look in (find_project, read_project):
        with pytest.raises(ConfigError, match="td-line init"):
            look(tmp_path)


@pytest.mark.parametrize(
    ("text", "where", "word"),
    [
        ("stat: x", "td-line.yml:1:1", "Did you mean «state»?"),
        ("keep_dayz: 3", "td-line.yml:1:1", "no key of td-line.yml"),
        ("- a", "td-line.yml:1:1", "must be a mapping"),
        ("state: [a]", "td-line.yml:1:8", "must be a text"),
        ("state: .", "td-line.yml:1:8", "folder of its own"),
        ("state: ..", "td-line.yml:1:8", "folder of its own"),
        ("state: /", "td-line.yml:1:8", "folder of its own"),
        ("state: ${HOME}/x", "td-line.yml:1:8", "only in a connection's secrets"),
        ("base_url: line.example.com", "td-line.yml:1:11", "http"),
        ("base_url: ###", "td-line.yml:1:1", "put it in quotes"),
        ("max_invalid: 2,5%", "td-line.yml:1:14", "such as 500"),
        ("max_shrink: 500", "td-line.yml:1:13", "such as 30%"),
        ("max_shrinc: 30%", "td-line.yml:1:1", "Did you mean «max_shrink»?"),
        ("connections: [a]", "td-line.yml:1:14", "mapping of connection names"),
        ("connections:\n  a: line_via_crescendo", "td-line.yml:2:3", "indented deeper"),
        ("connections:\n  a:", "td-line.yml:2:3", "indented deeper"),
        ("connections:\n  '${x}': {type: a}", "td-line.yml:2:3", "name cannot hold"),
        ("connections:\n  a: {type: b}\n  a: {type: c}", "td-line.yml:3:3", "twice"),
    ],
)
def test_what_the_file_must_not_say_is_named(make_project: MakeProject, text: str, where: str, word: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_project(text)
    assert caught.value.issues[0].where == where
    assert word in caught.value.issues[0].message


def test_everything_wrong_is_reported_at_once(make_project: MakeProject) -> None:
    with pytest.raises(ConfigError) as caught:
        make_project("sate: x\nbase_url: ftp://x\nconnections: {a: 1, b: 2}")
    places = [issue.where for issue in caught.value.issues]
    assert places == ["td-line.yml:1:1", "td-line.yml:2:11", "td-line.yml:3:15", "td-line.yml:3:21"]


def test_a_project_prints_no_token(make_project: MakeProject) -> None:
    project = make_project("connections: {a: {type: b, api_token: s3cret}}", TD_LINE_SECRET_A="s3cret")
    assert "s3cret" not in repr(project)
