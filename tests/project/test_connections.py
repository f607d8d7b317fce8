"""A connection and an export's settings say together what a connector is told."""

from collections.abc import Callable, Mapping

import pytest

from td_line_connectors.errors import ConfigError
from td_line_connectors.project.connections import (
    Examination,
    ResolvedConnection,
    examine_connections,
    examine_export,
    find_connection,
    resolve_export,
)
from td_line_connectors.project.expansion import raw_value
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.secret import Secret
from td_line_connectors.settings.document import read_document
from td_line_connectors.settings.node import Mark, plain_node

MakeProject = Callable[..., Project]

MEMBERS = "data_object: members\nimport_key: line_uid\ntags: a, b\n"
TYPE = "type: line_via_crescendo"


@pytest.fixture
def examine(make_project: MakeProject, registry: Registry) -> Callable[..., Examination]:
    """Put a connection `c`, given as the lines of its block, and settings together."""

    def look(connection: str | None, settings: str, **environ: str) -> Examination:
        block = "".join(f"    {line}\n" for line in (connection or TYPE).splitlines())
        project = make_project(f"connections:\n  c:\n{block}", **environ)
        named = ("c", project.connections["c"]) if connection is not None else None
        return examine_export(named, read_document(settings, "wf.dig").root, registry, project.secrets)

    return look


Examine = Callable[..., Examination]


def resolved(examination: Examination) -> ResolvedConnection:
    assert not examination.issues, [str(issue) for issue in examination.issues]
    assert examination.resolved is not None
    return examination.resolved


def test_connection_and_settings_become_one_flat_mapping(examine: Examine) -> None:
    connection = resolved(examine(f"{TYPE}\napi_token: t\nregion: jp", MEMBERS))
    assert connection.name == "c"
    assert connection.plugin.name == "line_via_crescendo"
    assert connection.values == {
        "api_token": Secret("t"),
        "data_object": "members",
        "import_key": "line_uid",
        "tags": "a, b",
        "region": "jp",
    }


def test_the_settings_win(examine: Examine) -> None:
    connection = resolved(examine(f"{TYPE}\napi_token: theirs", MEMBERS + "api_token: ours"))
    assert connection.values["api_token"] == Secret("ours")


def test_a_blank_setting_does_not_win(examine: Examine) -> None:
    connection = resolved(examine(f"{TYPE}\napi_token: theirs", MEMBERS + "api_token: ' '"))
    assert connection.values["api_token"] == Secret("theirs")


def test_a_block_complete_in_itself_needs_no_connection(examine: Examine) -> None:
    connection = resolved(examine(None, f"{TYPE}\napi_token: t\nregion: jp\nphone_region: TH\n{MEMBERS}"))
    assert (connection.name, connection.values["region"], connection.values["phone_region"]) == (None, "jp", "TH")


def test_values_stay_as_written_for_the_parameters_own_type(examine: Examine) -> None:
    settings = "data_object: members\nimport_key: line_uid\ntags: [20260101, no]"
    connection = resolved(examine(f"{TYPE}\napi_token: t\nimports_per_minute: 15", settings))
    assert connection.values["tags"] == ["20260101", "no"]
    assert connection.values["imports_per_minute"] == "15"


def test_a_secret_is_looked_up_last(examine: Examine) -> None:
    token = "api_token: ${secret:crescendo.api_token}"
    connection = resolved(examine(f"{TYPE}\n{token}", MEMBERS, TD_LINE_SECRET_CRESCENDO_API_TOKEN="t0p"))
    assert connection.values["api_token"] == Secret("t0p")


def test_a_secret_may_be_part_of_a_text(examine: Examine) -> None:
    connection = resolved(
        examine(f"{TYPE}\napi_token: ${{secret:a}}-${{secret:b}}", MEMBERS, TD_LINE_SECRET_A="x", TD_LINE_SECRET_B="y")
    )
    assert connection.values["api_token"] == Secret("x-y")


def test_each_text_of_a_list_of_secrets_is_looked_up(make_project: MakeProject) -> None:
    secrets = make_project("", TD_LINE_SECRET_A="x").secrets
    node = plain_node(["${secret:a}", "literal"], Mark("-s"))
    assert raw_value(node, secrets, [], secret=True) == [Secret("x"), Secret("literal")]


def test_the_text_of_a_secret_is_not_expanded_again(examine: Examine) -> None:
    connection = resolved(examine(f"{TYPE}\napi_token: ${{secret:a}}", MEMBERS, TD_LINE_SECRET_A="${secret:a} ${x}"))
    assert connection.values["api_token"] == Secret("${secret:a} ${x}")


def test_the_connections_secret_is_not_missed_where_the_settings_bring_their_own(examine: Examine) -> None:
    resolved(examine(f"{TYPE}\napi_token: ${{secret:nowhere}}", MEMBERS + "api_token: own"))


