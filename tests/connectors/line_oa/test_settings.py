"""What a connection may say, and what it may not."""

from collections.abc import Mapping

import pytest
from jsonschema import Draft202012Validator

from td_line_connectors.connectors.line_oa.connector import PLUGIN
from td_line_connectors.connectors.line_oa.settings import PARAMETERS
from td_line_connectors.errors import ConfigError
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.connections import examine_connection
from td_line_connectors.schema.render import json_schema
from td_line_connectors.secret import Secret
from td_line_connectors.settings.document import read_document
from td_line_connectors.settings.secrets import Secrets
from tests.connectors.line_oa.reception import DATA

BLOCK = "type: line_oa_streaming\n"


def examined(block: str, **environ: str) -> list[str]:
    """Give what is wrong with a connection, each with the parameter's name before it."""
    secrets = Secrets(environ, DATA.with_name("no-secrets.yml"))
    node = read_document(BLOCK + block, "td-line.yml").root
    return [f"{each.field}: {each.message}" for each in examine_connection(node, default_registry(), secrets).issues]


@pytest.mark.parametrize(
    ("given", "secrets"),
    [
        ("a", ["a"]),
        (["a"], ["a"]),
        (["new", "old"], ["new", "old"]),
        (("a", "b", "a"), ["a", "b"]),
        (Secret("a"), ["a"]),
        ([Secret("a"), "b"], ["a", "b"]),
        (1234, ["1234"]),
    ],
    ids=repr,
)
def test_a_channel_secret_is_one_or_several(given: object, secrets: list[str]) -> None:
    config = PARAMETERS.parse({"channel_secret": given})

    assert [each.reveal() for each in config.channel_secret] == secrets
    assert "Secret" not in repr(config)


@pytest.mark.parametrize(
    "given", [None, "", " ", [], ["a", ""], ["a", None], [["a"]], {"a": "b"}, Secret(""), [Secret("")], True], ids=repr
)
def test_an_empty_channel_secret_is_refused(given: object) -> None:
    with pytest.raises(ConfigError, match="channel_secret"):
        PARAMETERS.parse({"channel_secret": given})


def test_what_is_not_given_has_its_default() -> None:
    config = PARAMETERS.parse({"channel_secret": "a"})

    assert (config.td_api_key, config.region, config.ingest_endpoint, config.import_endpoint) == (
        None,
        "us",
        None,
        None,
    )


@pytest.mark.parametrize(
    "block",
    [
        "channel_secret: ${secret:line}",
        "channel_secret: [literal, '${secret:line}']",
        "channel_secret:\n- ${secret:line}\n- old",
        "channel_secret: a\ntd_api_key: ${secret:line}\nregion: ap03\ningest_endpoint: https://in.example.com",
    ],
    ids=["one", "a list on a line", "a list", "with a key"],
)
def test_a_connection_is_read_from_yaml(block: str) -> None:
    assert examined(block, TD_LINE_SECRET_LINE="s") == []


@pytest.mark.parametrize(
    ("block", "wrong"),
    [
        ("", "channel_secret: is required"),
        ("channel_secret: [a, '']", "channel_secret: must be a text, or a list of texts of which none is empty"),
        ("channel_secret: [a, '${secret:gone}']", "channel_secret.1: there is no secret «gone»"),
        ("channel_secret: a\nregion: mars", "region: may stand only beside td_api_key"),
        ("channel_secret: a\ntd_api_key: k\nregion: mars", "region: must be one of: us, tokyo, eu01, ap02, ap03"),
        ("channel_secret: a\ningest_endpoint: https://x.example", "ingest_endpoint: may stand only beside td_api_key"),
        ("channel_secret: a\nimport_endpoint: https://x.example", "import_endpoint: may stand only beside td_api_key"),
        (
            "channel_secret: a\ntd_api_key: k\nimport_endpoint: http://x.example",
            "import_endpoint: must begin with https",
        ),
        ("channel_secrets: a", "channel_secrets: is no parameter of this connector. Did you mean «channel_secret»?"),
    ],
    ids=lambda each: each[:45],
)
def test_a_fault_in_a_connection_is_told(block: str, wrong: str) -> None:
    assert [each for each in examined(block) if each.startswith(wrong)]


@pytest.mark.parametrize(
    ("block", "is_valid"),
    [
        ({"channel_secret": "a"}, True),
        ({"channel_secret": ["a", "b"]}, True),
        ({"channel_secret": []}, False),
        ({"channel_secret": [""]}, False),
        ({"channel_secret": 5}, False),
        ({}, False),
    ],
    ids=str,
)
def test_an_editor_knows_the_same_by_the_json_schema(block: Mapping[str, object], is_valid: bool) -> None:  # noqa: FBT001 - a table
    schema = json_schema(PARAMETERS, title=PLUGIN.title)

    assert Draft202012Validator(schema).is_valid(block) == is_valid
    assert schema["properties"]["channel_secret"]["writeOnly"] is True  # type: ignore[index]  # JSON
