"""What can be connected is listed, and described for people, pages and editors."""

import json

from jsonschema import Draft202012Validator

from tests.cli.conftest import TdLine


def test_the_connectors_are_listed_a_line_each(td_line: TdLine) -> None:
    ended = td_line("connectors")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "line_oa_streaming\tinput\tLINE OA Streaming\tevents, raw",
        "line_via_crescendo\toutput\tLine via Crescendo\tmembers, segments",
        "treasure_data\tquery\tTreasure Data\t",
    ]


def test_the_connectors_are_listed_as_json(td_line: TdLine) -> None:
    line_oa = {
        "name": "line_oa_streaming",
        "kind": "input",
        "title": "LINE OA Streaming",
        "data_objects": ["events", "raw"],
    }
    crescendo = {
        "name": "line_via_crescendo",
        "kind": "output",
        "title": "Line via Crescendo",
        "data_objects": ["members", "segments"],
    }
    queries = {"name": "treasure_data", "kind": "query", "title": "Treasure Data", "data_objects": []}

    assert td_line("connectors", "--json").json == {"connectors": [line_oa, crescendo, queries], "broken": []}


def test_a_connector_is_described_with_its_parameters_and_columns(td_line: TdLine) -> None:
    lines = td_line("describe", "line_via_crescendo").out.splitlines()

    assert lines[0] == "Line via Crescendo (line_via_crescendo)"
    assert "parameter\ttype\trequired\tdefault\twritten in\thelp" in lines
    tags = next(line for line in lines if line.startswith("tags\t")).split("\t")
    assert tags[1:5] == ["comma-separated text", "where data_object is members", "", "settings"]
    endpoint = next(line for line in lines if line.startswith("endpoint\t")).split("\t")
    assert endpoint[4] == "connection, beside api_token"
    assert "Columns of members" in lines
    assert "Columns of segments" in lines


def test_a_description_as_json_has_every_fact(td_line: TdLine) -> None:
    described = td_line("describe", "line_via_crescendo", "--json").json

    assert list(described) == ["name", "kind", "title", "parameters", "columns"]
    by_name = {each["name"]: each for each in described["parameters"]}
    assert by_name["api_token"]["secret"] is True
    assert by_name["import_key"]["required"] == {"parameter": "data_object", "equals": "members"}
    assert by_name["skip_invalid_records"]["default"] is True
    assert [each["name"] for each in described["columns"]["segments"]] == ["line_uid"]


def test_an_input_is_described_as_one(td_line: TdLine) -> None:
    described = td_line("describe", "line_oa_streaming", "--json").json

    assert described["kind"] == "input"
    assert described["parameters"][0]["name"] == "channel_secret"
    assert list(described["columns"]) == ["events", "raw"]


def test_what_runs_queries_is_described_without_columns(td_line: TdLine) -> None:
    described = td_line("describe", "treasure_data", "--json").json

    assert (described["kind"], described["columns"]) == ("query", {})
    assert [each["name"] for each in described["parameters"]] == ["api_key", "region", "endpoint"]
    assert "Columns" not in td_line("describe", "treasure_data").out


def test_an_unknown_connector_is_told_with_inputs_and_outputs(td_line: TdLine) -> None:
    ended = td_line("describe", "line_oa")

    assert ended.code == 2
    assert "line_oa_streaming, line_via_crescendo" in ended.err


def test_the_reference_page_is_markdown(td_line: TdLine) -> None:
    ended = td_line("describe", "line_via_crescendo", "--markdown")

    assert ended.out.startswith("# Line via Crescendo (`line_via_crescendo`)\n\n## Parameters\n")
    assert ended.out.endswith("|\n")


def test_the_json_schema_judges_a_block_of_settings(td_line: TdLine) -> None:
    for arguments in (["--json-schema"], ["--json-schema", "--json"]):
        schema = json.loads(td_line("describe", "line_via_crescendo", *arguments).out)

        validator = Draft202012Validator(schema)
        assert validator.is_valid({"api_token": "t", "data_object": "segments", "segment_name": "VIP"})
        assert not validator.is_valid({"api_token": "t", "data_object": "segments"})


def test_an_unknown_connector_is_told_with_the_known_ones(td_line: TdLine) -> None:
    ended = td_line("describe", "line_via_crescend")

    assert ended.code == 2
    assert "Did you mean «line_via_crescendo»?" in ended.err
