"""A target that was written down leads to the same place again, or to nowhere."""

import json
from collections.abc import Callable, Mapping

import pytest

from td_line_connectors.errors import ConfigError
from td_line_connectors.project.connections import ResolvedConnection, find_connection, resolve_export
from td_line_connectors.project.project import Project
from td_line_connectors.project.targets import Target, resolve_again, target_of
from td_line_connectors.registry import Registry
from td_line_connectors.secret import Secret
from td_line_connectors.settings.node import Mark, Plain, plain_node

MakeProject = Callable[..., Project]

SETTINGS: Mapping[str, Plain] = {"data_object": "members", "import_key": "line_uid", "tags": "a, b"}
TYPE = "type: line_via_crescendo"
REFERENCE = "api_token: ${secret:k}"
ENVIRON = {"TD_LINE_SECRET_K": "first", "TD_LINE_SECRET_OTHER": "first"}


class Desk:
    """Writes a target down, and puts it together again under another project file."""

    def __init__(self, make_project: MakeProject, registry: Registry) -> None:
        self._make_project = make_project
        self._registry = registry

    def project(self, lines: str, **environ: str) -> Project:
        block = "".join(f"    {line}\n" for line in f"{TYPE}\n{lines}".splitlines())
        return self._make_project(f"connections:\n  c:\n{block}", **{**ENVIRON, **environ})

    def written(self, lines: str = REFERENCE, **settings: Plain) -> Target:
        project = self.project(lines)
        node = plain_node({**SETTINGS, **settings}, Mark("wf.dig"))
        named = find_connection(project, plain_node("c", Mark("wf.dig")))
        target = target_of(resolve_export(named, node, self._registry, project.secrets))
        return Target.from_json(json.loads(json.dumps(target.to_json())))

    def again(
        self, target: Target, lines: str, written: Mapping[str, Plain] | None, **environ: str
    ) -> ResolvedConnection:
        node = None if written is None else plain_node(dict(written), Mark("wf.dig"))
        return resolve_again(target, self.project(lines, **environ), self._registry, node)


@pytest.fixture
def desk(make_project: MakeProject, registry: Registry) -> Desk:
    return Desk(make_project, registry)


def test_what_was_written_down_is_put_together_again(desk: Desk) -> None:
    target = desk.written()
    again = desk.again(target, REFERENCE, None)

    assert again.values == {"api_token": Secret("first"), **SETTINGS}
    assert target_of(again) == target


def test_a_secret_is_never_written_down(desk: Desk) -> None:
    for target in (desk.written(), desk.written("region: jp\napi_token: first"), desk.written("", api_token="first")):
        assert "first" not in json.dumps(target.to_json())


@pytest.mark.parametrize(
    ("lines", "settings", "left_out"),
    [
        (REFERENCE, {}, []),
        ("api_token: first", {}, []),
        ("", {"api_token": "${secret:k}"}, []),
        ("", {"api_token": " ${secret:k} "}, []),
        ("", {"api_token": "first"}, ["api_token"]),
        ("", {"api_token": "x-${secret:k}"}, ["api_token"]),
    ],
    ids=["a reference", "the connection's", "in settings", "with blanks", "written out", "half of it"],
)
def test_only_a_secret_written_out_in_the_settings_is_left_out(
    desk: Desk, lines: str, settings: dict[str, Plain], left_out: list[str]
) -> None:
    assert list(desk.written(lines, **settings).left_out) == left_out


def test_a_secret_that_was_left_out_is_taken_from_the_settings_of_today(desk: Desk) -> None:
    target = desk.written("", api_token="first")

    assert desk.again(target, "", {"api_token": "second"}).values["api_token"] == Secret("second")
    with pytest.raises(ConfigError, match="api_token: was written out in the workflow file"):
        desk.again(target, "", None)
    with pytest.raises(ConfigError, match="api_token: was written out in the workflow file"):
        desk.again(target, "", {})


@pytest.mark.parametrize(
    ("lines", "environ"),
    [
        (REFERENCE, {"TD_LINE_SECRET_K": "rotated"}),
        ("api_token: rotated", {}),
        (f"{REFERENCE}\nregion: tw", {}),
        (f"{REFERENCE}\ntask_timeout: 3600\npoll_interval: 5\nrequest_timeout: 60\nimports_per_minute: 3", {}),
        (f"{REFERENCE}\nphone_region: JP", {}),
    ],
    ids=["a new token under its key", "a new token written out", "a default written out", "more patience", "reading"],
)
def test_what_changes_neither_rows_nor_their_way_may_change(desk: Desk, lines: str, environ: dict[str, str]) -> None:
    assert desk.again(desk.written(), lines, None, **environ).values["data_object"] == "members"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (f"{REFERENCE}\nregion: jp", "region: was tw when the run began, and is jp now: set it back"),
        (f"{REFERENCE}\nendpoint: https://example.com", "endpoint: was not given when the run began, and is https://e"),
        ("api_token: ${secret:other}", r"api_token: was \$\{secret:k\} when the run began, and is \$\{secret:other\}"),
    ],
    ids=["another region", "another host", "another key"],
)
def test_what_would_send_rows_elsewhere_is_refused_by_name(desk: Desk, lines: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        desk.again(desk.written(), lines, None)


def test_a_connection_that_has_become_another_type_is_refused(desk: Desk) -> None:
    target = Target.from_json({**desk.written().to_json(), "plugin": "another"})

    with pytest.raises(ConfigError, match="type: was another when the run began, and is line_via_crescendo now"):
        desk.again(target, REFERENCE, None)


def test_a_parameter_that_a_newer_version_adds_is_no_difference(desk: Desk) -> None:
    known = desk.written().to_json()
    target = Target.from_json({**known, "values": {"data_object": "members"}})

    assert desk.again(target, REFERENCE, None).values["data_object"] == "members"
