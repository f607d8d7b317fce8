"""Our own look at a JSON Schema agrees with the meta-schema's, so that authors need no further package."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from td_line_connectors.plugins import BUILT_IN
from td_line_connectors.schema import render
from td_line_connectors.testing.contracts.json_schemas import DIALECT, faults_of

SCHEMAS: list[Any] = [
    True,
    {},
    {"type": "string"},
    {"type": ["string", "null"]},
    {"type": "strng"},
    {"type": []},
    {"type": 7},
    {"type": ["string", 7]},
    {"enum": ["a", 1, None]},
    {"enum": "a"},
    {"const": [1]},
    {"minLength": 1},
    {"minLength": -1},
    {"minLength": 1.5},
    {"minLength": True},
    {"minimum": 1.5},
    {"minimum": "1"},
    {"minimum": True},
    {"multipleOf": 0},
    {"multipleOf": 0.5},
    {"pattern": "^[a-z]+$"},
    {"pattern": 7},
    {"required": ["a", "b"]},
    {"required": ["a", "a"]},
    {"required": "a"},
    {"writeOnly": "yes"},
    {"writeOnly": True},
    {"description": 7},
    {"properties": {"a": {"type": "string"}}},
    {"properties": {"a": {"type": "strng"}}},
    {"properties": {"a": 7}},
    {"properties": []},
    {"items": {"type": "strng"}},
    {"items": False},
    {"additionalProperties": "no"},
    {"allOf": []},
    {"allOf": [{"if": {"required": ["a"]}, "then": {"required": [1]}}]},
    {"allOf": [{"if": {"required": ["a"]}, "then": {"required": ["b"]}}]},
    {"anyOf": {"type": "string"}},
    {"x-ours": object},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=repr)
def test_our_verdict_is_the_meta_schemas(schema: Any) -> None:
    try:
        Draft202012Validator.check_schema(schema)
        sound = True
    except SchemaError:
        sound = False

    assert (list(faults_of(schema)) == []) == sound


def test_a_fault_is_told_with_its_place() -> None:
    found = list(faults_of({"properties": {"age": {"type": "integer", "minimum": "0"}}}))

    assert found == ["#/properties/age/minimum: not a value that this keyword takes"]


@pytest.mark.parametrize("plugin", BUILT_IN, ids=lambda each: each.name)
def test_the_dialect_is_the_one_that_is_written(plugin: Any) -> None:
    schema = render.json_schema(plugin.parameters, title=plugin.title)

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DIALECT
