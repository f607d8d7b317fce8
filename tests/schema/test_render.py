"""From one declaration: a table, a reference page and a JSON Schema."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from td_line_connectors.connectors.crescendo.plugin import PLUGIN
from td_line_connectors.schema import render
from td_line_connectors.schema.columns import Column
from td_line_connectors.schema.parameters import Parameter, ParameterSchema, Place, When
from td_line_connectors.schema.types import BOOLEAN, SECONDS, SECRET, TAGS, TEXT, choice
from td_line_connectors.secret import Secret

LIST = When("kind", "list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    token: Secret
    kind: str
    list_name: str | None
    note: str | None
    tags: tuple[str, ...]
    quick: bool
    patience: float


def parameter(name: str, **facts: object) -> Parameter:
    return Parameter(name=name, label=name.title(), help="Some help.", **facts)  # type: ignore[arg-type]  # a table's facts


SCHEMA = ParameterSchema(
    into=Config,
    parameters=(
        parameter("token", type=SECRET, required=True, place=Place.EITHER),
        parameter("kind", type=choice("list", "row"), default="list"),
        parameter("list_name", type=TEXT, required=LIST, applies=LIST),
        parameter("note", type=TEXT, applies=LIST),
        parameter("tags", type=TAGS, default=("a", "b")),
        parameter("quick", type=BOOLEAN, default=False),
        parameter("patience", type=SECONDS, default=30.0, place=Place.CONNECTION, beside="token"),
    ),
)
COLUMNS = {"people": (Column(name="id", validate=str, help="The id.", required=True),)}

CRESCENDO = render.json_schema(PLUGIN.parameters, title=PLUGIN.title)
MEMBERS = {"api_token": "t", "data_object": "members", "import_key": "line_uid", "tags": "a, b"}
SEGMENTS = {"api_token": "t", "data_object": "segments", "segment_name": "VIP"}


def accepts(document: dict[str, object], block: object) -> bool:
    return Draft202012Validator(document).is_valid(block)


def test_a_parameters_row_says_everything_about_it() -> None:
    rows = {row[0]: row[1:] for row in render.parameter_rows(SCHEMA)}

    assert rows == {
        "token": ("secret", "yes", "", "connection or settings", "Some help."),
        "kind": ("`list` | `row`", "no", "list", "settings", "Some help."),
        "list_name": ("text", "where kind is list", "", "settings", "Some help."),
        "note": ("text", "no", "", "settings", "Some help. Has an effect only where kind is list."),
        "tags": ("comma-separated text", "no", "a, b", "settings", "Some help."),
        "quick": ("boolean", "no", "false", "settings", "Some help."),
        "patience": ("seconds", "no", "30", "connection, beside token", "Some help."),
    }


def test_a_columns_row_says_everything_about_it() -> None:
    assert render.column_rows(COLUMNS["people"]) == [("id", "text", "yes", "The id.")]


def test_the_markdown_has_a_table_of_parameters_and_one_for_each_data_object() -> None:
    page = render.markdown("some_output", "Some output", SCHEMA, COLUMNS)

    assert page.startswith("# Some output (`some_output`)\n\n## Parameters\n\n| parameter | type | required |")
    assert "## Columns of `people`\n\n| column | type | required | help |\n| --- | --- | --- | --- |\n| id |" in page
    assert page.endswith("|\n")


def test_a_bar_in_a_cell_of_the_markdown_does_not_end_the_cell() -> None:
    assert r"| kind | `list` \| `row` | no |" in render.markdown("x", "X", SCHEMA, {})


@pytest.mark.parametrize("schema", [SCHEMA, PLUGIN.parameters], ids=["a schema of this test", "line_via_crescendo"])
def test_the_json_schema_is_one(schema: ParameterSchema[Any]) -> None:
    document = render.json_schema(schema, title="x")

    Draft202012Validator.check_schema(document)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(document)) == document


def test_a_secret_is_write_only_and_defaults_and_help_are_told() -> None:
    properties: Any = render.json_schema(SCHEMA, title="x")["properties"]

    assert properties["token"]["writeOnly"] is True
    assert "default" not in properties["token"]
    assert properties["tags"]["default"] == ["a", "b"]
    assert properties["quick"]["default"] is False
    assert properties["note"] == {
        "title": "Note",
        "description": "Some help.",
        "type": "string",
        "minLength": 1,
        "$comment": "written in: settings",
    }


@pytest.mark.parametrize(
    "block",
    [
        MEMBERS,
        {**MEMBERS, "tags": ["a", "b"], "skip_invalid_records": False, "imports_per_minute": 3},
        SEGMENTS,
        {**SEGMENTS, "segment_description": "d", "update_segment": True, "region": "jp"},
    ],
    ids=["members", "members with more", "segments", "segments with more"],
)
def test_a_right_block_is_accepted_by_the_json_schema_and_by_the_parser(block: dict[str, object]) -> None:
    assert accepts(CRESCENDO, block)
    assert not PLUGIN.parameters.read(block).issues


@pytest.mark.parametrize(
    "block",
    [
        {},
        {key: value for key, value in MEMBERS.items() if key != "api_token"},
        {key: value for key, value in MEMBERS.items() if key != "import_key"},
        {key: value for key, value in MEMBERS.items() if key != "tags"},
        {key: value for key, value in SEGMENTS.items() if key != "segment_name"},
        {**MEMBERS, "import_key": "name"},
        {**MEMBERS, "data_object": "people"},
        {**MEMBERS, "imports_per_minute": 16},
        {**MEMBERS, "skip_invalid_records": "perhaps"},
        {**MEMBERS, "segment": "VIP"},
    ],
    ids=[
        "nothing", "no token", "members without a key", "members without tags", "segments without a name",
        "a key unknown", "a data object unknown", "too many imports", "no boolean", "an unknown parameter",
    ],
)  # fmt: skip
def test_a_wrong_block_is_refused_by_the_json_schema_and_by_the_parser(block: dict[str, object]) -> None:
    assert not accepts(CRESCENDO, block)
    assert PLUGIN.parameters.read(block).issues


def test_a_condition_that_the_default_meets_holds_where_nothing_is_given() -> None:
    document = render.json_schema(SCHEMA, title="x")

    assert not accepts(document, {"token": "t"})
    assert accepts(document, {"token": "t", "list_name": "VIP"})
    assert accepts(document, {"token": "t", "kind": "row"})


VALUES = st.sampled_from(
    ["members", "segments", "line_uid", "mobile", "a, b", "VIP", True, False, 3, 15, 99, 0.5, -1, ["a"], [], None]
)
BLOCKS = st.dictionaries(st.sampled_from([each.name for each in PLUGIN.parameters] + ["other"]), VALUES)


@settings(max_examples=300)
@given(BLOCKS, st.sampled_from([{}, MEMBERS, SEGMENTS]))
def test_no_parameter_is_missing_or_unknown_to_the_parser_in_what_the_json_schema_accepts(
    block: dict[str, object], start: dict[str, object]
) -> None:
    merged = {**start, **block}

    if accepts(CRESCENDO, merged):
        codes = {issue.code for issue in PLUGIN.parameters.read(merged).issues}
        assert codes.isdisjoint({"required", "unknown", "choice"})