def test_an_endpoint_beside_a_token_in_the_settings_is_taken(examine: Examine) -> None:
    settings = MEMBERS + "api_token: own\nregion: tw\nendpoint: http://127.0.0.1:8000"
    connection = resolved(examine(f"{TYPE}\napi_token: theirs\nregion: jp", settings))
    assert connection.values["endpoint"] == "http://127.0.0.1:8000"
    assert connection.values["region"] == "tw"


BAD: list[tuple[str, str | None, str, list[tuple[str, str]]]] = [
    (
        "missing parameters",
        f"{TYPE}\napi_token: t",
        "x: 1",
        [("wf.dig:1:1", "data_object"), ("wf.dig:1:1", "no parameter")],
    ),
    (
        "conditions",
        f"{TYPE}\napi_token: t",
        "data_object: members",
        [("wf.dig:1:1", "import_key"), ("wf.dig:1:1", "tags")],
    ),
    ("typo", f"{TYPE}\napi_token: t", MEMBERS + "segment_nam: x", [("wf.dig:4:1", "Did you mean «segment_name»?")]),
    ("wrong value", f"{TYPE}\napi_token: t", "data_object: segment\nsegment_name: x", [("wf.dig:1:14", "members")]),
    ("yes", f"{TYPE}\napi_token: t", MEMBERS + "skip_invalid_records: yes", [("wf.dig:4:23", "true or false")]),
    ("commented token", TYPE, MEMBERS + "api_token: ###", [("wf.dig:4:1", "put it in quotes")]),
    ("commented in the connection", f"{TYPE}\napi_token: ###", MEMBERS, [("td-line.yml:4:5", "put it in quotes")]),
    (
        "commented token beside an endpoint",
        f"{TYPE}\napi_token: ###\nendpoint: https://maac.example",
        MEMBERS,
        [("td-line.yml:4:5", "put it in quotes")],
    ),
    (
        "blank token beside an endpoint, for the connection's token",
        f"{TYPE}\napi_token: t",
        MEMBERS + "api_token:\nendpoint: https://evil.example",
        [("wf.dig:5:1", "only beside api_token")],
    ),
    ("no token", TYPE, MEMBERS, [("wf.dig:1:1", "api_token")]),
    (
        "missing secret",
        f"{TYPE}\napi_token: ${{secret:a.b-c}}",
        MEMBERS,
        [("td-line.yml:4:16", "`td-line secrets set a.b-c`, or in the environment variable TD_LINE_SECRET_A_B_C")],
    ),
    (
        "secret in a parameter that is none",
        f"{TYPE}\napi_token: t",
        MEMBERS.replace("a, b", "[a, '${secret:x}']"),
        [("wf.dig:3:11", "parameter that is secret")],
    ),
    (
        "name in the project file",
        f"{TYPE}\napi_token: ${{token}}",
        MEMBERS,
        [("td-line.yml:4:16", "in workflow files alone")],
    ),
    (
        "setting in the connection",
        f"{TYPE}\napi_token: t\ntags: a",
        MEMBERS,
        [("td-line.yml:5:5", "belongs in the settings")],
    ),
    (
        "phone region in the settings",
        f"{TYPE}\napi_token: t",
        MEMBERS + "phone_region: JP",
        [("wf.dig:4:1", "belongs in the connection")],
    ),
    (
        "region without a token",
        f"{TYPE}\napi_token: t",
        MEMBERS + "region: jp",
        [("wf.dig:4:1", "only beside api_token")],
    ),
    (
        "endpoint away from the token",
        f"{TYPE}\nendpoint: https://evil.example",
        MEMBERS + "api_token: t",
        [("td-line.yml:4:5", "only beside api_token")],
    ),
    (
        "own token for the connection's host",
        f"{TYPE}\napi_token: theirs\nendpoint: https://proxy.example\nregion: jp",
        MEMBERS + "api_token: own",
        [("wf.dig:4:1", "the connection's region and endpoint are for the connection's api_token")],
    ),
    (
        "own token and half of the host",
        f"{TYPE}\napi_token: theirs\nendpoint: https://proxy.example\nregion: jp",
        MEMBERS + "api_token: own\nregion: tw",
        [("wf.dig:4:1", "the connection's endpoint is for")],
    ),
    ("plain http", f"{TYPE}\napi_token: t\nendpoint: http://api.example", MEMBERS, [("td-line.yml:5:15", "https")]),
    ("no type", "api_token: t", MEMBERS, [("td-line.yml:2:3", "needs its `type:`")]),
    ("unknown type", "type: line_via_crescend", MEMBERS, [("td-line.yml:3:11", "Did you mean «line_via_crescendo»?")]),
    ("mapping for a token", f"{TYPE}\napi_token: {{a: s3cret}}", MEMBERS, [("td-line.yml:4:16", "text")]),
]


@pytest.mark.parametrize(
    ("connection", "settings", "expected"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_what_is_wrong_is_named_with_its_place(
    examine: Examine, connection: str, settings: str, expected: list[tuple[str, str]]
) -> None:
    examination = examine(connection, settings)
    assert examination.resolved is None
    assert [issue.where for issue in examination.issues] == [where for where, _ in expected]
    for issue, (_, word) in zip(examination.issues, expected, strict=True):
        assert word in str(issue)
    assert "s3cret" not in str(examination)


def test_everything_wrong_is_reported_at_once_in_console_order(examine: Examine) -> None:
    settings = "typo: 1\nskip_invalid_records: yes\nimport_key: uid\ndata_object: members\nregion: jp"
    examination = examine(f"{TYPE}\napi_token: ${{secret:gone}}\npoll_interval: soon", settings)
    fields = [issue.field.split(".")[-1] for issue in examination.issues]
    expected = ["api_token", "import_key", "tags", "skip_invalid_records", "region", "poll_interval", "typo"]
    assert fields == expected


def test_what_has_no_effect_is_a_warning(examine: Examine) -> None:
    examination = examine(f"{TYPE}\napi_token: t", MEMBERS + "segment_name: x\nsegment_description: # later")
    assert examination.resolved is not None
    assert [(issue.where, issue.code) for issue in examination.warnings] == [
        ("wf.dig:4:1", "not_applicable"),
        ("wf.dig:5:1", "comment"),
    ]


def test_a_secrets_file_that_cannot_be_read_is_one_more_issue(examine: Examine, make_project: MakeProject) -> None:
    state = make_project("").state
    state.mkdir()
    (state / "secrets.yml").write_text("a: 'open")
    examination = examine(f"{TYPE}\napi_token: ${{secret:a}}", "data_object: members")
    assert [issue.where for issue in examination.issues] == ["secrets.yml:1:9", "wf.dig:1:1", "wf.dig:1:1"]


def test_the_raising_form_raises_the_same(make_project: MakeProject, registry: Registry) -> None:
    project = make_project(f"connections:\n  c:\n    {TYPE}")
    settings = plain_node({"data_object": "x"}, Mark("-s"))
    with pytest.raises(ConfigError) as caught:
        resolve_export(("c", project.connections["c"]), settings, registry, project.secrets)
    assert [issue.where for issue in caught.value.issues] == ["-s", "-s"]


def test_settings_of_the_command_line_resolve(make_project: MakeProject, registry: Registry) -> None:
    project = make_project(f"connections:\n  c:\n    {TYPE}\n    api_token: t")
    settings: Mapping[str, str] = {"data_object": "segments", "segment_name": "x"}
    node = plain_node(dict(settings), Mark("-s"))
    found = find_connection(project, plain_node("c", Mark("--connection")))
    assert resolve_export(found, node, registry, project.secrets).values == {**settings, "api_token": Secret("t")}


def test_an_unknown_connection_is_named_with_the_nearest(make_project: MakeProject) -> None:
    project = make_project(f"connections:\n  crescendo_tw:\n    {TYPE}")
    with pytest.raises(ConfigError, match=r"Did you mean «crescendo_tw»\? Known: crescendo_tw"):
        find_connection(project, plain_node("crescendo", Mark("--connection")))


CHECKED = [
    ("settings may follow", f"{TYPE}", []),
    ("a wrong value", f"{TYPE}\nimports_per_minute: 99", ["td-line.yml:4:25"]),
    ("a setting", f"{TYPE}\ndata_object: members", ["td-line.yml:4:5"]),
    ("an unknown key", f"{TYPE}\ntoken: x", ["td-line.yml:4:5"]),
    ("a missing secret", f"{TYPE}\napi_token: ${{secret:x}}", ["td-line.yml:4:16"]),
    ("an endpoint alone", f"{TYPE}\nendpoint: https://x.example", ["td-line.yml:4:5"]),
    ("no type", "api_token: x", ["td-line.yml:2:3"]),
]


@pytest.mark.parametrize(("block", "places"), [case[1:] for case in CHECKED], ids=[case[0] for case in CHECKED])
def test_a_connection_is_checked_on_its_own(
    make_project: MakeProject, registry: Registry, block: str, places: list[str]
) -> None:
    lines = "".join(f"    {line}\n" for line in block.splitlines())
    examination = examine_connections(make_project(f"connections:\n  c:\n{lines}"), registry)
    assert [issue.where for issue in examination.issues] == places


def test_no_token_is_in_what_an_examination_prints(examine: Examine) -> None:
    examination = examine(f"{TYPE}\napi_token: s3cret\nregion: s3cret", MEMBERS)
    assert "s3cret" not in repr(examination)
    assert "s3cret" not in repr(resolved(examine(f"{TYPE}\napi_token: s3cret", MEMBERS)))
